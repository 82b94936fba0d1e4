"""The public website, as its readers see it on a given day."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from registry import clock, log
from registry.models import Record
from registry.website import pages
from tests.registry import items

pytestmark = pytest.mark.django_db

ADDRESSES = [
    "/",
    "/commitments",
    "/commitments?q=apprenticeships",
    "/commitments/C-00001",
    "/signatories",
    "/signatories/S-00001",
    "/themes",
    "/themes/T-00001",
    "/measures",
    "/measures/M-00001",
    "/places",
    "/places/E05011121",
    "/places/E08000025",
    "/successes",
    "/successes/W-00001",
    "/updates/U-00001",
    "/statistics",
    "/statistics/delivery",
    "/statistics/measures",
    "/statistics.csv",
    "/statistics/delivery.csv",
    "/compare",
    "/compare?measure=M-00001",
    "/compare.csv?measure=M-00001",
    "/changes",
    "/changes?show=weakened",
    "/feeds/changes.atom",
    "/feeds/commitments/C-00001.atom",
    "/feeds/places/E05011121.atom",
    "/commitments/C-00001/statement",
    "/commitments/C-00001/past?at=2026-01-05",
    "/signatories/S-00001/statement?at=2026-01-05",
    "/badges/C-00001.svg",
    "/embedded/C-00001",
    "/badge?key=C-00001",
    "/glossary",
    "/methods",
    "/for/buyers",
    "/data",
    "/verify",
    "/privacy",
    "/accessibility",
    "/contact",
]
# The head first, then what the page needs: fixed, whatever the size of the register.
QUERIES = {
    "/": 13,
    "/commitments": 5,
    "/commitments?q=apprenticeships": 6,
    "/commitments?theme=T-00001&size=small&nature=output&sort=due": 5,
    "/commitments/C-00001": 5,
    "/signatories": 4,
    "/signatories/S-00001": 5,
    "/themes": 4,
    "/themes/T-00001": 13,
    "/measures": 3,
    "/measures/M-00001": 10,
    "/places": 2,
    "/places/E05011121": 10,
    "/places/E08000025": 11,
    "/successes": 5,
    "/successes/W-00001": 4,
    "/updates/U-00001": 4,
    "/statistics": 10,
    "/statistics/answers": 8,
    "/statistics/measures": 6,
    "/compare": 3,
    "/compare?measure=M-00001": 6,
    "/changes": 6,
    "/changes?show=overdue": 4,
    "/feeds/changes.atom": 6,
    "/feeds/themes/T-00001.atom": 8,
    "/feeds/places/E05011121.atom": 7,
    "/commitments/C-00001/statement": 6,
    "/commitments/C-00001/past": 5,
    "/signatories/S-00001/statement": 6,
    "/contact": 2,
    "/verify": 1,
}


def day(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T09:00:00").replace(tzinfo=UTC)


def publish(on: str, *acts: log.Item) -> None:
    with clock.at(day(on)):
        log.publish(list(acts))


@pytest.fixture
def reader():
    return Client(enforce_csrf_checks=True)


@pytest.fixture(autouse=True)
def empty_page_cache():
    pages._cache.empty("")


@pytest.fixture
def promise():
    """Brookfield's promise of 5 January 2026; its first update is due on 1 April."""
    publish("2026-01-05", *items.everything())


@pytest.fixture
def told(promise):
    """An update and a success of that promise."""
    publish("2026-01-05", items.update(), items.success())


