"""Update comes in: from the email that asks for it to a figure that others have checked and
confirmed.

On a phone, without scripts.
"""

import re
from datetime import timedelta

import pytest
from django.test import Client

from registry import clock
from reporting import schedule
from reporting.actions import checks, updates
from reporting.models import ProgressUpdate
from tests import factories
from tests.axe import PHONE
from tests.journeys.people import Person, path_in_the_email
from tests.reporting import scenarios, uploads
from tests.visitors import with_second_factor

ONE_CLICK = {"List-Unsubscribe": "One-Click"}  # what a mail program posts (RFC 8058)

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def commitment(live_server, settings):
    """A commitment of Asha's that owes its first answer."""
    settings.PUBLIC_URL = live_server.url
    return scenarios.commitment(clock.today() - timedelta(days=365))


@pytest.fixture
def person(browser, live_server):
    """Let people sit down at the same phone, one after the other."""
    someone = Person(browser, live_server.url, viewport=PHONE, java_script_enabled=False)

    def sit_down(user=None) -> Person:
        someone.context.clear_cookies()
        if user:
            someone.is_signed_in_as(user)
        return someone

    yield sit_down
    someone.context.close()


def test_from_the_email_nothing_has_changed_is_one_press_after_the_sign_in(
    commitment, person, sink, live_server
):
    with scenarios.on(schedule.next_working_day(clock.today())):
        scenarios.tick()
    email = sink.emails()[-1]
    words = email.get_body(("plain",)).get_content()
    (same,) = re.findall(r"http\S+answer=same", words)
    asha = person()
    asha.email = factories.asha().email
    asha.go(same)
    asha.sign_in_here()
    asha.sees("Nothing has changed", "Choose among all answers")
    asha.press("Send")
    asha.sees("Thank you")
    assert ProgressUpdate.objects.get().status != "draft"

    # The mail program's own button ends the friendly emails, without a sign-in.
    stop = email["List-Unsubscribe"].strip("<>")
    assert email["List-Unsubscribe-Post"] == "=".join(*ONE_CLICK.items())
    assert Client().post(stop.removeprefix(live_server.url), ONE_CLICK).status_code == 200
    asha.follow("Reminders")
    assert asha.page.get_by_label("Stop them").is_checked()


def test_a_colleague_fills_in_a_figure_with_a_file_and_asha_sends_it(commitment, person):
    asha = person(factories.asha())
    asha.go(f"/{commitment.key}/update?answer=number")
    asha.follow("Ask a colleague to fill this in")
    asha.page.get_by_label("Email address of your colleague").fill("hal@brookfield.example")
    asha.press("Send the link")
    hal = person()
    hal.go(path_in_the_email("delegation", "hal@brookfield.example"))
    hal.press("Hand it to Asha")
    hal.sees("There is a problem")
    hal.choose("Update the number")
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


def test_a_check_is_replied_to_and_a_body_confirms(commitment, person):
    update = updates.approve(scenarios.told(commitment), by=factories.officer())
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
    asha.press("Reply and publish both")
    asha.sees("Your reply is public, beside the check.")
    asha.go(f"/business/confirmations/{update.key}")
    asha.write(Which_school="The College")
    asha.page.get_by_label("Email address of somebody there").fill("head@college.example")
    asha.press("Send the question")
    asha.sees("Asked so far")
    link = path_in_the_email("confirmation", "head@college.example")
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
