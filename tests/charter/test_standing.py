"""The council accepts a plan, suspends, reinstates and ends; the public reads when and why."""

import json
from datetime import date, timedelta

import pytest
from django.db import DatabaseError
from django.test import Client

from charter import tasks
from charter.actions import signatories, standing
from charter.errors import AlreadyExistsError, NotAllowedError, WrongStateError
from charter.models import Message, Organisation, Signatory
from charter.workflow import Standing
from registry import clock
from registry.models import Entry, Record
from tests import factories
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db
NUMBER = ("GB-COH", "01234567")


@pytest.fixture
def dev() -> Client:
    return signed_in(with_second_factor(factories.officer()))


@pytest.fixture
def page() -> str:
    return f"/council/signatories/{factories.brookfield().key}/standing"


def public() -> dict:
    return Record.objects.get(key=factories.brookfield().key).item


def last_reason() -> str:
    entry = Entry.objects.latest("number")
    assert entry.action == "amend"
    return json.loads(entry.item)["change_reason"]


def accredited(**fields) -> Signatory:
    described = {"certificate_number": "36", "accredited_from": clock.today(), "reason": "Its plan"}
    signatory = factories.brookfield()
    return standing.accredit(signatory, by=factories.officer(), **described | fields)


def test_an_accepted_plan_gets_a_certificate_and_a_period_in_public(dev, page):
    assert "Accept the action plan" in dev.get(page).text
    form = dev.get(f"{page}/accredit")
    assert "24 months" in form.text
    assert 'value="1"' in form.text
    filled = {"certificate_number": "36", "accredited_from": "3/11/2014", "reason": "A good plan."}
    after = dev.post(f"{page}/accredit", filled, follow=True)
    assert "2 November 2016" in after.text
    assert public()["standing"] == "accredited"
    assert public()["certificate_number"] == "36"
    assert public()["accredited_to"] == "2016-11-02"
    assert last_reason() == "A good plan."
    email = Message.objects.get(kind="standing")
    assert email.recipient == "asha@brookfield.example"
    assert "A good plan." in email.text


def test_what_is_missing_is_said_at_its_field(dev, page):
    again = dev.post(f"{page}/suspend", {"reason": "It has not paid its suppliers."})
    assert "Say what has to happen" in again.text
    assert "It has not paid its suppliers." in again.text
    assert public()["standing"] == "plan_in_progress"


def test_a_suspension_says_what_has_to_happen_and_ends_in_the_same_accreditation(dev, page):
    accredited()
    filled = {"reason": "Suppliers wait for 90 days.", "plan": "30 days by June."}
    dev.post(f"{page}/suspend", filled)
    assert public()["standing"] == "suspended"
    assert last_reason() == "Suppliers wait for 90 days.\nTo be reinstated: 30 days by June."
    dev.post(f"{page}/reinstate", {"reason": "It pays within 30 days."})
    assert public()["standing"] == "accredited"


def test_after_its_period_a_suspended_signatory_has_a_plan_to_make():
    accredited(accredited_from=date(2014, 11, 3))
    signatory = factories.brookfield()
    standing.suspend(signatory, by=factories.officer(), reason="Late.", plan="Pay.")
    standing.reinstate(signatory, by=factories.officer(), reason="It pays.")
    assert public()["standing"] == "plan_in_progress"


def test_an_accreditation_lapses_by_itself_and_is_renewed(dev, page):
    accredited()
    assert "Renew the accreditation" in dev.get(page).text
    emails = Message.objects.count()
    last = factories.brookfield().accredited_to
    with clock.fixed_at(clock.now() + (last - clock.today())):
        tasks.lapse_accreditations()
        assert public()["standing"] == "accredited"
    with clock.fixed_at(clock.now() + (last - clock.today()) + timedelta(days=1)):
        tasks.lapse_accreditations()
        tasks.lapse_accreditations()
        assert public()["standing"] == "lapsed"
        assert Message.objects.count() == emails
        accredited(accredited_from=clock.today())
        assert public()["standing"] == "accredited"