def read(reader: Client, address: str, on: str = "2026-01-06") -> str:
    """Return the words of a page on a day, as a reader meets them one after the other."""
    with clock.at(day(on)):
        response = reader.get(address)
    assert response.status_code == 200
    body = response.content.decode()
    body = body[body.index("<main") : body.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def section(reader: Client, name: str, on: str, address: str = "/commitments/C-00001") -> str:
    with clock.at(day(on)):
        body = reader.get(address).content.decode()
    part = body[body.index(f'id="{name}"') :]
    return " ".join(re.sub(r"<[^>]+>", " ", part[: part.index("</section>")]).split())


# Every page


def test_no_page_sets_a_cookie_and_each_carries_its_validator(told, reader):
    for address in ADDRESSES:
        response = reader.get(address)
        assert response.status_code == 200, address
        assert not response.cookies
        assert "Cookie" not in response.get("Vary", "")
        assert response["Cache-Control"] == "no-cache"
        assert response["ETag"].startswith('"8.')


def test_page_that_a_reader_has_already_costs_one_query(told, reader, django_assert_num_queries):
    for address in ADDRESSES:
        etag = reader.get(address)["ETag"]
        with django_assert_num_queries(1):
            response = reader.get(address, headers={"If-None-Match": etag})
        assert response.status_code == 304, address
        assert response["ETag"] == etag
        assert not response.content


def test_page_that_another_reader_had_costs_one_query(promise, reader, django_assert_num_queries):
    first = reader.get("/commitments/C-00001")
    with django_assert_num_queries(1):
        second = Client().get("/commitments/C-00001")
    assert second.content == first.content


def test_validator_turns_with_the_log_and_at_midnight_in_london(promise, reader):
    with clock.at(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)):
        evening = reader.get("/")["ETag"]
    with clock.at(datetime(2026, 6, 30, 23, 30, tzinfo=UTC)):
        assert reader.get("/")["ETag"] != evening
    publish("2026-06-30", items.commitment("C-00002"))
    with clock.at(datetime(2026, 6, 30, 22, 30, tzinfo=UTC)):
        assert reader.get("/")["ETag"] != evening


def test_kept_pages_are_bounded():
    from django.http import HttpResponse

    kept = pages.PageCache(limit=25)
    for name in "abc":
        kept.keep("today", name, HttpResponse(b"0123456789"))
    assert [kept.get("today", name) is not None for name in "abc"] == [False, True, True]
    assert kept.get("tomorrow", "c") is None


def test_no_page_needs_a_style_or_script_in_it(told, reader):
    for address in ADDRESSES:
        body = reader.get(address).content.decode()
        assert not re.search(r"\sstyle=|<style|\son\w+=|<script(?![^>]*\ssrc=)", body), address


def test_pages_are_for_reading_only(promise, reader):
    assert reader.post("/commitments").status_code == 405
    assert reader.head("/commitments/C-00001").status_code == 200


def test_number_of_queries_does_not_grow_with_the_register(
    promise, reader, django_assert_max_num_queries
):
    publish("2026-02-01", items.update(), items.success(), items.commitment("C-00002"))
    publish("2026-02-02", items.commitment(action="amend", title="Less", change_reason="Fewer."))
    publish("2026-02-02", items.period(requested_on=["2026-04-07"]))
    for address, most in QUERIES.items():
        with django_assert_max_num_queries(most):
            assert reader.get(address).status_code == 200, address
    for number in range(60):
        publish(
            "2026-02-01",
            items.signatory(f"S-1{number:04}", legal_name=f"Firm {number}"),
            items.commitment(f"C-1{number:04}", title=f"Apprenticeships {number}"),
            items.commitment(f"C-2{number:04}", signatory=f"S-1{number:04}"),
            items.success(
                f"W-1{number:04}", signatory=f"S-1{number:04}", commitments=[f"C-2{number:04}"]
            ),
        )
    for number in (1, 2):
        publish("2026-09-01", items.period(number), items.update(number))
    for address, most in QUERIES.items():
        with django_assert_max_num_queries(most):
            assert reader.get(address).status_code == 200, address


def test_demonstration_says_so_on_every_page(promise, reader, settings):
    settings.DEMO = True
    assert "every firm here is fictitious" in reader.get("/verify").content.decode()
    settings.DEMO = False
    pages._cache.empty("")
    assert "fictitious" not in reader.get("/verify").content.decode()


# The commitment page


def test_promise_says_what_by_when_and_how_we_will_know(promise, reader):
    words = read(reader, "/commitments/C-00001")
    assert "Brookfield Catering Ltd Local Employment C-00001 Example Charter" in words
    assert "“Twenty apprenticeships”" in words
    assert "20 by 30 June 2027" in words
    assert "We will show this with Payroll records and college letters" in words


