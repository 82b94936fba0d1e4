"""A real council's first day: from an empty register to its first signatory, no demonstration."""

import pytest

from tests.conftest import free_port
from tests.journeys.people import PASSWORD, Person, links, mail_about
from tests.make_run import MakeRun

ADA, GRACE = "ada@council.example", "grace@larkfield.example"


@pytest.fixture
def running(tmp_path):
    running = MakeRun(tmp_path / "r", free_port())
    running.wait_until_it_says("The register is at")
    yield running
    running.stop()


@pytest.fixture
def ada(browser, running):
    ada = Person(browser, f"http://localhost:{running.port}", ADA)
    yield ada
    ada.context.close()


def test_council_sets_up_its_register_and_admits_its_first_signatory(running, ada):
    # An empty register says so, and no account of the demonstration opens it.
    ada.go("/")
    ada.sees("No commitment has been published yet")
    assert "Demonstration" not in ada.page.content()
    ada.go("/account/login/")
    ada.write(Email="admin@example.org", Password="demonstration")
    ada.press("Sign in")
    ada.sees("There is a problem")

    # The one-time link: a password, then a second factor, before anything else.
    said = running.manage("create_administrator", ADA)
    link = next(word for word in said.split() if "://" in word)
    ada.accept_invitation(link, "Ada")
    ada.go(link)
    ada.sees("used already")
    ada.sign_in()
    ada.go("/council/set-up")
    ada.sees("Set up an authenticator app")
    ada.take_a_second_factor()
    ada.sees("Your recovery codes")

    # The set-up page begins with Birmingham's charter; a mistake loses nothing that was typed.
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

    # Mail leaves, through the outbox.
    assert "took the mail" in running.manage("send_test_mail", ADA)
    mail_about(running.home, ADA, "test")

    # The first signatory is public at once; its contact gets a link and chooses a password.
    ada.go("/council/signatories/new")
    ada.write(Legal_name="Larkfield Academy Trust")
    ada.page.get_by_label("What it is").select_option("school")
    ada.choose("250 people or more")
    ada.choose("Voluntary")
    ada.page.get_by_label("E-mail address of the person").fill(GRACE)
    ada.page.locator("main form button[type=submit]").click()
    ada.page.get_by_text("Larkfield Academy Trust is in the register").wait_for()
    running.manage("tick")
    invitation = mail_about(running.home, GRACE, "Speak for")
    grace = Person(ada.context.browser, ada.address, GRACE)
    grace.accept_invitation(next(a for a in links(invitation) if "/invitations/" in a), "Grace")
    grace.sign_in()
    grace.go("/business")
    grace.sees("Larkfield Academy Trust", "Nothing to do")
    grace.context.close()
    ada.go("/signatories")
    ada.sees("Larkfield Academy Trust")
    assert PASSWORD not in said

    # The next morning: everything stands, and the second factor is asked for again.
    ada.context.clear_cookies()
    ada.page.wait_for_timeout(1_000)
    ada.go("/council")
    ada.sees("Sign in")
    assert "The register verifies" in running.manage("verify_register")
