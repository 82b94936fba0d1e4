"""The page of a commitment as readers see it on a given day."""

import re
from dataclasses import replace

import pytest

from registry import clock
from registry.log import publishing
from registry.models import Record
from tests.registry import items
from tests.registry.public_pages import day, publish, read, section

pytestmark = pytest.mark.django_db


def test_commitment_page_shows_target_deadline_and_planned_evidence(commitment, reader):
    words = read(reader, "/commitments/C-00001")
    assert "Local Employment C-00001 “Twenty apprenticeships”" in words
    assert "Promised by Brookfield Catering Ltd" in words
    assert "“Twenty apprenticeships”" in words
    assert "20 by 30 June 2027" in words
    assert "Planned evidence Payroll records and college letters" in words


def test_commitment_page_has_its_blocks_in_reading_order(commitment, reader):
    body = reader.get("/commitments/C-00001").content.decode()
    blocks = re.findall(r'<section[^>]* id="(\w+)"', body)
    assert blocks[:5] == ["delivery", "progress", "successes", "reporting", "periods"]
    assert blocks[5:] == ["promise", "timeline", "others", "use"]


def test_due_commitment_without_a_request_is_never_overdue(commitment, reader):
    due = (
        "Due now: an update was due on 1 April 2026. "
        "We have not sent a reminder since the due date."
    )
    assert due in section(reader, "reporting", "2026-04-02")
    # Without a request that was sent, the commitment is never overdue, however late it is.
    assert due in section(reader, "reporting", "2026-09-01")


def test_overdue_commitment_shows_the_dates_of_our_requests(commitment, reader):
    requests = ["2026-03-02", "2026-03-25", "2026-04-07", "2026-04-15"]
    publish("2026-04-16", items.period(requested_on=requests))
    assert "Due now: an update was due on 1 April 2026." in section(
        reader, "reporting", "2026-04-30"
    )
    assert (
        "Overdue since 1 May 2026: an update was due on 1 April. "
        "We sent 4 reminders: 2 March, 25 March, 7 April, 15 April 2026."
    ) in section(reader, "reporting", "2026-05-01")
    assert "Silent since 30 June 2026: the update due on 1 April has not been received." in section(
        reader, "reporting", "2026-06-30"
    )
    assert "Silent 4: 2 March, 25 March, 7 April and 15 April" in section(
        reader, "periods", "2026-06-30"
    )


def test_silent_commitment_shows_its_later_missing_updates(commitment, reader):
    first = items.period(requested_on=["2025-12-16", "2026-04-07"])
    second = items.period(2, requested_on=["2026-07-14"])
    publish("2026-07-15", first, second, items.period(3))
    assert (
        "We sent reminders on 16 December 2025 and 7 April 2026. 1 later update is also missing."
    ) in section(reader, "reporting", "2026-07-15")
    assert "2 later updates are also missing." in section(reader, "reporting", "2026-10-01")


def test_update_is_shown_beside_target_and_level_of_proof(commitment, reader):
    publish(
        "2026-04-03",
        items.period(received_on="2026-04-02", update="U-00001"),
        items.update(
            cumulative_value="14", reported_on="2026-04-02", level_of_proof="evidence_provided"
        ),
    )
    delivery = section(reader, "delivery", "2026-04-04")
    assert "On track" in delivery
    assert "14 of 20" in delivery
    assert (
        "Assessed by Brookfield Catering Ltd on 2 April 2026. Level of proof: Evidence" in delivery
    )
    assert "Up to date. Last update 2 April 2026: 14 of 20." in section(
        reader, "reporting", "2026-04-04"
    )
    body = reader.get("/commitments/C-00001").content.decode()
    assert "From 0 at the start to the target 20. Reported: 14, 70% of the way." in body


def test_unpublished_update_counts_as_received(commitment, reader):
    publish("2026-04-03", items.period(received_on="2026-04-02"))
    assert "Last update received on 2 April 2026; not yet published by the council." in section(
        reader, "reporting", "2026-04-04"
    )