def test_blocks_come_in_the_order_of_reading(promise, reader):
    body = reader.get("/commitments/C-00001").content.decode()
    blocks = re.findall(r'<section[^>]* id="(\w+)"', body)
    assert blocks[:4] == ["promise", "delivery", "reporting", "progress"]
    assert blocks[4:] == ["successes", "periods", "timeline", "others", "use"]


def test_nothing_is_left_blank_while_nothing_was_told(promise, reader):
    words = read(reader, "/commitments/C-00001")
    assert "Not due yet. The first update is due on 1 April 2026." in words
    assert "Nothing has been told about this promise yet." in words
    assert "No update yet." in words
    assert "None told yet." in words


def test_due_without_a_request_says_that_we_have_not_asked(promise, reader):
    assert "Due since 1 April 2026. We have not yet asked." in section(
        reader, "reporting", "2026-04-02"
    )
    # Without a request handed over the firm is not called overdue, however late it is.
    assert "Due since 1 April 2026. We have not yet asked." in section(
        reader, "reporting", "2026-09-01"
    )


def test_overdue_names_the_days_on_which_we_asked(promise, reader):
    asked = ["2026-03-02", "2026-03-25", "2026-04-07", "2026-04-15"]
    publish("2026-04-16", items.period(requested_on=asked))
    assert "Due since 1 April 2026." in section(reader, "reporting", "2026-04-30")
    assert (
        "Overdue since 1 May 2026. We asked on 2 March, 25 March, 7 April and 15 April. "
        "No update yet."
    ) in section(reader, "reporting", "2026-05-01")
    assert "Silent since 30 June 2026, overdue since 1 May 2026." in section(
        reader, "reporting", "2026-06-30"
    )
    assert "Has not told us 4: 2 March, 25 March, 7 April and 15 April" in section(
        reader, "periods", "2026-06-30"
    )


def test_answer_is_shown_beside_target_and_level_of_proof(promise, reader):
    publish(
        "2026-04-03",
        items.period(received_on="2026-04-02", update="U-00001"),
        items.update(
            cumulative_value="14", reported_on="2026-04-02", level_of_proof="evidence_linked"
        ),
    )
    delivery = section(reader, "delivery", "2026-04-04")
    assert "On track" in delivery
    assert "14 of 20" in delivery
    assert (
        "Brookfield Catering Ltd’s own view, 2 April 2026. Level of proof: Evidence linked"
        in delivery
    )
    assert "Up to date. Last heard 2 April 2026: 14 of 20." in section(
        reader, "reporting", "2026-04-04"
    )
    assert 'width="70%"' in reader.get("/commitments/C-00001").content.decode()


def test_answer_that_waits_for_the_council_counts_as_heard(promise, reader):
    publish("2026-04-03", items.period(received_on="2026-04-02"))
    assert "Last heard 2 April 2026; the council has not published the news yet." in section(
        reader, "reporting", "2026-04-04"
    )


def test_nothing_has_changed_is_an_answer(promise, reader):
    update = items.update(nothing_changed=True)
    for left_out in ("cumulative_value", "narrative"):
        del update.content[left_out]
    publish(
        "2026-04-03",
        update,
        items.period(received_on="2026-04-02", update="U-00001"),
        items.commitment(action="confirm"),
    )
    assert "Last heard 2 April 2026: nothing has changed." in section(
        reader, "reporting", "2026-04-04"
    )
    assert "Confirmed no change, 28 March 2026" in section(reader, "progress", "2026-04-04")
    assert "Brookfield Catering Ltd confirmed: nothing has changed" in section(
        reader, "timeline", "2026-04-04"
    )