@pytest.mark.parametrize("how", ["withdrawn", "removed", "ceased"])
def test_who_leaves_keeps_a_page_with_the_day_and_is_asked_nothing_more(dev, page, how):
    dev.post(f"{page}/end", {"standing": how, "reason": "It moved to Leeds."})
    assert public()["standing"] == how
    assert public()["left_on"] == str(clock.today())
    assert last_reason() == "It moved to Leeds."
    assert "no signatory any more" in dev.get(page).text
    assert dev.get(f"{page}/suspend").status_code == 404
    late = dev.post(f"{page}/end", {"standing": how, "reason": "Twice."}, follow=True)
    assert "in another standing by now" in late.text


def test_a_pause_is_agreed_and_ended_on_the_page(dev, page):
    until = factories.in_days(60)
    dev.post(f"{page}/pause", {"until": f"{until:%d/%m/%Y}", "reason": "A fire."})
    assert public()["pause"]["to"] == str(until)
    assert "End the pause" in dev.get(page).text
    dev.post(f"{page}/resume", {"reason": "The kitchen is open again."})
    assert "pause" not in public()


def test_two_certificates_never_have_one_number(dev, page):
    accredited()
    cara = factories.cara().memberships.get().organisation.signatories.get()
    with pytest.raises(AlreadyExistsError, match="has the certificate"):
        standing.accredit(
            cara,
            by=factories.officer(),
            certificate_number="36",
            accredited_from=clock.today(),
            reason="A plan.",
        )
    assert standing.next_certificate(cara) == "37"


def test_only_the_council_decides_and_only_what_follows():
    signatory = factories.brookfield()
    with pytest.raises(NotAllowedError):
        standing.suspend(signatory, by=factories.asha(), reason="Us?", plan="No.")
    with pytest.raises(WrongStateError):
        standing.reinstate(signatory, by=factories.officer(), reason="Nothing was suspended.")
    standing.leave_charter(
        signatory, by=factories.officer(), standing=Standing.CEASED, reason="Gone."
    )
    with pytest.raises(DatabaseError, match="Invalid transition"):
        Signatory.objects.filter(pk=signatory.pk).update(standing=Standing.ACCREDITED)


def test_who_left_comes_back_as_the_same_organisation_under_its_number():
    first = factories.signatory("Lantern Bakery", identifiers=[NUMBER])
    with pytest.raises(AlreadyExistsError, match="in the register already"):
        factories.signatory("Lantern Bakery", identifiers=[NUMBER])
    standing.leave_charter(
        first, by=factories.officer(), standing=Standing.WITHDRAWN, reason="Rest."
    )
    second = factories.signatory("Lantern Bakers", identifiers=[NUMBER])
    assert second.organisation == first.organisation
    assert second.key != first.key
    item = Record.objects.get(key=second.key).item
    assert item["primary_org_id"] == "GB-COH-01234567"
    assert [former["name"] for former in item["former_names"]] == ["Lantern Bakery"]
    assert Organisation.objects.filter(legal_name__startswith="Lantern").count() == 1


def test_who_left_is_invited_again_by_the_people_who_know_it():
    signatory = factories.signatory(
        "Lantern Bakery", identifiers=[NUMBER], contact_email="noor@lantern.example"
    )
    noor = factories.accept_invitation("noor@lantern.example", "Noor")
    standing.leave_charter(
        signatory, by=factories.officer(), standing=Standing.WITHDRAWN, reason="Rest."
    )
    signatories.admit(
        by=factories.officer(),
        charter=factories.charter(),
        legal_name="Lantern Bakery",
        kind="company",
        identifiers=[NUMBER],
        contact_email="noor@lantern.example",
    )
    assert noor.memberships.current().count() == 1