def test_delivery_is_dated_while_a_newer_update_is_with_the_council(commitment, reader):
    publish("2026-04-03", items.period(received_on="2026-03-28"), items.update())
    assert "On track as reported" not in section(reader, "delivery", "2026-05-04")
    publish("2026-05-05", items.period(2, received_on="2026-05-05"))
    assert "On track as reported on 28 March 2026" in section(reader, "delivery", "2026-05-05")


def test_nothing_has_changed_counts_as_an_update(commitment, reader):
    update = items.update(nothing_changed=True)
    for field in ("cumulative_value", "narrative"):
        del update.content[field]
    publish(
        "2026-04-03",
        update,
        items.period(received_on="2026-04-02", update="U-00001"),
        items.commitment(action="confirm"),
    )
    assert "Last update 2 April 2026: nothing has changed." in section(
        reader, "reporting", "2026-04-04"
    )
    assert "No change reported" in section(reader, "progress", "2026-04-04")
    assert "Brookfield Catering Ltd reported no change" in section(reader, "timeline", "2026-04-04")


def test_downward_correction_says_so_wherever_the_commitment_stands(commitment, reader):
    publish(
        "2026-02-02",
        items.commitment(
            action="correct",
            target={"value": "15", "by": "2027-06-30"},
            correction_ground="checked_against_document",
            correction_document="Payroll, January 2026",
            change_reason="A typing error.",
        ),
    )
    words = section(reader, "weakened", "2026-02-03")
    assert (
        "Corrected downwards on 2 February 2026, checked against “Payroll, January 2026”: target "
        "lowered from 20 to 15. Reason given: “A typing error.”"
    ) in words
    assert "Originally promised: 20 by 30 June 2027" in words
    assert "Weakened" not in words
    assert "Corrected downwards Commitment corrected" in section(reader, "timeline", "2026-02-03")
    for address in ("/changes?show=corrected_down", "/commitments?corrected_down=true"):
        assert "Corrected downwards" in read(reader, address, "2026-02-03")
    for address in ("/feeds/commitments/C-00001.atom", "/badges/C-00001.svg"):
        assert "corrected downwards" in reader.get(address).content.decode().lower()
    assert "1 commitment, 1 corrected downwards." in read(reader, "/commitments", "2026-02-03")
    assert "No commitment fits." in read(reader, "/commitments?weakened=true", "2026-02-03")
    report = read(reader, "/report", "2026-02-03")
    assert "0 of 1 commitment had been weakened, and 1 corrected downwards by" in report


def test_weakened_commitment_still_shows_its_first_version(commitment, reader):
    publish(
        "2026-02-02",
        items.commitment(
            action="amend",
            title="Fifteen apprenticeships",
            target={"value": "15", "by": "2027-12-31"},
            end_on="2027-12-31",
            change_reason="A site closed.",
        ),
    )
    words = section(reader, "weakened", "2026-02-03")
    assert (
        "Weakened on 2 February 2026: target lowered from 20 to 15 and deadline moved from 30 June "
        "to 31 December 2027. "
        "Reason given: “A site closed.”"
    ) in words
    assert "Originally promised: “Twenty apprenticeships” (20 by 30 June 2027)" in words
    assert "Weakened Commitment changed" in section(reader, "timeline", "2026-02-03")
    weakened = (
        "Weakened: target lowered from 20 to 15 and deadline moved from 30 June to 31 December"
    )
    assert weakened in read(reader, "/changes", "2026-02-03")


def test_timeline_shows_a_figure_beside_the_target_of_its_day(commitment, reader):
    publish("2026-04-03", items.update(cumulative_value="5"))
    target = {"value": "10", "by": "2027-06-30"}
    publish("2026-05-03", items.commitment(action="amend", target=target, change_reason="Fewer."))
    publish("2026-07-03", items.update(2, cumulative_value="6"))
    words = section(reader, "timeline", "2026-07-04")
    assert "reported: on track, 5 of 20" in words
    assert "reported: on track, 6 of 10" in words


