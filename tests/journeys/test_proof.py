"""What shows a figure, through the browser: a file, a check and its reply, a colleague, a body."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from charter.models import Message, User
from registry import clock
from reporting.actions import checks, periods, updates
from reporting.models import ProgressUpdate
from tests import factories
from tests.axe import examine, visit
from tests.journeys.test_accessibility import sign_in
from tests.reporting import uploads
from tests.reporting.stories import told

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def promise():
    """A promise of Asha's that owes its first answer."""
    made = factories.published_commitment(start_on=clock.today(), cadence="quarterly")
    periods.follow(clock.now())
    return made


def link_in_the_mail(address: str, kind: str) -> str:
    text = Message.objects.filter(kind=kind).latest("pk").text
    return address + re.search(r"http://\S+?:\d+(/(?:confirm|colleague)/\S+)", text)[1]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def answer(page: Page) -> None:
    page.get_by_label("Update the number", exact=True).check()
    page.get_by_label(re.compile("to date$")).fill("14")
    page.get_by_label("On track", exact=True).check()
    page.get_by_label(re.compile("^Name of the evidence")).fill("College letter")
    page.get_by_label(re.compile("^Or a file")).set_input_files(
        {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": uploads.pdf()}
    )
    page.get_by_label(re.compile("^What is it")).select_option("document")


def test_a_colleague_fills_in_a_figure_with_a_file_and_asha_sends_it(page, promise, live_server):
    sign_in(page, live_server.url, factories.asha())
    visit(page, f"{live_server.url}/{promise.key}/update?answer=number")
    page.get_by_role("link", name="Ask a colleague to fill this in").click()
    examine(page)
    page.get_by_label("E-mail address of your colleague").fill("hal@brookfield.example")
    press(page, "Send the link")
    press(page, "Sign out")
    visit(page, link_in_the_mail(live_server.url, "delegation"))
    press(page, "Hand it to Asha")
    page.get_by_role("heading", name="There is a problem").wait_for()
    examine(page)
    answer(page)
    press(page, "Hand it to Asha")
    page.get_by_role("heading", name="Thank you").wait_for()
    examine(page)
    sign_in(page, live_server.url, factories.asha())
    visit(page, f"{live_server.url}/{promise.key}/update")
    page.get_by_role("link", name="College letter").wait_for()
    press(page, "Send")
    page.get_by_role("heading", name="Thank you").wait_for()
    assert ProgressUpdate.objects.get().status == "submitted"


def test_a_check_is_replied_to_and_a_body_confirms(page, promise, live_server, monkeypatch):
    update = updates.approve(told(promise), by=factories.officer())
    found = {"result": "partly_confirmed", "finding": "Seen 12.", "by_role": "The charter team"}
    monkeypatch.setattr("charter.views.access.is_mfa_enabled", lambda user: True)
    sign_in(page, live_server.url, User.objects.get(email="dev@council.example"))
    visit(page, f"{live_server.url}/council/checks")
    visit(page, f"{live_server.url}/council/checks/{update.key}")
    press(page, "Record the check")
    page.get_by_role("heading", name="There is a problem").wait_for()
    examine(page)
    page.get_by_label("Partly confirmed").check()
    page.get_by_label("What did you see?").fill(found["finding"])
    press(page, "Record the check")
    page.get_by_text("Recorded. Brookfield Catering has until").wait_for()
    press(page, "Sign out")
    sign_in(page, live_server.url, factories.asha())
    visit(page, f"{live_server.url}/business")
    page.get_by_role("button", name=re.compile("Read and reply")).click()
    examine(page)
    page.get_by_label("Your reply").fill("Two more are being signed.")
    press(page, "Reply and publish both")
    page.get_by_text("Your reply is public, beside the check.").wait_for()
    visit(page, f"{live_server.url}/business/confirmations/{update.key}")
    page.get_by_label("Which school, charity or other body was helped?").fill("The College")
    page.get_by_label("E-mail address of somebody there who knows").fill("head@college.example")
    press(page, "Send the question")
    page.get_by_text("Asked so far").wait_for()
    examine(page)
    press(page, "Sign out")
    link = link_in_the_mail(live_server.url, "confirmation")
    visit(page, link)
    page.get_by_label("Yes, this happened").check()
    page.get_by_label("Yes, name us").check()
    press(page, "Send your answer")
    page.get_by_role("link", name="See the public page").click()
    page.get_by_text("The College").wait_for()
    page.get_by_text("Two more are being signed.").wait_for()
    examine(page)
    page.goto(link)
    page.get_by_role("heading", name="This link cannot be used").wait_for()
    examine(page)
    with clock.at(clock.now() + timedelta(days=30)):
        assert checks.publish_due(clock.now()) == 0
