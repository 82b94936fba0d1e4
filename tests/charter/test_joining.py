"""A visitor finds out whether the charter applies, and asks to join; the council answers."""

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
WRITTEN = {
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


def sent(**fields):
    return Client().post(APPLY, WRITTEN | fields, **OURS)


def test_a_few_questions_tell_the_lane_and_the_dates():
    factories.charter()
    page = Client().get("/join")
    assert not page.cookies
    assert page.headers["ETag"]
    asked = "route=contract&value=600000&size=medium&start_on=1/1/2027&end_on=31/12/2027"
    answer = Client().get(f"/join?{asked}").text
    assert "It applies if the papers of your contract say so" in answer
    assert "every three months" in answer
    for due in ("1 April 2027", "1 July 2027", "1 October 2027", "1 January 2028"):
        assert due in answer
    small = Client().get("/join?route=voluntary&size=micro&start_on=1/1/2027").text
    assert "three questions, once a year" in small
    assert "1 January 2028" in small
    assert "There is a problem" in Client().get("/join?route=contract").text


@pytest.mark.parametrize(
    ("value", "words"),
    [("600,000", "the tier “Full charter”"), ("600", "does not ask for it"), ("", "does not ask")],
)
def test_the_tiers_of_the_charter_decide(value, words):
    tier = {"code": "full", "title": "Full charter"}
    tier["threshold"] = {"amount": "500000", "currency": "GBP"}
    charter = factories.charter()
    charters.amend_charter(
        charter, by=people.get_operator(), reason="Tiers.", authority={}, values={"tiers": [tier]}
    )
    page = Client().get("/join", {"route": "contract", "size": "large", "value": value})
    assert words in page.text


def test_before_a_charter_is_there_the_pages_say_so():
    assert "There is no charter here yet" in Client().get("/join").text
    assert Client().get(APPLY).status_code == 404


def test_an_application_lands_in_the_queue_and_becomes_a_signatory(dev):
    page = Client().get(APPLY)
    assert not page.cookies
    assert "no-store" in page["Cache-Control"]
    assert sent().url == f"{APPLY}/sent"
    sent()
    assert "is with the council" in Client().get(f"{APPLY}/sent").text
    waiting = Application.objects.get()
    assert not Record.objects.of_kind("signatory").exists()
    assert "Lantern Bakery CIC" in dev.get("/council").text
    item = f"/council/applications/{waiting.pk}"
    assert "is of the domain of the website" in dev.get(item).text
    assert "We bake for three schools." in dev.get(item).text
    dev.post(item)
    record = Record.objects.get(kind="signatory")
    assert record.item["legal_name"] == "Lantern Bakery CIC"
    assert "noor@" not in str(record.item)
    assert Message.objects.filter(kind="invitation", recipient=WRITTEN["contact_email"]).exists()
    assert dev.post(item).status_code == 404
    assert Signatory.objects.count() == 1


def test_the_council_declines_with_words(dev):
    sent()
    item = f"/council/applications/{Application.objects.get().pk}"
    assert "they read nothing else" in dev.post(item, {"decline": "yes", "comments": ""}).text
    dev.post(item, {"decline": "yes", "comments": "Your bakery lies in Leeds."})
    assert "Your bakery lies in Leeds." in Message.objects.get(kind="declined").text
    assert not Signatory.objects.exists()
    dev.get("/council")  # where the success is told
    assert "Lantern Bakery" not in dev.get("/council").text


def test_who_is_there_already_is_not_admitted_twice(dev):
    factories.signatory("Lantern Bakery CIC")
    sent()
    page = dev.post(f"/council/applications/{Application.objects.get().pk}", follow=True)
    assert "is in the register already" in page.text
    assert Application.objects.awaiting_decision().count() == 1


def test_nothing_typed_is_lost_when_something_is_missing():
    factories.charter()
    page = sent(legal_name="", number="12")
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
def test_a_form_that_is_not_ours_is_refused(headers):
    factories.charter()
    assert Client().post(APPLY, WRITTEN, **headers).status_code == 403
    assert not Application.objects.exists()


def test_one_connection_sends_so_many_forms_an_hour_and_no_more():
    factories.charter()
    answers = [sent(legal_name=f"Bakery {number}").status_code for number in range(11)]
    assert answers == [302] * 10 + [429]
    assert Application.objects.count() == 10


def test_applications_are_forgotten_a_year_after_the_decision(dev):
    declined, waiting = factories.application(), factories.application("Lantern Press")
    applications.decline(declined, by=factories.officer(), comments="It is no organisation.")
    with clock.fixed_at(clock.now() + timedelta(days=364)):
        tasks.delete_decided_requests()
        assert Application.objects.count() == 2
    with clock.fixed_at(clock.now() + timedelta(days=366)):
        tasks.delete_decided_requests()
    assert list(Application.objects.all()) == [waiting]
    assert "for a year after that" in Client().get("/privacy").text