def test_date_moved_again_shows_the_number_of_moves(commitment, reader):
    for on, by in (("2026-02-02", "2027-12-31"), ("2026-03-02", "2028-06-30")):
        publish(on, items.commitment(action="amend", target={"value": "20", "by": by},
                                     end_on=by, change_reason="Late."))  # fmt: skip
    words = section(reader, "weakened", "2026-03-03")
    assert (
        "Weakened on 2 February 2026: deadline moved from 30 June to 31 December 2027. Reason"
        in words
    )
    assert "deadline moved again, from 31 December 2027 to 30 June 2028. Reason" in words


def test_figure_shows_its_change_and_its_checked_part(commitment, reader):
    check = {"on": "2026-04-20", "by_role": "Charter team", "result": "confirmed",
             "finding": "Seen 12 contracts.", "reply": "Thank you."}  # fmt: skip
    publish(
        "2026-04-03", items.update(1, cumulative_value="12", level_of_proof="evidence_provided")
    )
    publish("2026-04-20", items.update(
        1, cumulative_value="12", level_of_proof="checked_by_council", check=check))  # fmt: skip
    publish("2026-07-03", items.update(2, cumulative_value="14"))
    words = section(reader, "delivery", "2026-07-04")
    assert "14 of 20" in words
    assert "Up 2 since March 2026 (from 12 to 14)." in words
    assert "Self-reported (12 of the 14 checked by the council)" in words
    assert "Council check of this update: confirmed. Brookfield Catering Ltd replied" in (
        section(reader, "timeline", "2026-07-04")
    )
    assert "14 Up 2 since March 2026 28 June 2026" in read(
        reader, "/measures/M-00001", "2026-07-04"
    )


def test_met_commitment_shows_its_date(commitment, reader):
    publish("2026-04-03", items.update(cumulative_value="21", self_assessment="met"))
    words = section(reader, "delivery", "2026-04-04")
    assert "21 (target 20) by 30 June 2027 Delivery: Met as reported on 28 March 2026" in words


def test_commitment_without_a_number_shows_its_description(commitment, reader):
    publish("2026-01-06", items.commitment(
        "C-00003", measure=None, unit=None, target=None, value_type="narrative",
        title="A fair start", description="Every young starter has a mentor."))  # fmt: skip
    words = section(reader, "delivery", "2026-01-07", "/commitments/C-00003")
    assert "No progress reported yet Deadline: 30 June 2027" in words
    assert "Every young starter has a mentor." in words
    assert "%" not in words


def test_similar_commitments_are_counted_with_their_median(commitment, reader):
    others = section(reader, "others", "2026-01-06")
    assert "We do not know the size of this organisation" in others
    publish("2026-01-06", items.signatory(size="small"))
    assert "No other organisation with 10 to 49 people uses this measure." in section(
        reader, "others", "2026-01-06"
    )
    for number, value in ((2, "4"), (3, "12"), (4, "16")):
        key = f"C-0000{number}"
        update = items.update(1, key, cumulative_value=value)
        publish(
            "2026-01-07",
            items.signatory(f"S-0000{number}", size="small"),
            items.commitment(key, signatory=f"S-0000{number}"),
            *([replace(update, key=f"U-0000{number}")] if number < 4 else []),
        )
    assert (
        "3 similar commitments, same measure, each by an organisation with 10 to 49 people "
        "(too few figures" in (section(reader, "others", "2026-01-08"))
    )
    publish("2026-01-09", replace(update, key="U-00004"))
    assert (
        "3 similar commitments, same measure, each by an organisation with 10 to 49 people "
        "(median: 60% of the way from start to target, 3 of 3 reporting). "
        "Compare similar commitments"
    ) in section(reader, "others", "2026-01-10")


