"""The council admits signatories and agrees pauses with them."""

import pytest

from charter.actions import signatories
from charter.errors import NotAllowedError
from charter.models import Message, Signatory
from registry import clock
from registry.models import Entry, Record
from tests import factories

pytestmark = pytest.mark.django_db


def test_signatory_is_public_without_its_contact_and_the_person_who_signed():
    signatory = factories.signatory(trading_name="Brook’s", contact_email="asha@brookfield.example")
    record = Record.objects.get(key=signatory.key)
    assert record.item["legal_name"] == "Brookfield Catering"
    assert record.item["standing"] == "plan_in_progress"
    assert record.item["joined_on"] == clock.today().isoformat()
    assert "asha" not in str(record.item)
    assert "Sam" not in str(record.item)
    email = Message.objects.get(recipient="asha@brookfield.example")
    assert "Join Brook’s" in email.subject


def test_signatory_cannot_admit_an_organisation():
    with pytest.raises(NotAllowedError):
        signatories.admit(by=factories.asha(), charter=factories.charter(), legal_name="Ours too")


@pytest.mark.parametrize("until", [None, 0, 2])
def test_pause_includes_its_first_and_last_day(until):
    signatory, first = factories.brookfield(), clock.today()
    last = None if until is None else factories.in_days(until)
    signatories.pause(signatory, by=factories.officer(), until=last, reason="A fire.")
    signatory.refresh_from_db()
    for offset in range(-1, 5):
        day = factories.in_days(offset)
        expected = first <= day and (last is None or day <= last)
        assert signatory.is_paused(day) == expected
        assert Signatory.objects.paused_on(day).contains(signatory) == expected


def test_pause_is_public_with_its_reason_until_it_ends():
    signatory = factories.brookfield()
    until = factories.in_days(60)
    signatories.pause(signatory, by=factories.officer(), until=until, reason="A fire.")
    record = Record.objects.get(key=signatory.key)
    assert record.item["pause"] == {
        "from": clock.today().isoformat(),
        "to": until.isoformat(),
        "reason": "A fire.",
    }
    signatories.resume(signatory, by=factories.officer(), reason="The kitchen is open again.")
    record.refresh_from_db()
    assert "pause" not in record.item
    assert Entry.objects.filter(key=signatory.key, action="amend").count() == 2