def test_weakened_promise_keeps_the_first_one_in_view(promise, reader):
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
    words = section(reader, "promise", "2026-02-03")
    assert (
        "Weakened on 2 February 2026: target 20 → 15 and date 30 June 2027 → 31 December 2027. "
        "Reason given: “A site closed.”"
    ) in words
    assert "First promised: “Twenty apprenticeships” (20 by 30 June 2027)" in words
    assert "Weakened The promise was changed" in section(reader, "timeline", "2026-02-03")
    assert "Changed · Weakened" in read(reader, "/changes", "2026-02-03")


def test_date_that_is_moved_again_says_how_often(promise, reader):
    for on, by in (("2026-02-02", "2027-12-31"), ("2026-03-02", "2028-06-30")):
        publish(on, items.commitment(action="amend", target={"value": "20", "by": by},
                                     end_on=by, change_reason="Late."))  # fmt: skip
    words = section(reader, "promise", "2026-03-03")
    assert "Weakened on 2 February 2026: date 30 June 2027 → 31 December 2027. Reason" in words
    assert "date 31 December 2027 → 30 June 2028 (second move). Reason" in words


def test_figure_shows_the_change_and_how_much_of_it_is_backed(promise, reader):
    check = {"on": "2026-04-20", "by_role": "Charter team", "result": "confirmed",
             "finding": "Seen 12 contracts.", "reply": "Thank you."}  # fmt: skip
    publish("2026-04-03", items.update(1, cumulative_value="12", level_of_proof="evidence_linked"))
    publish("2026-04-20", items.update(
        1, cumulative_value="12", level_of_proof="checked_by_council", check=check))  # fmt: skip
    publish("2026-07-03", items.update(2, cumulative_value="14"))
    words = section(reader, "delivery", "2026-07-04")
    assert "14 of 20" in words
    assert "+2 since March 2026 (12 then)." in words
    assert "Said by the business (12 of the 14 checked by the council)" in words
    assert "what Brookfield Catering Ltd had told: confirmed; Brookfield Catering Ltd replied" in (
        section(reader, "timeline", "2026-07-04")
    )
    assert "14 +2 since March 2026 28 June 2026" in read(reader, "/measures/M-00001", "2026-07-04")


def test_promise_that_was_met_says_when(promise, reader):
    publish("2026-04-03", items.update(cumulative_value="21", self_assessment="met"))
    assert "Met on 28 March 2026: 21 of 20." in section(reader, "delivery", "2026-04-04")


def test_promise_without_a_number_shows_the_change_aimed_at(promise, reader):
    publish("2026-01-06", items.commitment(
        "C-00003", measure=None, unit=None, target=None, value_type="narrative",
        title="A fair start", description="Every young starter has a mentor."))  # fmt: skip
    words = section(reader, "delivery", "2026-01-07", "/commitments/C-00003")
    assert "Every young starter has a mentor. Nothing has been told" in words
    assert "%" not in words


def test_similar_promises_are_counted_beside_their_median(promise, reader):
    others = section(reader, "others", "2026-01-06")
    assert "The size of this firm was not told" in others
    publish("2026-01-06", items.signatory(size="small"))
    assert "No other promise of this measure by firms of 10 to 49 people." in section(
        reader, "others", "2026-01-06"
    )
    for number, value in ((2, "4"), (3, "12"), (4, "16")):
        promised = f"C-0000{number}"
        told = items.update(1, promised, cumulative_value=value)
        publish(
            "2026-01-07",
            items.signatory(f"S-0000{number}", size="small"),
            items.commitment(promised, signatory=f"S-0000{number}"),
            *([replace(told, key=f"U-0000{number}")] if number < 4 else []),
        )
    assert "3 similar commitments, same measure, firms of 10 to 49 people (too few figures" in (
        section(reader, "others", "2026-01-08")
    )
    publish("2026-01-09", replace(told, key="U-00004"))
    assert (
        "3 similar commitments, same measure, firms of 10 to 49 people "
        "(median: 60% of target, 3 of 3 reporting). See them side by side"
    ) in section(reader, "others", "2026-01-10")


