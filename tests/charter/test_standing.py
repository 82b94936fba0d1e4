"""The council accepts a plan, suspends, reinstates and ends; dates and reasons are public."""

import json
from datetime import date, timedelta

import pytest
from django.db import DatabaseError
from django.test import Client

from charter import tasks
from charter.actions import signatories, standing
from charter.errors import AlreadyExistsError, NotAllowedError, WrongStateError
from charter.models import Message, Organisation, Signatory
from registry import clock
from registry.models import Entry, Record
from registry.schema.code_lists import Standing
from registry.wording.formatting import format_day
from tests import factories
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db
CONFIRMED = {"confirmed": "yes"}
NUMBER = ("GB-COH", "01234567")


@pytest.fixture
def dev() -> Client:
    return signed_in(with_second_factor(factories.officer()))


@pytest.fixture
def address() -> str:
    return f"/council/signatories/{factories.brookfield().key}/standing"


def public_item() -> dict:
    return Record.objects.get(key=factories.brookfield().key).item


def last_reason() -> str:
    entry = Entry.objects.latest("number")
    assert entry.action == "amend"
    return json.loads(entry.item)["change_reason"]


def accredit_brookfield(**fields) -> Signatory:
    defaults = {"certificate_number": "36", "accredited_from": clock.today(), "reason": "Its plan"}
    signatory = factories.brookfield()
    return standing.accredit(signatory, by=factories.officer(), **defaults | fields)


def test_accepted_plan_gets_a_public_certificate_and_period(dev, address):
    assert "Accept the action plan" in dev.get(address).text
    form = dev.get(f"{address}/accredit")
    assert "24 months" in form.text
    assert 'value="1"' in form.text
    data = {"certificate_number": "36", "accredited_from": "3/11/2014", "reason": "A good plan."}
    asked = dev.post(f"{address}/accredit", data)
    assert "Check before it is public" in asked.text
    assert "3 November 2014" in asked.text
    assert public_item()["standing"] == "plan_in_progress"
    response = dev.post(f"{address}/accredit", data | CONFIRMED, follow=True)
    assert "2 November 2016" in response.text
    assert public_item()["standing"] == "accredited"
    assert public_item()["certificate_number"] == "36"
    assert public_item()["accredited_to"] == "2016-11-02"
    assert last_reason() == "A good plan."
    email = Message.objects.get(kind="standing")
    assert email.recipient == "asha@brookfield.example"
    assert "A good plan." in email.text


def test_missing_text_is_reported_at_its_field(dev, address):
    response = dev.post(f"{address}/suspend", {"reason": "It has not paid its suppliers."})
    assert "Say what has to happen" in response.text
    assert "It has not paid its suppliers." in response.text
    assert public_item()["standing"] == "plan_in_progress"


def test_reinstated_signatory_is_accredited_as_before(dev, address):
    accredit_brookfield()
    data = {"reason": "Suppliers wait for 90 days.", "plan": "30 days by June."}
    dev.post(f"{address}/suspend", data | CONFIRMED)
    assert public_item()["standing"] == "suspended"
    assert last_reason() == public_item()["standing_reason"] == "Suppliers wait for 90 days."
    assert public_item()["standing_plan"] == "30 days by June."
    email = Message.objects.filter(kind="standing").latest("pk")
    assert "30 days by June." in email.text
    dev.post(f"{address}/reinstate", {"reason": "It pays within 30 days."} | CONFIRMED)
    assert public_item()["standing"] == "accredited"
    assert "standing_plan" not in public_item()


