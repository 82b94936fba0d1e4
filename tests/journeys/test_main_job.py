"""The main job, end to end, in the processes of a real register: from its first day to a success.

Each restart of the register moves its clock by another offset.
"""

import csv
from datetime import datetime
from io import StringIO

import pytest

from registry import clock
from registry.local import accounts
from tests.axe import DESK, PHONE
from tests.conftest import free_port
from tests.journeys.people import PASSWORD, Person, email_about, emails, links
from tests.make_run import MakeRun

OWNER, OFFICER = "asha@brookfield.example", "ada@council.example"
TITLE = "Start 20 apprenticeships for care leavers by 31 December 2028"


class MovedRegister:
    """A register whose clock is set by restarting it."""

    def __init__(self, home, port) -> None:
        self.home, self.port = home, port
        self.running: MakeRun | None = None

    def at(self, day: str, time: str = "10:00") -> MakeRun:
        """Restart at a time in London; return the running register."""
        self.stop()
        moment = datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=clock.LONDON)
        seconds = int((moment - datetime.now(clock.LONDON)).total_seconds())
        self.running = MakeRun(self.home, self.port, REGISTER_CLOCK_OFFSET=str(seconds))
        self.running.wait_for("The register is at")
        # Worker and beat would do this within a minute.
        self.running.manage("tick")
        return self.running

    def stop(self) -> None:
        if self.running:
            self.running.stop()


@pytest.fixture
def register(tmp_path):
    register = MovedRegister(tmp_path / "r", free_port())
    yield register
    register.stop()


@pytest.fixture
def people(browser, register):
    """Return Asha on a phone, Ada at the council and a reader; only Ada has scripts."""
    address = f"http://localhost:{register.port}"
    people = [
        Person(browser, address, OWNER, viewport=PHONE, java_script_enabled=False),
        Person(browser, address, OFFICER, viewport=DESK),
        Person(browser, address, viewport=PHONE, java_script_enabled=False),
    ]
    yield people
    for person in people:
        person.context.close()


def council_sets_up_its_register(running: MakeRun, ada: Person) -> None:
    # An empty register says so, and refuses the demonstration's accounts.
    ada.go("/")
    ada.sees("No commitments have been published yet")
    assert "Demonstration" not in ada.page.content()
    ada.go("/account/login/")
    ada.write(Email=accounts.ADMINISTRATOR, Password=accounts.PASSWORD)
    ada.press("Sign in")
    ada.sees("There is a problem")

    # The one-time link leads to a password, then to a second factor.
    output = running.manage("create_administrator", OFFICER)
    link = next(word for word in output.split() if "://" in word)
    ada.accept_invitation(link, "Ada")
    ada.go(link)
    ada.sees("used already")
    ada.sign_in()
    ada.go("/council/set-up")
    ada.sees("Set up an authenticator app")
    ada.set_up_second_factor()
    ada.sees("Your recovery codes")

    # The set-up page starts with Birmingham's charter; an error loses no input.
    ada.go("/council")
    ada.sees("Set the register up")
    ada.write(Name_of_the_council="Larkminster City Council", Telephone_number="")
    ada.press("Set the register up")
    ada.sees("There is a problem")
    assert ada.page.get_by_label("Name of the council").input_value() == "Larkminster City Council"
    ada.write(Telephone_number="01632 960 123", Name_of_the_charter="Larkminster Charter")
    ada.press("Set the register up")
    ada.go("/contact")
    ada.sees("Larkminster City Council", "01632 960 123")
    assert PASSWORD not in output

    # The outbox sends email.
    assert "took the email" in running.manage("send_test_mail", OFFICER)
    email_about(running.home, OFFICER, "test")


def council_admits_a_signatory(running: MakeRun, ada: Person, asha: Person) -> None:
    """Invite a signatory; its contact accepts the emailed invitation and signs the charter."""
    ada.go("/council/signatories/new")
    ada.write(Legal_name="Brookfield Catering Ltd")
    ada.page.get_by_label("What it is").select_option("company")
    ada.choose("10 to 49 people")
    ada.choose("Contract")
    ada.page.get_by_label("Email address of the person").fill(OWNER)
    ada.page.locator("main form button[type=submit]").click()
    ada.page.get_by_text("Brookfield Catering Ltd is invited to sign").wait_for()
    invitation = email_about(running.home, OWNER, "Join Brookfield Catering")
    asha.accept_invitation(next(a for a in links(invitation) if "/invitations/" in a), "Asha")
    asha.sign_in_here()
    asha.sign_charter("Brookfield Catering Ltd")
    asha.sees("Brookfield Catering Ltd", "Nothing to do")
    ada.go("/signatories")
    ada.sees("Brookfield Catering Ltd")


