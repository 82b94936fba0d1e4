"""What a commitment still owed when a membership ended, and the history of a charter status."""

from datetime import date

import pytest

from registry.log import publishing
from registry.log.leaving import ended_unanswered
from registry.models import Entry
from registry.wording.standings import standing_history, unanswered_note
from tests.registry import items
from tests.registry.items import SIGNATORY
from tests.registry.public_pages import publish, section

ENDED = date(2026, 11, 5)
LEFT = {"end_reason": "left_charter"}
ASKED = {"due_on": "2026-05-03", "requested_on": ["2026-05-06"]}
EARLY = {"due_on": "2026-05-03", "requested_on": ["2026-04-03", "2026-05-03"]}


@pytest.mark.parametrize(
    ("commitment", "signatory", "periods", "due_on"),
    [
        (LEFT, {}, [ASKED], "2026-05-03"),
        (LEFT, {}, [ASKED, ASKED | {"due_on": "2026-08-03"}], "2026-05-03"),
        (LEFT, {}, [ASKED | {"received_on": "2026-06-01"}, ASKED], "2026-05-03"),
        (LEFT, {"pause": {"from": "2026-11-06"}}, [ASKED], "2026-05-03"),
        ({"end_reason": "achieved"}, {}, [ASKED], None),
        (LEFT, {}, [EARLY], None),
        (LEFT, {}, [{"due_on": "2026-05-03"}], None),
        (LEFT, {}, [ASKED | {"excused_reason": "A fire."}], None),
        (LEFT, {}, [ASKED, {"due_on": "2026-08-03", "received_on": "2026-08-01"}], None),
        (LEFT, {"pause": {"from": "2026-11-05"}}, [ASKED], None),
        (LEFT, {"pause": {"from": "2026-10-01", "to": "2026-11-05"}}, [ASKED], None),
    ],
)
def test_only_what_was_asked_for_after_its_due_date_is_unanswered(
    commitment, signatory, periods, due_on
):
    found = ended_unanswered(commitment, ENDED, signatory, periods)
    assert (found and found["due_on"]) == due_on
    assert ended_unanswered(commitment, None, signatory, periods) is None


def test_unanswered_ends_are_counted_by_year():
    assert unanswered_note([]) == ""
    assert unanswered_note([2026]) == (
        "1 commitment ended unanswered because the membership ended (2026)"
    )
    assert unanswered_note([2027, 2026, 2027]) == (
        "3 commitments ended unanswered because the membership ended (2026: 1, 2027: 2)"
    )


@pytest.mark.django_db
def test_history_keeps_every_step_with_its_words():
    publish("2026-01-05", items.charter())
    suspended = {
        "standing": "suspended",
        "standing_since": "2026-03-02",
        "standing_reason": "Suppliers wait for 90 days.",
        "standing_plan": "Pay within 30 days.",
    }
    for day, changes in [
        ("2026-01-05", {"standing": "plan_in_progress"}),
        ("2026-02-02", {"standing_since": "2026-02-02", "certificate_number": "12",
                        "accredited_from": "2026-02-02", "accredited_to": "2028-02-01"}),
        ("2026-03-02", suspended),
        ("2026-03-09", suspended | {"unreachable_since": "2026-03-09"}),
        ("2026-04-06", {"standing": "plan_in_progress", "standing_since": "2026-04-06"}),
        ("2026-05-04", {"standing": "removed", "standing_since": "2026-05-01",
                        "left_on": "2026-05-01", "standing_reason": "It gave up."}),
    ]:  # fmt: skip
        publish(day, items.signatory(**changes))
    steps = standing_history(Entry.objects.filter(key=SIGNATORY).order_by("number"))
    assert [(str(step.on), step.what, step.reason, step.plan) for step in steps] == [
        ("2026-05-01", "Removed from the charter by the council", "It gave up.", ""),
        ("2026-04-06", "Reinstated, with a plan in progress", "", ""),
        ("2026-03-02", "Suspended", "Suppliers wait for 90 days.", "Pay within 30 days."),
        ("2026-02-02", "Accredited, certificate 12, 2 February 2026 to 1 February 2028", "", ""),
        ("2026-01-05", "Signed the charter", "", ""),
    ]

    with_reason = Entry.objects.filter(item__contains="Suppliers wait")
    publishing.redact(list(with_reason.values_list("number", flat=True)), reason_code="legal")
    suspended = standing_history(Entry.objects.filter(key=SIGNATORY).order_by("number"))[2]
    assert (str(suspended.on), suspended.what) == ("2026-03-02", "Suspended")
    assert (suspended.reason, suspended.plan, suspended.is_removed) == ("", "", True)


@pytest.mark.django_db
def test_example_of_a_suspended_signatory_says_so(client):
    publish("2026-01-05", *items.small_register(), items.featured())
    publish("2026-03-02", items.signatory(standing="suspended", standing_since="2026-03-02"))
    for page in ("/", "/themes/T-00001"):
        examples = section(client, "examples", "2026-03-03", page)
        assert "Signatory suspended since 2 March 2026" in examples