def test_public_page_says_all_that_the_desk_announces_of_a_suspension(dev, address):
    commitment = factories.published_commitment()
    public = f"/signatories/{factories.brookfield().key}"
    announced = "Its page says so, why, and what has to happen before it is reinstated."
    assert announced in dev.get(f"{address}/suspend").text
    data = {"reason": "Suppliers wait for 90 days.", "plan": "30 days by June."}
    asked = dev.post(f"{address}/suspend", data).text
    assert all(words in asked for words in data.values())
    assert "1 open commitment will also say that the signatory is suspended" in asked
    assert public_item()["standing"] == "plan_in_progress"
    dev.post(f"{address}/suspend", data | CONFIRMED)
    since = f"Signatory suspended since {format_day(clock.today())}"
    page = Client().get(public).text
    banner = page[page.index('<div class="over">') : page.index("lede")]
    for words in (since, *data.values()):
        assert words in banner
    statement = Client().get(f"{public}/statement").text
    for surface in (
        statement,
        Client().get("/commitments").text,
        Client().get(f"/commitments/{commitment.key}").text,
        Client().get(f"/embedded/{factories.brookfield().key}").text,
        Client().get(f"/badges/{factories.brookfield().key}.svg").text,
        Client().get(f"/badges/{commitment.key}.svg").text,
    ):
        assert since in surface
    # "Its public page has every step so far, with its reason", also after it was reinstated.
    assert "every step so far, with its reason" in dev.get(address).text
    dev.post(f"{address}/reinstate", {"reason": "It pays within 30 days."} | CONFIRMED)
    page = Client().get(public).text
    assert since not in page
    history = page[page.index('id="standing"') :]
    for words in ("Reinstated", "It pays within 30 days.", "Suspended", *data.values(), "Signed"):
        assert words in history
    assert since not in Client().get("/commitments").text


def test_signatory_reinstated_after_its_period_needs_a_plan():
    accredit_brookfield(accredited_from=date(2014, 11, 3))
    signatory = factories.brookfield()
    standing.suspend(signatory, by=factories.officer(), reason="Late.", plan="Pay.")
    standing.reinstate(signatory, by=factories.officer(), reason="It pays.")
    assert public_item()["standing"] == "plan_in_progress"


def test_accreditation_lapses_automatically_and_can_be_renewed(dev, address):
    accredit_brookfield()
    assert "Renew the accreditation" in dev.get(address).text
    emails = Message.objects.count()
    last = factories.brookfield().accredited_to
    with clock.fixed_at(clock.now() + (last - clock.today())):
        tasks.lapse_accreditations()
        assert public_item()["standing"] == "accredited"
    with clock.fixed_at(clock.now() + (last - clock.today()) + timedelta(days=1)):
        tasks.lapse_accreditations()
        tasks.lapse_accreditations()
        assert public_item()["standing"] == "lapsed"
        assert Message.objects.count() == emails
        accredit_brookfield(accredited_from=clock.today())
        assert public_item()["standing"] == "accredited"


@pytest.mark.parametrize("new_standing", ["withdrawn", "removed", "ceased"])
def test_signatory_that_left_is_public_with_date_and_reason(dev, address, new_standing):
    end = {"standing": new_standing, "reason": "It moved to Leeds."}
    assert "has no open commitments" in dev.post(f"{address}/end", end).text
    dev.post(f"{address}/end", end | {"confirmed": "yes"})
    assert public_item()["standing"] == new_standing
    assert public_item()["left_on"] == str(clock.today())
    assert last_reason() == "It moved to Leeds."
    assert "no longer a signatory" in dev.get(address).text
    assert dev.get(f"{address}/suspend").status_code == 404
    response = dev.post(
        f"{address}/end", {"standing": new_standing, "reason": "Twice."}, follow=True
    )
    assert "in another standing by now" in response.text


def test_officer_agrees_and_ends_a_pause(dev, address):
    until = factories.in_days(60)
    typed = {"until": f"{until:%d/%m/%Y}", "reason": "A fire."}
    dev.post(f"{address}/pause", typed | CONFIRMED)
    assert public_item()["pause"]["to"] == str(until)
    assert "End the pause" in dev.get(address).text
    dev.post(f"{address}/resume", {"reason": "The kitchen is open again."} | CONFIRMED)
    assert "pause" not in public_item()


def test_certificate_numbers_are_unique(dev, address):
    accredit_brookfield()
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


def test_only_the_council_decides_and_only_listed_moves():
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


def test_returning_signatory_is_the_same_organisation():
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


def test_returning_signatorys_member_has_one_membership():
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