def test_withdrawn_commitment_stays_public_with_date_and_reason(commitment, reader):
    publish(
        "2026-03-01", items.commitment(action="withdraw", change_reason="We lost the contract.")
    )
    words = read(reader, "/commitments/C-00001", "2026-03-02")
    assert (
        "Withdrawn by Brookfield Catering Ltd on 1 March 2026, with the council’s agreement. "
        "Reason given: “We lost the contract.”"
    ) in words
    assert "Withdrawn on 1 March 2026" in section(reader, "delivery", "2026-03-02")
    assert "Closed. No more updates are due." in words
    assert "1 April 2026 No longer required None needed" in words
    assert "“Twenty apprenticeships”" in words


def test_ended_commitment_shows_the_date_of_its_final_state(commitment, reader):
    publish("2026-04-03", items.update(cumulative_value="14"))
    publish("2026-05-01", items.commitment(action="withdraw", change_reason="Lost."))
    words = section(reader, "delivery", "2026-05-02")
    assert "Withdrawn on 1 May 2026" in words
    assert "Before, assessed by Brookfield Catering Ltd as on track on 28 March 2026." in words


def test_redacted_text_is_removed_and_the_page_explains_it(commitment, reader):
    assert "Twenty apprenticeships" in read(reader, "/commitments/C-00001")
    publishing.redact([5], reason_code="personal_data")
    words = read(reader, "/commitments/C-00001")
    assert "Twenty apprenticeships" not in words
    assert "The text contained personal data and was removed." in words
    for address in ("/", "/commitments", "/signatories/S-00001", "/changes"):
        assert "Twenty apprenticeships" not in read(reader, address)


def test_markup_in_a_title_is_escaped(commitment, reader):
    publish("2026-01-06", items.commitment("C-00003", title="<script>alert(1)</script>"))
    for address in ("/commitments/C-00003", "/commitments", "/changes", "/"):
        assert b"<script>alert" not in reader.get(address).content


def test_preview_equals_the_published_page(commitment):
    from registry.website import commitment as commitment_page

    today = day("2026-01-06").date()
    act = items.commitment("C-00009", title="Nine apprenticeships")
    with clock.fixed_at(day("2026-01-06")):
        preview = commitment_page.preview_page([act], key="C-00009", today=today)
        publishing.publish([act])
        record = Record.objects.get(key="C-00009")
        assert commitment_page.public_page(record, today) == preview


def test_two_figures_are_drawn_as_a_line(commitment, reader):
    publish("2026-04-03", items.update(1, cumulative_value="5"))
    assert "Figures over time" not in reader.get("/commitments/C-00001").content.decode()
    publish(
        "2026-07-03",
        items.update(2, cumulative_value="10", level_of_proof="evidence_provided"),
    )
    body = reader.get("/commitments/C-00001").content.decode()
    assert (
        'aria-label="Figures over time: 5 on 28 March 2026 and 10 on 28 June 2026, '
        'against a target of 20."'
    ) in body
    # 10 of 20, in a drawing that ends 15% above the target.
    assert 'line__dot--evidence_provided" cx="20%" cy="56%"' in body
    assert 'class="line__target" x1="0%" y1="13%"' in body


def test_line_shows_a_lowered_target_until_its_last_day(commitment, reader):
    publish("2026-04-03", items.update(1, cumulative_value="5", to="2026-03-31"))
    target = {"value": "10", "by": "2027-06-30"}
    publish(
        "2026-05-15", items.commitment(action="amend", target=target, change_reason="It closed.")
    )
    publish("2026-07-03", items.update(2, cumulative_value="8", to="2026-06-30"))
    body = reader.get("/commitments/C-00001").content.decode()
    assert "against a target of 10, which was 20 until 15 May 2026." in body
    assert 'line__target--earlier" x1="0%" y1="13%" x2="11%" y2="13%"' in body
    assert 'class="line__target" x1="11%"' in body
    assert "dotted: 20 until 15 May 2026" in body