def signatory_writes_a_commitment(asha: Person) -> None:
    """Make a commitment in two parts: the outcome, and how people will know."""
    asha.go("/business/commitments/new")
    asha.open("measures of Local Employment")
    asha.follow("New apprentices started")
    asha.write(
        Your_commitment_in_one_sentence=TITLE,
        What_will_you_do="Take on 20 care leavers in our kitchens.",
        Target="20",
        Deadline="31/12/2028",
    )
    asha.open("Where will it happen?")
    asha.choose("Ladywood")
    asha.page.get_by_label("Additional: beyond").check()
    asha.page.get_by_label("What evidence will you have?").select_option("payroll")
    asha.write(How_will_people_know="Payroll records and letters from the two colleges")
    asha.press("Save and preview")
    asha.sees("Preview of the public page", TITLE, "Ladywood", "letters from the two colleges")
    asha.press("Send to the council")


def reader_finds_the_commitment(reader: Person) -> str:
    """Find the commitment by search and by filter; return the address of its page."""
    reader.go("/")
    reader.page.get_by_label("Search by organisation, commitment").fill("care leavers")
    reader.press("Search")
    reader.sees("1 commitment", TITLE)
    reader.go("/commitments?area=E05011151&delivery=not_started")
    reader.follow(TITLE)
    reader.sees("20 people by 31 December 2028", "Payroll records", "Not started", "Up to date")
    reader.sees("First update due on 4 April 2027", "No successes yet", "Verify")
    return reader.page.url


def signatory_reports_a_figure_and_a_success(asha: Person, key: str) -> None:
    asha.go(f"/{key}/update")
    asha.choose("Report a new figure")
    asha.write(People_to_date="9", What_happened="Nine care leavers have started.")
    asha.choose("On track")
    asha.write(
        Name_of_the_evidence="Letters from the colleges",
        Link_to_the_evidence="https://www.example.org/letters",
    )
    asha.page.get_by_label("What is it?").select_option("document")
    asha.open("Add a success")
    asha.write(Title="First to finish", When="20/6/2027")
    asha.page.get_by_label("What happened?").last.fill("One of the nine now trains the next.")
    asha.choose("No one can be identified")
    asha.press("Send")


def api_csv_and_log_agree(running: MakeRun, reader: Person, key: str) -> None:
    get = reader.page.request.get
    record = get(f"{reader.address}/api/v1/commitments/{key}").json()
    assert record["progress"]["value"] == "9"
    assert record["delivery"] == "on_track"
    (row,) = csv.DictReader(StringIO(get(f"{reader.address}/commitments.csv").text()))
    assert (row["key"], row["progress_value"], row["reporting"]) == (key, "9", "up_to_date")
    changes = get(f"{reader.address}/api/v1/changes?key={key}").json()
    assert [change["action"] for change in changes["data"]] == ["publish", "confirm"]
    output = running.manage("verify_register")
    assert "The register verifies" in output
    assert str(get(f"{reader.address}/api/v1/").json()["head"]["hash"]) in output


def test_commitment_is_followed_from_an_empty_register_to_a_success(register, people):
    asha, ada, reader = people
    running = register.at("2027-01-04")
    council_sets_up_its_register(running, ada)
    council_admits_a_signatory(running, ada, asha)
    signatory_writes_a_commitment(asha)

    # Nothing is public until the council has previewed and published it.
    reader.go("/commitments?q=apprenticeships")
    assert TITLE not in reader.text()
    ada.go("/council")
    ada.follow(TITLE)
    ada.sees("The public page, once published", "Ladywood")
    ada.press("Publish")
    running.manage("tick")
    receipt = email_about(register.home, OWNER, "Published:")
    assert "Entry" in receipt.get_body(("plain",)).get_content()
    page = reader_finds_the_commitment(reader)
    key = page.rpartition("/")[2]

    # The first reminder goes out 30 days before, on a working day.
    register.at("2027-03-05")
    first = email_about(register.home, OWNER, "4 April")
    assert "Payroll records" in first.get_body(("plain",)).get_content()
    reader.go(page)
    reader.sees("Up to date", "First update due on 4 April 2027")
    assert "We asked" not in reader.text()

    # A month after the due date comes another; it announces what the page will say in a week.
    count = len(emails(register.home, OWNER))
    register.at("2027-05-04")
    second = emails(register.home, OWNER)[count]
    reader.go(page)
    reader.sees("Due now", "We sent reminders on 5 March and 4 May 2027.")
    assert "11 May 2027" in second.get_body(("plain",)).get_content()

    # The email's link reports no change, and the page shows the receipt at once.
    asha.context.clear_cookies()
    asha.go(next(link for link in links(second) if link.endswith("answer=same")))
    asha.sign_in_here()
    asha.press("Send")
    reader.go(page)
    reader.sees("Up to date")
    ada.context.clear_cookies()
    ada.go("/council")
    ada.sign_in_here()  # Her second factor is needed again.
    ada.follow(TITLE)
    ada.press("Publish")
    reader.go(page)
    reader.sees("No change reported")

    # The next update has a figure with evidence, and a success.
    running = register.at("2027-07-01")
    signatory_reports_a_figure_and_a_success(asha, key)
    for _ in range(2):
        ada.go("/council")
        ada.page.locator("main table a").first.click()
        ada.press("Publish")
    reader.go(page)
    reader.sees("9 of 20", "On track", "Evidence provided", "Letters from the colleges")
    reader.sees("First to finish", "One of the nine now trains the next.")
    api_csv_and_log_agree(running, reader, key)
