"""Ending a membership never tidies up: what was owed stays visible and counted everywhere."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.test import Client

from charter.actions import standing
from charter.models import Signatory
from registry import clock
from registry.models import Record
from reporting.actions import periods
from tests import factories
from tests.reporting import scenarios
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db
# The silent commitment is due on 1 June 2026; the other one is from later and owes nothing yet.
TODAY, IN_WORDS = date(2026, 10, 5), "5 October 2026"
ASTON = "E05011118"
SENTENCE = "1 commitment ended unanswered because the membership ended (2026)."
REMOVAL = {"standing": "removed", "reason": "It has not answered for two years."}


@pytest.fixture
def today():
    with scenarios.on(TODAY):
        yield


@pytest.fixture
def silent(today):
    return scenarios.silent_commitment(title="Start 20 apprenticeships", area_codes=[ASTON])


@pytest.fixture
def current(silent):
    return scenarios.commitment(TODAY - timedelta(days=20), title="Host 5 open days")


def remove(signatory: Signatory, **fields) -> None:
    standing.leave_charter(signatory, by=factories.officer(), **REMOVAL | fields)
    periods.sync_periods(clock.now())


def text(path: str) -> str:
    return Client().get(path).getvalue().decode()


def test_removing_a_silent_signatory_improves_no_figure(silent, current):
    assert "1 silent" in text("/")
    remove(silent.signatory)
    signatory = f"/signatories/{silent.signatory.key}"
    places = [f"/themes/{silent.theme.key}", f"/places/{ASTON}", f"/measures/{silent.measure.key}"]
    for path in ["/", "/signatories", signatory, "/report", "/summary", *places]:
        assert SENTENCE in text(path), path
    assert "1 unanswered, after a reminder that no update followed" in text("/statistics")
    rows = list(csv.DictReader(io.StringIO(text("/statistics/left.csv"))))
    assert [(row["code"], row["value"], row["of"]) for row in rows] == [
        ("2026_unanswered", "1", "2"),
        ("2026_nothing_unanswered", "1", "2"),
    ]
    found = text("/commitments?ended_unanswered=true")
    assert "1 commitment, 1 ended unanswered." in found
    assert "Start 20 apprenticeships" in found
    assert "Host 5 open days" not in found


def test_every_surface_of_an_ended_commitment_says_what_was_owed(silent, current):
    remove(silent.signatory)
    note = f"Ended unanswered on {IN_WORDS}, when the membership ended; no update ever received"
    removed = f"Signatory removed from the charter on {IN_WORDS}"
    for path in [
        "/commitments",
        "/report",
        f"/signatories/{silent.signatory.key}",
        f"/signatories/{silent.signatory.key}/statement",
        f"/themes/{silent.theme.key}",
        f"/compare?measure={silent.measure.key}",
        f"/embedded/{silent.key}",
        f"/badges/{silent.key}.svg",
    ]:
        assert note in text(path), path
        assert removed in text(path), path
    page = text(f"/commitments/{silent.key}")
    assert f"Ended on {IN_WORDS}, because the council removed Brookfield Catering" in page
    assert "Unanswered: the update due on 1 June 2026 had not been received." in page
    # What was up to date reads otherwise.
    other = text(f"/commitments/{current.key}")
    assert "No reminder was unanswered then." in other
    assert f"Ended on {IN_WORDS} with the membership" in text(f"/embedded/{current.key}")

    api = Client().get(f"/api/v1/commitments/{silent.key}").json()
    assert api["ended_unanswered"] == {
        "on": str(TODAY),
        "due_on": "2026-06-01",
        "last_heard_on": None,
    }
    assert (api["signatory_standing"], api["signatory_standing_since"]) == ("removed", str(TODAY))
    rows = {row["key"]: row for row in csv.DictReader(io.StringIO(text("/commitments.csv")))}
    assert rows[silent.key]["ended_unanswered_due_on"] == "2026-06-01"
    assert rows[current.key]["ended_unanswered_on"] == ""
    assert rows[current.key]["signatory_standing"] == "removed"


def test_a_day_in_the_past_does_not_excuse_what_was_asked_for(silent):
    remove(silent.signatory, on=date(2026, 4, 1))
    record = Record.objects.get(key=silent.key)
    assert record.ended_unanswered["due_on"] == "2026-06-01"
    asked_for = Record.objects.of_kind("period").get(key=silent.periods.earliest("pk").key)
    assert asked_for.state_on(TODAY) == "not_received"


def test_officer_reads_before_a_removal_what_each_page_will_say(silent, current):
    dev = signed_in(with_second_factor(factories.officer()))
    address = f"/council/signatories/{silent.signatory.key}/standing/end"
    preview = dev.post(address, REMOVAL).text
    assert "2 open commitments will end" in preview
    assert "1 of them will be shown and counted as ended unanswered" in preview
    assert Signatory.objects.get(pk=silent.signatory_id).left_on is None
    dev.post(address, REMOVAL | {"confirmed": "yes"})
    for commitment in (silent, current):
        page = text(f"/commitments/{commitment.key}")
        # The sentence of the preview stands on the page.
        sentence = page.split(f"Ended on {IN_WORDS}, because")[1].split("</p>")[0]
        assert f"Ended on {IN_WORDS}, because{sentence}" in preview


def test_update_given_after_the_reminder_leaves_nothing_owed(silent):
    scenarios.published_update(silent)
    remove(silent.signatory)
    assert Record.objects.get(key=silent.key).ended_unanswered is None
    assert "ended unanswered" not in text("/")
