"""A visitor finds out if the charter applies, and applies to join; the council decides."""

from datetime import timedelta

import pytest
from django.test import Client

from charter import tasks
from charter.actions import applications, charters, people
from charter.models import Application, Message, Signatory
from registry import clock
from registry.models import Record
from tests import factories
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db
APPLY = "/join/apply"
OURS = {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_SITE": "same-origin"}
APPLICATION = {
    "legal_name": "Lantern Bakery CIC",
    "kind": "community_interest_company",
    "size": "micro",
    "route": "voluntary",
    "website": "https://www.lantern-bakery.example",
    "contact_email": "noor@lantern-bakery.example",
    "comments": "We bake for three schools.",
}


@pytest.fixture
def dev() -> Client:
    factories.charter()
    return signed_in(with_second_factor(factories.officer()))


def send_application(**fields):
    return Client().post(APPLY, APPLICATION | fields, **OURS)


def test_visitor_finds_out_if_the_charter_applies_and_due_dates():
    factories.charter()
    page = Client().get("/join")
    assert not page.cookies
    assert page.headers["ETag"]
    query = "route=contract&value=600000&size=medium&start_on=1/1/2027&end_on=31/12/2027"
    result = Client().get(f"/join?{query}").text
    assert "It applies if the papers of your contract say so" in result
    assert "every 3 months" in result
    for due in ("1 April 2027", "1 July 2027", "1 October 2027", "30 January 2028"):
        assert due in result
    small = Client().get("/join?route=voluntary&size=micro&start_on=1/1/2027").text
    assert "3 questions, once a year" in small
    assert "1 January 2028" in small
    assert "There is a problem" in Client().get("/join?route=contract").text


@pytest.mark.parametrize(
    ("value", "words"),
    [("600,000", "the tier “Full charter”"), ("600", "does not ask for it"), ("", "does not ask")],
)
def test_charters_tiers_decide_if_it_applies(value, words):
    tier = {"code": "full", "title": "Full charter"}
    tier["threshold"] = {"amount": "500000", "currency": "GBP"}
    charter = factories.charter()
    charters.amend_charter(
        charter, by=people.get_operator(), reason="Tiers.", authority={}, values={"tiers": [tier]}
    )
    page = Client().get(
        "/join", {"route": "contract", "size": "large", "value": value}, follow=True
    )
    assert words in page.text


def test_pages_say_that_there_is_no_charter_yet():
    assert "There is no charter here yet" in Client().get("/join").text
    assert Client().get(APPLY).status_code == 404


def test_application_reaches_the_queue_and_its_admission_is_private(dev):
    page = Client().get(APPLY)
    assert not page.cookies
    assert "no-store" in page["Cache-Control"]
    assert send_application().url == f"{APPLY}/sent"
    send_application()
    assert "is with the council" in Client().get(f"{APPLY}/sent").text
    application = Application.objects.get()
    assert not Record.objects.of_kind("signatory").exists()
    assert "Lantern Bakery CIC" in dev.get("/council").text
    item = f"/council/applications/{application.pk}"
    assert "is of the domain of the website" in dev.get(item).text
    assert "We bake for three schools." in dev.get(item).text
    dev.post(item)
    assert not Record.objects.of_kind("signatory").exists()
    assert Message.objects.filter(
        kind="invitation", recipient=APPLICATION["contact_email"]
    ).exists()
    assert dev.post(item).status_code == 404
    assert Signatory.objects.count() == 1


def test_council_declines_an_application_with_comments(dev):
    send_application()
    item = f"/council/applications/{Application.objects.get().pk}"
    assert "Enter a reason" in dev.post(item, {"decline": "yes", "comments": ""}).text
    dev.post(item, {"decline": "yes", "comments": "Your bakery lies in Leeds."})
    assert "Your bakery lies in Leeds." in Message.objects.get(kind="declined").text
    assert not Signatory.objects.exists()
    dev.get("/council")  # shows the success message once, which names the bakery
    assert "Lantern Bakery" not in dev.get("/council").text


def test_existing_signatory_is_not_admitted_again(dev):
    factories.signatory("Lantern Bakery CIC")
    send_application()
    page = dev.post(f"/council/applications/{Application.objects.get().pk}", follow=True)
    assert "is in the register already" in page.text
    assert Application.objects.awaiting_decision().count() == 1


def test_incomplete_application_keeps_the_typed_text():
    factories.charter()
    page = send_application(legal_name="", number="12")
    assert "both the list and the number" in page.text
    assert "We bake for three schools." in page.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"HTTP_ORIGIN": "https://elsewhere.example"},
        {"HTTP_ORIGIN": "null"},
        {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_SITE": "cross-site"},
        {"HTTP_SEC_FETCH_SITE": "none"},
    ],
)
def test_form_from_another_site_is_refused(headers):
    factories.charter()
    assert Client().post(APPLY, APPLICATION, **headers).status_code == 403
    assert not Application.objects.exists()


def test_one_connection_can_send_10_applications_an_hour():
    factories.charter()
    statuses = [send_application(legal_name=f"Bakery {number}").status_code for number in range(11)]
    assert statuses == [302] * 10 + [429]
    assert Application.objects.count() == 10


def test_application_is_deleted_a_year_after_the_decision(dev):
    declined, undecided = factories.application(), factories.application("Lantern Press")
    applications.decline(declined, by=factories.officer(), comments="It is no organisation.")
    with clock.fixed_at(clock.now() + timedelta(days=364)):
        tasks.delete_decided_requests()
        assert Application.objects.count() == 2
    with clock.fixed_at(clock.now() + timedelta(days=366)):
        tasks.delete_decided_requests()
    assert list(Application.objects.all()) == [undecided]
    assert "for a year after that" in Client().get("/privacy").text
