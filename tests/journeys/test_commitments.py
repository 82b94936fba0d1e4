"""Signatories join, make commitments and change them publicly: on a phone, without scripts."""

import csv
from datetime import timedelta

import pytest

from charter.models import Commitment, Message
from registry import clock
from registry.models import Record
from tests import factories
from tests.journeys.people import Person, link_path
from tests.visitors import with_second_factor

pytestmark = pytest.mark.django_db(transaction=True)

TITLE = "Start 20 apprenticeships for care leavers by 30 June 2028"
NEXT_YEAR = clock.today() + timedelta(days=400)
DONE_BY = f"{NEXT_YEAR:%d/%m/%Y}"


@pytest.fixture
def asha(person):
    return person(factories.asha())


@pytest.fixture
def dev(person):
    return person(with_second_factor(factories.officer()))


def publish(dev: Person, title: str) -> None:
    dev.go("/council")
    dev.follow(title)
    dev.press("Publish")


def test_small_signatory_joins_and_makes_a_commitment_on_one_screen(person, dev):
    factories.charter()
    noor = person()
    noor.email = "noor@lantern-bakery.example"
    noor.go("/join")
    noor.choose("Neither a contract nor a grant")
    noor.choose("0 to 9 people")
    noor.press("Continue")
    noor.sees("You can use the short form: one commitment, 3 questions, once a year.")
    noor.follow("Apply to sign")
    noor.press("Send to the council")
    noor.sees("There is a problem")
    noor.write(Legal_name="Lantern Bakery")
    noor.page.get_by_label("What it is").select_option("company")
    for answer in ("0 to 9 people", "Voluntary"):
        assert noor.page.get_by_label(answer).is_checked()
    noor.page.get_by_label("Your email address").fill(noor.email)
    noor.press("Send to the council")
    dev.go("/council")
    dev.follow("Lantern Bakery")
    dev.press("Accept and invite")

    # With the link in the email she chooses a password, signs in and signs the charter.
    link = link_path("invitation", noor.email)
    noor.accept_invitation(link, "Noor")
    noor.sign_in_here()
    noor.choose("I may sign for Lantern Bakery")
    noor.press("Sign and make public")
    noor.sees("There is a problem")
    noor.sign_charter("Lantern Bakery")
    noor.sees("Lantern Bakery", "You have no commitments yet")

    # The menu has answered two of six questions. A half-finished form is saved as a draft.
    noor.follow("Make a commitment")
    noor.open("measures of Local Employment")
    noor.follow("New apprentices started")
    assert noor.required_fields() == {
        "What will you measure?": "New apprentices started",
        "Your commitment in one sentence": "",
        "Target (people)": "",
        "Deadline": "",
        "How will people know?": "Apprenticeship agreement",
    }
    noor.write(Your_commitment="Train two young bakers")
    noor.press("Save for later")
    noor.sees("Train two young bakers")
    noor.page.go_back()
    noor.press("Save for later")
    assert Commitment.objects.count() == 1, "gone back and saved again, it is one commitment"
    noor.go("/business")
    noor.follow("Train two young bakers")
    noor.write(Target="2", Deadline=DONE_BY)
    noor.press("Save and preview")
    noor.sees("Preview of the public page", "Train two young bakers", "2 people by")

    noor.press("Send to the council")
    noor.sees("You sent it on")
    noor.page.go_back()
    assert not noor.page.get_by_role("button", name="Send to the council").count()
    publish(dev, "Train two young bakers")
    receipt = Message.objects.get(kind="receipt", recipient=noor.email)
    key = Commitment.objects.get().key
    assert key in receipt.text
    noor.go(f"/commitments/{key}")
    noor.sees("Lantern Bakery", "Train two young bakers", "Not started")


def test_asha_writes_a_commitment_in_a_contract_by_keyboard_only(asha, dev):
    asha.go("/business/commitments/new")
    asha.tab_to("measures of Local Employment")
    asha.keys("Enter")
    asha.tab_to("New apprentices started")
    asha.keys("Enter")
    assert asha.required_fields() == {
        "What will you measure?": "New apprentices started",
        "Your commitment in one sentence": "",
        "What will you do, and what difference will it make?": "",
        "Target (people)": "",
        "Deadline": "",
        "Is this core or additional?": "",
        "How often will you send an update?": "yearly",
        "What evidence will you have?": "Select one",
        "How will people know?": "Apprenticeship agreement",
    }
    asha.tab_to("Your commitment in one sentence")
    asha.types(TITLE)
    asha.tab_to("What will you do, and what difference will it make?")
    asha.types("Ask Jo Bloggs on 0121 496 0123 for a place in our kitchens.")
    asha.tab_to("Target")
    asha.types("20")
    asha.tab_to("Deadline")
    asha.types("31/2/2028")
    asha.tab_to("Core")
    asha.keys("ArrowDown")
    asha.tab_to("Is it part of a contract?")
    asha.keys("Enter")
    asha.tab_to("Contract reference")
    asha.types("BCC-2027-014")
    asha.tab_to("Save and preview")
    asha.keys("Enter")

    # The error summary links to the impossible date, and no input is lost.
    asha.sees("There is a problem")
    asha.tab_to("Enter a date")
    asha.keys("Enter")
    asha.page.get_by_label("Deadline").fill(DONE_BY)
    asha.page.get_by_label("What evidence will you have?").select_option("payroll")
    asha.tab_to("Save and preview")
    asha.keys("Enter")
    asha.sees("Preview of the public page", TITLE, "BCC-2027-014")

    # Asha and the officer are both warned of personal data.
    warning = "This may identify a person, and it will be public."
    asha.sees(warning, "0121 496 0123")
    asha.tab_to("Send to the council")
    asha.keys("Enter")
    asha.sees("You sent it on")
    dev.go("/council")
    dev.follow(TITLE)
    dev.sees(warning, "0121 496 0123")
    dev.open("Return it with comments")
    dev.write(In_your_own_words="Leave out the name and the number.")
    dev.press("Return with comments")
    asha.go("/business")
    asha.sees("Leave out the name and the number.")