def test_withdrawn_promise_stays_at_its_address_with_when_and_why(promise, reader):
    publish(
        "2026-03-01", items.commitment(action="withdraw", change_reason="We lost the contract.")
    )
    words = read(reader, "/commitments/C-00001", "2026-03-02")
    assert "Withdrawn on 1 March 2026. Reason given: “We lost the contract.”" in words
    assert "Closed: no more updates are expected." in words
    assert "1 April 2026 No longer expected No need to ask" in words
    assert "“Twenty apprenticeships”" in words


def test_closed_promise_says_how_it_ended(promise, reader):
    publish(
        "2026-03-01",
        items.commitment(action="close", end_reason="achieved", change_reason="All have started."),
    )
    assert "Closed on 1 March 2026: Achieved." in read(reader, "/commitments/C-00001", "2026-03-02")


def test_redacted_text_is_gone_and_the_page_says_so(promise, reader):
    assert "Twenty apprenticeships" in read(reader, "/commitments/C-00001")
    log.redact([5], reason_code="personal_data")
    words = read(reader, "/commitments/C-00001")
    assert "Twenty apprenticeships" not in words
    assert "The text held personal data and was removed." in words
    for address in ("/", "/commitments", "/signatories/S-00001", "/changes"):
        assert "Twenty apprenticeships" not in read(reader, address)


def test_typed_text_is_never_taken_for_markup(promise, reader):
    publish("2026-01-06", items.commitment("C-00003", title="<script>alert(1)</script>"))
    for address in ("/commitments/C-00003", "/commitments", "/changes", "/"):
        assert b"<script>alert" not in reader.get(address).content


def test_preview_shows_what_will_be_published(promise):
    from registry.website import commitment

    today = day("2026-01-06").date()
    act = items.commitment("C-00009", title="Nine apprenticeships")
    with clock.at(day("2026-01-06")):
        before = commitment.preview([act], key="C-00009", today=today)
        log.publish([act])
        assert commitment.context("C-00009", today) == before


def test_figures_over_time_are_drawn_beside_their_table(promise, reader):
    publish("2026-04-03", items.update(1, cumulative_value="5", to="2026-03-31"))
    assert "Figures over time" not in reader.get("/commitments/C-00001").content.decode()
    publish(
        "2026-07-03",
        items.update(2, cumulative_value="10", to="2026-06-30", level_of_proof="evidence_linked"),
    )
    body = reader.get("/commitments/C-00001").content.decode()
    assert (
        'aria-label="Figures over time: 5 on 31 March 2026 and 10 on 30 June 2026, '
        'against a target of 20."'
    ) in body
    # 10 of 20, in a drawing that ends 15% above the target.
    assert 'line__dot--evidence_linked" cx="20%" cy="56%"' in body
    assert 'class="line__target" x1="0" y1="13%"' in body


# Addresses


@pytest.mark.parametrize(
    ("heard", "status", "written"),
    [
        ("/c-oooo1", 308, "/C-00001"),
        ("/commitments/c-0000l", 308, "/commitments/C-00001"),
        ("/signatories/s-00001", 308, "/signatories/S-00001"),
        ("/id/c-00001", 308, "/id/C-00001"),
        ("/C-00001", 303, "/id/C-00001"),
        ("/id/C-00001", 303, "/commitments/C-00001"),
        ("/id/P-00001", 303, "/commitments/C-00001#P-00001"),
        ("/id/T-00001", 303, "/themes/T-00001"),
        ("/id/M-00001", 303, "/measures/M-00001"),
        ("/id/A-00001", 303, "/api/v1/charters/A-00001"),
        ("/themes/t-oooo1", 308, "/themes/T-00001"),
    ],
)
def test_spoken_key_leads_to_the_page(promise, reader, heard, status, written):
    response = reader.get(heard)
    assert (response.status_code, response["Location"]) == (status, written)


def test_program_that_asks_for_json_is_led_to_json(promise, reader):
    response = reader.get("/id/C-00001", headers={"Accept": "application/json"})
    assert response["Location"] == "/api/v1/commitments/C-00001"


