"""Everyone answers for their acts: removals by two, redactions at once, and all on the record."""

import pytest

from charter.models import Charter
from charter.roles import StaffRole, usual_second_person_acts
from tests import factories
from tests.journeys.people import Person
from tests.visitors import with_second_factor

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "Jo Bloggs"
REASON = "It has not reported for two years."


@pytest.fixture
def commitment():
    """Return Brookfield Catering's commitment, under a charter that asks for second persons."""
    commitment = factories.published_commitment(
        title="Start 20 apprenticeships", description=f"{NAME} will train them."
    )
    Charter.objects.update(second_person_acts=usual_second_person_acts())
    return commitment


def at_desk(person, name: str, role: str) -> Person:
    return person(with_second_factor(factories.officer(name, role)))


def test_removal_is_prepared_by_one_agreed_by_another_and_on_the_record(person, commitment):
    dev = at_desk(person, "Dev", StaffRole.PUBLISHER)
    pia = at_desk(person, "Pia", StaffRole.PUBLISHER)
    edna = at_desk(person, "Edna", StaffRole.ADMINISTRATOR)
    dev.go(f"/council/signatories/{commitment.signatory.key}/standing")
    dev.follow("End its membership")
    dev.choose("The council removed the organisation")
    dev.write(Why=REASON)
    dev.press("End its membership and publish")
    dev.sees("Check what will end", "1 open commitment will end", "Start 20 apprenticeships")
    dev.press("Propose it")
    dev.sees("Nothing has changed yet", "We have emailed everyone who can")
    dev.go(f"/signatories/{commitment.signatory.key}")
    assert "removed" not in dev.text().lower()

    pia.go("/council")
    pia.follow("Remove a signatory: Brookfield Catering")
    pia.sees("Dev proposed this", REASON, "Start 20 apprenticeships")
    pia.press("Agree: remove a signatory")
    pia.sees("Agreed and done: Remove a signatory")

    asha = person(factories.asha())
    asha.go(f"/signatories/{commitment.signatory.key}")
    asha.sees("Removed", REASON)
    asha.go("/business/activity")
    asha.sees("The council removed a signatory")
    assert "Dev" not in asha.text()
    assert "Pia" not in asha.text()

    edna.go("/council")
    edna.follow("Activity")
    edna.sees(
        "Dev (publisher) proposed something that needs a second person",
        "Pia (publisher) removed a signatory",
    )
    edna.follow("Details")
    edna.sees("Before", "After")


def test_text_is_redacted_at_once_by_one_and_confirmed_by_another(person, commitment):
    edna = at_desk(person, "Edna", StaffRole.ADMINISTRATOR)
    edgar = at_desk(person, "Edgar", StaffRole.ADMINISTRATOR)
    edna.go(f"/council/redact?key={commitment.key}")
    edna.page.get_by_label("The words that should never have been public").fill(NAME)
    edna.page.locator("input[name=reason_code]").first.check()
    edna.press("Find this text")
    edna.press("Remove it for good")
    edna.sees("Removed")
    edna.go(f"/commitments/{commitment.key}")
    assert NAME not in edna.text()

    edgar.go("/council")
    edgar.follow(f"Redaction in {commitment.key}")
    edgar.sees("Edna removed text on")
    edgar.press("Confirm the redaction")
    edgar.sees("Confirmed by Edgar")
    edgar.go("/council/activity")
    edgar.sees("Edna (administrator) redacted text", "Edgar (administrator) confirmed a redaction")
    edgar.follow("Details")
    assert NAME not in edgar.text()