def test_two_editors_and_an_expired_session_lose_nothing(asha, person):
    draft = factories.draft(title="A commitment in the making")
    ben = person(factories.ben())
    for someone in (asha, ben):
        someone.go(f"/business/commitments/{draft.key}/edit")
    ben.write(Your_commitment="What Ben wrote")
    ben.press("Save and preview")
    asha.write(Your_commitment="What Asha wrote")
    asha.press("Save and preview")
    asha.sees(
        "Someone else has changed this",
        "A colleague saved changes",
        "What Ben wrote",
        "What Asha wrote",
    )
    asha.press("Save and preview")
    asha.sees("Preview of the public page", "What Asha wrote")

    asha.follow("Change it")
    asha.write(Your_commitment="What Asha wrote before she was signed out")
    asha.context.clear_cookies(name="sessionid")
    asha.press("Save and preview")
    asha.email = factories.asha().email
    asha.sign_in_here()
    asha.sees("Your answers are safe")
    asha.press("Carry on")
    asha.sees("Preview of the public page", "before she was signed out")


def test_commitment_is_changed_with_a_public_reason(asha, dev, person):
    commitment = factories.published_commitment(end_on=NEXT_YEAR)
    asha.go(f"/business/commitments/{commitment.key}")
    asha.follow("Change or end this commitment")
    asha.follow("Change what we promised")
    asha.write(Target="12")
    asha.press("Save and preview")
    asha.sees("There is a problem", "Enter a reason")
    assert asha.page.get_by_label("Target").input_value() == "12"
    asha.write(Why="Our second kitchen closed.")
    asha.press("Save and preview")
    asha.sees("20 people", "12 people", "Our second kitchen closed.", "Weakened")
    asha.press("Send to the council")
    reader = person()
    reader.go(f"/commitments/{commitment.key}")
    assert "12 people" not in reader.text()
    dev.go("/council")
    dev.follow(commitment.title)
    dev.sees("Our second kitchen closed.")
    dev.press("Publish")
    reader.go(f"/commitments/{commitment.key}")
    reader.sees("12 people", "20 people", "Weakened", "Our second kitchen closed.")


def test_asha_invites_a_support_body_and_withdraws_consent(asha, person):
    asha.go("/business/people")
    asha.page.get_by_label("Email address").fill("ines@canal-side.example")
    asha.page.get_by_label("Acts for the organisation").check()
    asha.press("Invite")
    asha.sees("Name the support body")
    asha.write(Name_of_the_support_body="Canal Side Chamber")
    asha.press("Invite")
    asha.sees("ines@canal-side.example, acts for the organisation from Canal Side Chamber")
    ines = person()
    ines.email = "ines@canal-side.example"
    ines.accept_invitation(link_path("invitation", ines.email), "Ines")
    ines.sign_in()
    ines.sees("Brookfield Catering", "Make a commitment")
    asha.go("/business/people")
    asha.sees("Canal Side Chamber Consent given by Asha")
    asha.follow("Withdraw consent (Ines)")
    asha.sees("Do you want to withdraw your consent for Ines?")
    asha.press("Withdraw consent")
    ines.go("/business")
    assert "Brookfield" not in ines.page.content()


def test_spreadsheet_is_downloaded_edited_and_uploaded(asha, tmp_path):
    factories.draft(title="A draft")
    asha.go("/business")
    asha.follow("use a spreadsheet")
    with asha.page.expect_download() as download:
        asha.follow("as CSV")
    path = tmp_path / "commitments.csv"
    download.value.save_as(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        columns, *rows = csv.reader(file)
    rows[0][columns.index("Target")] = "25"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    asha.page.locator("input[type=file]").set_input_files(path)
    asha.press("See what would change")
    asha.sees("1 row would change something, 0 nothing.", "Target 20 25")
    asha.press("Save all of it")
    asha.sees("saved")
    assert Commitment.objects.get().target_value == 25
    assert not Record.objects.of_kind("commitment").exists()