@pytest.mark.parametrize("address", ["/commitments/C-99999", "/id/C-99999", "/signatories/X", "/x"])
def test_unknown_address_says_so_in_plain_words(promise, reader, address):
    response = reader.get(address)
    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()
    assert not response.cookies


# Finding


@pytest.fixture
def register(promise):
    publish(
        "2026-01-07",
        items.signatory("S-00002", legal_name="Fenlock Engineering Ltd"),
        items.commitment("C-00002", signatory="S-00002", title="Pay suppliers in 30 days"),
        items.commitment("C-00003", title="Trees for the ward", area_codes=["E05011121"]),
    )


def found(reader: Client, query: str) -> set[str]:
    return set(re.findall(r"C-\d{5}", read(reader, f"/commitments?{query}", "2026-01-08")))


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("", {"C-00001", "C-00002", "C-00003"}),
        ("q=record+payroll", {"C-00001", "C-00002", "C-00003"}),
        ("q=twentieth+OR+twenty", {"C-00001"}),
        ("q=aprenticeships", {"C-00001"}),
        ("q=fenlock", {"C-00002"}),
        ("q=Aston", {"C-00003"}),
        ("q=c-oooo2", {"C-00002"}),
        ("q=nothing+like+it", set()),
        ("signatory=S-00002", {"C-00002"}),
        ("signatory=S-00001&signatory=S-00002", {"C-00001", "C-00002", "C-00003"}),
        ("area=E08000025", {"C-00003"}),
        ("delivery=on_track", set()),
        ("reporting=up_to_date&signatory=S-00001", {"C-00001", "C-00003"}),
        ("weakened=true", set()),
        ("theme=&delivery=&unknown=1&before=x", {"C-00001", "C-00002", "C-00003"}),
        ("delivery=nonsense&q=%00", {"C-00001", "C-00002", "C-00003"}),
    ],
)
def test_reader_finds_by_words_and_by_filters(register, reader, query, keys):
    assert found(reader, query) == keys


def test_count_is_announced_as_a_sentence(register, reader):
    body = reader.get("/commitments?q=fenlock").content.decode()
    assert 'role="status" aria-live="polite">1 commitment.<' in body
    assert "No commitment fits." in read(reader, "/commitments?q=zebra")


def test_chosen_filter_is_a_word_that_can_be_taken_away(register, reader):
    body = reader.get("/commitments?q=pay&signatory=S-00002&before=99").content.decode()
    assert 'href="/commitments?q=pay"><span class="govuk-visually-hidden">Remove' in body
    assert "Fenlock Engineering Ltd <span" in body
    assert 'href="/commitments.csv?q=pay&amp;signatory=S-00002"' in body


def test_list_goes_on_without_missing_or_repeating(promise, reader):
    publish("2026-02-01", *[items.commitment(f"C-1{number:04}") for number in range(60)])
    address, seen = "/commitments", []
    while address:
        body = reader.get(address).content.decode()
        seen += re.findall(r'href="/commitments/(C-\w+)"', body)
        following = re.search(r'href="([^"]+)" rel="next"', body)
        address = following[1].replace("&amp;", "&") if following else ""
    assert len(seen) == 61
    assert set(seen) == set(Record.objects.of_kind("commitment").values_list("key", flat=True))


@pytest.mark.parametrize("sort", ["newest", "due", "heard", "relevance&q=apprenticeships"])
def test_every_order_goes_on_without_missing_or_repeating(promise, reader, sort):
    publish(
        "2026-02-01",
        *[items.commitment(f"C-1{n:04}", title=f"{n % 3} trees") for n in range(30)],
        *[replace(items.period(n % 3 + 1, f"C-1{n:04}"), key=f"P-1{n:04}") for n in range(20)],
    )
    address, seen = f"/commitments?sort={sort}", []
    while address:
        body = reader.get(address).content.decode()
        seen += re.findall(r'href="/commitments/(C-\w+)"', body)
        following = re.search(r'href="([^"]+)" rel="next"', body)
        address = following[1].replace("&amp;", "&") if following else ""
    assert len(seen) == len(set(seen)) == 31


