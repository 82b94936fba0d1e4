"""The main job, end to end, in the processes of a real register: a promise, and what came of it.

The clock of the whole register is moved by starting it anew with another offset.
"""

import csv
from datetime import datetime
from io import StringIO

import pytest

from registry import clock
from tests.conftest import free_port
from tests.journeys.people import Person, links, mail_about, mails
from tests.make_run import MakeRun

OWNER, OFFICER = "asha@brookfield.example", "ada@council.example"
TITLE = "Start 20 apprenticeships for care leavers by 31 December 2028"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}


class MovedRegister:
    """One register whose clock can be set by starting it again."""

    def __init__(self, home, port) -> None:
        self.home, self.port = home, port
        self.running: MakeRun | None = None

    def at(self, day: str, time: str = "10:00") -> MakeRun:
        """Let it be this time in London; return the running register."""
        self.stop()
        then = datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=clock.LONDON)
        seconds = int((then - datetime.now(clock.LONDON)).total_seconds())
        self.running = MakeRun(self.home, self.port, REGISTER_CLOCK_OFFSET=str(seconds))
        self.running.wait_until_it_says("The register is at")
        # Worker and beat would do it within a minute.
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
    """Asha of Brookfield on a phone without scripts, Ada of the council, and a reader."""
    address = f"http://localhost:{register.port}"
    everybody = [
        Person(browser, address, OWNER, viewport=PHONE, java_script_enabled=False),
        Person(browser, address, OFFICER, viewport=WIDE),
        Person(browser, address, "", viewport=PHONE),
    ]
    yield everybody
    for person in everybody:
        person.context.close()


def first_day_of_the_council(running: MakeRun, ada: Person) -> None:
    """From nothing to a charter that signatories can join."""
    link = next(
        word for word in running.manage("create_administrator", OFFICER).split() if "://" in word
    )
    ada.accept_invitation(link, "Ada")
    if "Sign in" in ada.text():
        ada.sign_in()
    ada.take_a_second_factor()
    ada.go("/council")
    ada.sees("Set the register up")
    ada.write(Name_of_the_council="Example Council", Telephone_number="01632 960 002")
    ada.press("Set the register up")


