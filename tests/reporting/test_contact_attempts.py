"""Letters and calls ask where nobody can be asked by email, and a wrong “unreachable” goes back."""

from datetime import date

import pytest

from charter.actions import people, retractions
from charter.errors import WrongStateError
from charter.models import Membership, RefusedAddress
from registry.models import Record
from reporting.actions import contact_attempts
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on, reporting_state
from tests.visitors import officer_client, page

pytestmark = pytest.mark.django_db
# Due on Monday 1 June 2026, overdue from 1 July, silent from 30 August.
LEFT, CALLED = date(2026, 5, 4), date(2026, 6, 15)


@pytest.fixture
def commitment():
    """Return a commitment of Brookfield, which nobody can act for since 4 May."""
    commitment = scenarios.commitment()
    with on(LEFT):
        people.end_membership(factories.asha().memberships.get(), by=factories.asha())
    return commitment


def requested_on(commitment):
    return Record.objects.get(kind="period", commitment=commitment.key).item.get("requested_on")


def test_nobody_to_ask_is_never_overdue_until_an_officer_records_a_call(commitment, client):
    states = {}
    for day in (date(2026, 5, 31), date(2026, 6, 1), date(2026, 12, 1)):
        with on(day):
            states[day.isoformat()] = reporting_state(commitment)
    assert list(states.values()) == ["up_to_date", "no_contact", "no_contact"]
    with on(CALLED):
        public = page(client.get(f"/commitments/{commitment.key}"))
        assert "No contact since 4 May 2026" in public
        # It is counted with the updates that were not received, and can be filtered.
        assert "1 not heard from in time" in page(client.get("/commitments"))
        assert commitment.title in page(client.get("/commitments?reporting=no_contact"))
        officer = officer_client()
        assert "Record a letter or call" in page(officer.get("/council/behind"))
        address = f"/council/signatories/{commitment.signatory.key}/contact"
        values = {"kind": "call", "made_on": "15/6/2026", "note": "Spoke to reception"}
        assert "Select how you asked" in page(officer.post(address, values | {"kind": ""}))
        early = page(officer.post(address, values | {"made_on": "1/6/2026"}))
        assert "No update was due before this day and is missing" in early
        later = page(officer.post(address, values | {"made_on": "16/6/2026"}))
        assert "The day must be today or in the past" in later
        assert "Spoke to reception" in later
        assert officer.post(address, values).status_code == 302
        assert officer.post(address, values).status_code == 302
        assert "Spoke to reception" in page(officer.get(address))
        assert "last asked 15 June 2026" in page(officer.get("/council/behind"))
        assert requested_on(commitment) == ["2026-06-15"]
        assert reporting_state(commitment) == "due"
        public = page(client.get(f"/commitments/{commitment.key}"))
        assert "Spoke to reception" not in public
    for day, state in {date(2026, 7, 1): "overdue", date(2026, 8, 30): "silent"}.items():
        with on(day):
            assert reporting_state(commitment) == state
            public = page(client.get(f"/commitments/{commitment.key}"))
            assert "We wrote by post, called or visited on 15 June 2026." in public
            assert "Letter, call or visit about the update to 31 May 2026" in public
            assert "eminder sent" not in public


def test_call_asks_only_for_what_was_due_and_is_missing(commitment):
    values = {"by": factories.officer(), "kind": "letter", "made_on": date(2026, 5, 20)}
    with on(date(2026, 5, 20)), pytest.raises(WrongStateError, match="No update was due"):
        contact_attempts.record_attempt(commitment.signatory, note="", **values)


def test_wrong_unreachable_is_taken_back_as_our_fault(client):
    commitment = scenarios.commitment()
    signatory = commitment.signatory
    with on(date(2026, 5, 4)):
        factories.lose_mailbox("asha@brookfield.example")
    with on(date(2026, 6, 2)):
        assert reporting_state(commitment) == "unreachable"
        officer = officer_client()
        address = f"/council/signatories/{signatory.key}/standing"
        assert "Take back that it was unreachable" in page(officer.get(address))
        reason = "Our mail server answered for theirs."
        assert "Enter what we did wrong" in page(officer.post(f"{address}/retract", {"reason": ""}))
        preview = page(officer.post(f"{address}/retract", {"reason": reason}))
        assert reason in preview
        values = {"reason": reason, "confirmed": "yes"}
        assert officer.post(f"{address}/retract", values).status_code == 302
        assert reporting_state(commitment) == "due"
        public = page(client.get(f"/signatories/{signatory.key}"))
        assert "This was our fault" in public
        assert reason in public
        history = page(client.get(f"/commitments/{commitment.key}"))
        assert "Taken back: we could have contacted Brookfield Catering" in history
        assert "Could not be contacted" not in history
        assert not Membership.objects.exclude(bounced_at=None).exists()
        assert not RefusedAddress.objects.exists()
        record = Record.objects.get(key=signatory.key)
        assert record.item["change_reason"] == reason
        assert record.item["retractions"] == [
            {"unreachable_since": "2026-05-04", "on": "2026-06-02", "reason": reason}
        ]
        assert "Take back" not in page(officer.get(address))
        with pytest.raises(WrongStateError):
            retractions.retract_unreachable(signatory, by=factories.officer(), reason=reason)


def test_unreachable_that_has_passed_can_still_be_taken_back():
    commitment = scenarios.commitment()
    with on(date(2026, 5, 4)):
        factories.lose_mailbox("asha@brookfield.example")
    with on(date(2026, 5, 20)):
        scenarios.submitted_update(commitment)
        assert "unreachable_since" not in Record.objects.get(key=commitment.signatory.key).item
        signatory = retractions.retract_unreachable(
            commitment.signatory, by=factories.officer(), reason="Our fault."
        )
        assert signatory.retractions[0]["unreachable_since"] == "2026-05-04"