def test_the_obvious_comes_first(register, reader):
    publish(
        "2026-01-08",
        items.commitment("C-00004", title="Mentoring", description="Apprenticeships, " * 20),
        items.commitment("C-00005", title="Apprenticeships"),
        items.commitment("C-00006", title="Apprenticeships in Aston"),
        items.commitment("C-00007", title="Mentors for apprenticeships"),
    )
    body = reader.get("/commitments?q=apprenticeships").content.decode()
    order = re.findall(r'href="/commitments/(C-\w+)"', body)
    assert order[:3] == ["C-00005", "C-00006", "C-00007"]
    body = reader.get("/commitments?q=Fenlock").content.decode()
    assert re.findall(r'href="/commitments/(C-\w+)"', body)[0] == "C-00002"


def test_number_beside_a_value_says_how_many_would_be_left(register, reader):
    publish("2026-01-08", items.signatory("S-00002", legal_name="Fenlock", size="small"))
    with clock.at(day("2026-01-09")):
        body = reader.get("/commitments?size=small").content.decode()
    assert ">10 to 49 people (1)</option>" in body
    assert ">Fenlock (1)</option>" in body
    assert "Brookfield Catering Ltd (" not in body
    assert ">2027 (1)</option>" in body
    for address, left in (("size=small", 1), ("due_year=2027", 3), ("nature=output", 3)):
        assert len(found(reader, address)) == left
    assert found(reader, "sector=F") == set()


# The other pages


def test_home_counts_with_denominator_and_date_and_names_who_is_silent(promise, reader):
    publish("2026-04-16", items.period(requested_on=["2026-04-07"]))
    body = reader.get("/")
    with clock.at(day("2026-07-01")):
        body = reader.get("/").content.decode()
    assert "1 commitment by 1 signatory." in body
    assert "1 of them is still running: 1 silent in reporting on 1 July 2026." in body
    words = read(reader, "/", "2026-07-01")
    assert "Overdue from 30 days after a due date, silent from 90." in words
    assert "Twenty apprenticeships Brookfield Catering Ltd" in words


def test_empty_register_has_a_sentence_everywhere(reader):
    assert "None told yet." in read(reader, "/")
    assert "No commitment has been published yet." in reader.get("/").content.decode()
    assert "No commitment fits." in read(reader, "/commitments")
    assert "Nothing has been published yet." in read(reader, "/changes")
    assert "has not published its address yet" in read(reader, "/contact")


def test_signatory_stands_in_one_sentence(promise, reader):
    publish("2026-02-01", items.commitment("C-00002"))
    publish("2026-04-03", items.update(self_assessment="met"))
    words = read(reader, "/signatories/S-00001", "2026-04-04")
    assert "2 commitments: 1 met, 1 not started; in reporting, 1 due." in words


def test_changes_tell_old_and_new_in_words(promise, reader):
    publish(
        "2026-02-02",
        items.commitment(
            action="correct", title="20 apprenticeships", change_reason="Typing error."
        ),
    )
    words = read(reader, "/changes", "2026-02-03")
    assert "2 February 2026" in words
    assert "Corrected · entry 7" in words
    assert "Promise Twenty apprenticeships → became 20 apprenticeships" in words
    assert "Reason given: “Typing error.”" in words


def test_head_stands_at_the_foot_and_on_the_verify_page(promise, reader):
    head = log.head()
    assert f"{head.hash[:12]}…" in reader.get("/privacy").content.decode()
    assert head.hash in read(reader, "/verify")


def test_day_changes_the_page_without_any_job(promise, reader):
    publish("2026-04-16", items.period(requested_on=["2026-04-07"]))
    states = [
        re.search(r"Reporting: (Up to date|Due|Overdue|Silent)", section(reader, "reporting", day_))
        for day_ in ("2026-03-31", "2026-04-01", "2026-05-01", "2026-06-30")
    ]
    assert [state and state[1] for state in states] == ["Up to date", "Due", "Overdue", "Silent"]
    assert day("2026-04-01") + timedelta(days=90) == day("2026-06-30")