def test_promise_goes_from_its_writing_to_its_successes(register, people):
    asha, ada, reader = people

    # Day 1: the council sets up and admits a firm; the firm writes a promise in two parts.
    running = register.at("2027-01-04")
    first_day_of_the_council(running, ada)
    ada.go("/council/signatories/new")
    ada.write(Legal_name="Brookfield Catering Ltd")
    ada.page.get_by_label("What it is").select_option("company")
    ada.choose("10 to 49 people")
    ada.choose("Contract")
    ada.page.get_by_label("E-mail address of the person").fill(OWNER)
    ada.page.locator("main form button[type=submit]").click()
    invitation = mail_about(register.home, OWNER, "Speak for")
    asha.accept_invitation(next(a for a in links(invitation) if "/invitations/" in a), "Asha")
    if "/business" not in asha.page.url:
        asha.sign_in()
    asha.go("/business/commitments/new")
    asha.open("measures of Local Employment")
    asha.follow("New apprentices started")
    asha.write(
        Your_commitment_in_one_sentence=TITLE,
        What_will_you_do="Take on 20 care leavers in our kitchens.",
        Target="20",
        Where_you_start="2",
        The_starting_figure_is_of="1/1/2027",
        Done_by="31/12/2028",
    )
    asha.open("Where does it happen?")
    asha.choose("Ladywood")
    asha.page.get_by_label("What will you be able to show?").select_option("payroll")
    asha.write(How_will_people_know="Payroll records and letters from the two colleges")
    asha.press("Save and preview")
    asha.sees("This is what everybody will see", TITLE, "Ladywood", "letters from the two colleges")
    asha.press("Send to the council")

    # The public sees nothing yet; the council sees it beside the preview, and publishes it.
    reader.go("/commitments?q=apprenticeships")
    assert TITLE not in reader.text()
    ada.go("/council")
    ada.follow(TITLE)
    ada.sees("The public page, once published", "Ladywood")
    ada.press("Publish")
    receipt = mail_about(register.home, OWNER, "Published:")
    assert "Entry" in receipt.get_body(("plain",)).get_content()

    # The public finds it by words and by filter, and reads the page.
    running.manage("tick")
    reader.go("/")
    reader.page.get_by_role("searchbox").fill("care leavers")
    reader.press("Search")
    reader.sees("1 commitment", TITLE)
    reader.go("/commitments?area=E05011151&delivery=not_started")
    reader.follow(TITLE)
    key = reader.page.url.rpartition("/")[2]
    page = f"/commitments/{key}"
    reader.sees("20 people by 31 December 2028", "Payroll records", "Not started", "Up to date")
    reader.sees("The first update is due on 4 April 2027", "None told yet", "Verify")

    # The first request goes out thirty days before, on a working day.
    register.at("2027-03-05")
    first = mail_about(register.home, OWNER, "4 April")
    assert "Payroll records" in first.get_body(("plain",)).get_content()
    reader.go(page)
    reader.sees("Up to date", "The first update is due on 4 April 2027")
    assert "We asked" not in reader.text()

    # It falls due; three days later we ask again, and the page says so.
    register.at("2027-04-04")
    reader.go(page)
    reader.sees("Due")
    asked = len(mails(register.home, OWNER))
    register.at("2027-04-07")
    second = mails(register.home, OWNER)[asked]
    reader.go(page)
    reader.sees("We asked on 5 March and 7 April")

    # A month after the due date the page says overdue, with the dates on which we asked.
    register.at("2027-05-04")
    reader.go(page)
    reader.sees("Overdue since 4 May 2027", "5 March", "7 April", "No update yet")

    # One click in the mail: nothing has changed. The public sees at once that an answer came.
    same = next(link for link in links(second) if link.endswith("answer=same"))
    asha.go(same)
    if "Sign in" in asha.text():
        asha.sign_in()
        asha.go(same)
    asha.press("Send")
    reader.go(page)
    reader.sees("Up to date")
    ada.sign_in() if ada.page.goto(f"{ada.address}/council") and "Sign in" in ada.text() else None
    ada.go("/council")
    ada.follow(TITLE)
    ada.press("Publish")
    reader.go(page)
    reader.sees("Confirmed no change, 4 May 2027")

    # The next period: a figure with evidence, and a success.
    running = register.at("2027-07-01")
    asha.go(f"/{key}/update")
    asha.choose("Update the number")
    asha.write(People_to_date="9", What_happened="Nine care leavers have started.")
    asha.choose("On track")
    asha.write(
        Name_of_the_evidence="Letters from the colleges",
        Link_to_the_evidence="https://www.example.org/letters",
    )
    asha.page.get_by_label("What is it?").select_option("document")
    asha.open("Tell a success")
    asha.write(The_success_in_one_line="First to finish", When="20/6/2027")
    asha.page.get_by_label("What happened?").last.fill("One of the nine now trains the next.")
    asha.choose("Nobody can be recognised in it")
    asha.press("Send")
    for _ in range(2):
        ada.go("/council")
        ada.page.locator("main table a").first.click()
        ada.press("Publish")
    reader.go(page)
    reader.sees("9 of 20", "On track", "Evidence linked", "Letters from the colleges")
    reader.sees("First to finish", "One of the nine now trains the next.")

    # API, CSV and log say the same, and the log verifies.
    record = reader.page.request.get(f"{reader.address}/api/v1/commitments/{key}").json()
    assert record["progress"]["value"] == "9"
    assert record["delivery"] == "on_track"
    table = reader.page.request.get(f"{reader.address}/commitments.csv").text()
    (row,) = csv.DictReader(StringIO(table))
    assert (row["key"], row["progress_value"], row["reporting"]) == (key, "9", "up_to_date")
    changes = reader.page.request.get(f"{reader.address}/api/v1/changes?key={key}").json()
    assert [change["action"] for change in changes["data"]] == ["publish", "confirm"]
    said = running.manage("verify_register")
    assert "The register verifies" in said
    assert str(reader.page.request.get(f"{reader.address}/api/v1/").json()["head"]["hash"]) in said
