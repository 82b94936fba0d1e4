"""Updates: from the reminder to a figure that others have checked and confirmed.

On a phone, without scripts.
"""

import re
from datetime import timedelta

import pytest
from django.test import Client

from registry import clock, working_days
from reporting.actions import checks
from reporting.models import ProgressUpdate
from tests import factories
from tests.axe import PHONE
from tests.journeys.people import Person, link_path
from tests.reporting import scenarios, uploads
from tests.visitors import with_second_factor

ONE_CLICK = {"List-Unsubscribe": "One-Click"}  # Posted by mail programs (RFC 8058).

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def commitment(live_server, settings):
    """Return a commitment of Asha's whose first update is due."""
    settings.PUBLIC_URL = live_server.url
    return scenarios.commitment(clock.today() - timedelta(days=365))


@pytest.fixture
def person(browser, live_server):
    """Return a function that hands the same phone to one person after another."""
    someone = Person(browser, live_server.url, viewport=PHONE, java_script_enabled=False)

    def hand_over_to(user=None) -> Person:
        someone.context.clear_cookies()
        if user:
            someone.start_session(user)
        return someone

    yield hand_over_to
    someone.context.close()


def test_no_change_is_one_press_after_following_the_email(commitment, person, sink, live_server):
    with scenarios.on(working_days.next_working_day(clock.today())):
        scenarios.tick()
    email = sink.emails()[-1]
    body = email.get_body(("plain",)).get_content()
    (link,) = re.findall(r"http\S+answer=same", body)
    asha = person()
    asha.email = factories.asha().email
    asha.go(link)
    asha.sign_in_here()
    asha.sees("Nothing has changed", "Choose a different answer")
    asha.press("Send")
    asha.sees("Thank you")
    assert ProgressUpdate.objects.get().status != "draft"

    # The mail program's own button stops friendly reminders without a sign-in.
    stop = email["List-Unsubscribe"].strip("<>")
    assert email["List-Unsubscribe-Post"] == "=".join(*ONE_CLICK.items())
    assert Client().post(stop.removeprefix(live_server.url), ONE_CLICK).status_code == 200
    asha.follow("Reminders")
    assert asha.page.get_by_label("Stop them").is_checked()


def test_colleague_fills_in_a_figure_with_a_file_and_asha_sends_it(commitment, person):
    asha = person(factories.asha())
    asha.go(f"/{commitment.key}/update?answer=number")
    asha.follow("Ask a colleague to fill this in")
    asha.page.get_by_label("Email address of your colleague").fill("hal@brookfield.example")
    asha.press("Send the link")
    hal = person()
    hal.go(link_path("delegation", "hal@brookfield.example"))
    hal.press("Hand it to Asha")
    hal.sees("There is a problem")
    hal.choose("Report a new figure")
    hal.page.get_by_label(re.compile("to date$")).fill("14")
    hal.choose("On track")
    hal.write(Name_of_the_evidence="College letter")
    hal.page.get_by_label(re.compile("^Or a file")).set_input_files(
        {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": uploads.pdf()}
    )
    hal.page.get_by_label(re.compile("^What is it")).select_option("document")
    hal.press("Hand it to Asha")
    hal.sees("Thank you")
    asha = person(factories.asha())
    asha.go(f"/{commitment.key}/update")
    asha.sees("College letter")
    asha.press("Send")
    asha.sees("Thank you")
    assert ProgressUpdate.objects.get().status == "submitted"


def test_asha_takes_an_update_back_and_corrects_a_typing_error(commitment, person):
    asha = person(factories.asha())
    asha.go(f"/{commitment.key}/update?answer=number")
    asha.page.get_by_label(re.compile("to date$")).fill("41")
    asha.choose("On track")
    asha.write(Name_of_the_evidence="College letter")
    asha.page.get_by_label(re.compile("^Or a file")).set_input_files(
        {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": uploads.pdf()}
    )
    asha.page.get_by_label(re.compile("^What is it")).select_option("document")
    asha.press("Send")
    asha.sees("Thank you")
    asha.press("Take it back and change it")
    asha.sees("You have taken it back.", "College letter")
    asha.page.get_by_label(re.compile("to date$")).fill("14")
    asha.press("Send")
    asha.sees("Thank you")
    dev = person(with_second_factor(factories.officer()))
    dev.go("/council")
    dev.follow(commitment.title)
    dev.sees("College letter")
    dev.press("Publish")
    update = ProgressUpdate.objects.get()
    assert (update.status, update.value) == ("published", 14)


def test_signatory_replies_to_a_check_and_a_beneficiary_confirms(commitment, person):
    update = factories.publish(scenarios.submitted_update(commitment), by=factories.officer())
    dev = person(with_second_factor(factories.officer()))
    dev.go("/council/checks")
    dev.follow(commitment.title)
    dev.press("Record the check")
    dev.sees("There is a problem")
    dev.choose("Partly confirmed")
    dev.write(What_did_you_see="Seen 12.")
    dev.press("Record the check")
    dev.sees("Recorded. Brookfield Catering has until")
    asha = person(factories.asha())
    asha.go("/business")
    asha.follow("Read and reply")
    asha.write(Your_reply="Two more are being signed.")
    asha.press("Publish check and reply")
    asha.sees("Your reply is public, beside the check.")
    asha.go(f"/business/confirmations/{update.key}")
    asha.write(Which_school="The College")
    asha.page.get_by_label("Email address of someone there").fill("head@college.example")
    asha.press("Send the question")
    asha.sees("Asked so far")
    link = link_path("confirmation", "head@college.example")
    head = person()
    head.go(link)
    head.choose("Yes, this happened")
    head.choose("Yes, name us")
    head.press("Send your answer")
    head.follow("See the public page")
    head.sees("The College", "Two more are being signed.")
    head.go(link)
    head.sees("This link cannot be used")
    with clock.fixed_at(clock.now() + timedelta(days=30)):
        assert checks.publish_due_checks(clock.now()) == 0
