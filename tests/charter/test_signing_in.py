"""Signing in without a password, and seeing where one is signed in."""

import re
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from charter import tasks
from charter.mail import bounces, outbox
from charter.models import Message
from registry import clock
from registry.models import Record
from tests import factories
from tests.visitors import with_second_factor

pytestmark = pytest.mark.django_db
SESSIONS = "/account/sessions/"
ASK, TYPE = "/account/login/code/", "/account/login/code/confirm/"


def code_emailed_to(address: str) -> str:
    email = Message.objects.filter(kind="account", recipient=address).latest("pk")
    code = re.search(r"^    (\S+)$", email.text, re.MULTILINE)
    assert code, email.text
    return code[1]


def test_asha_signs_in_with_a_code_from_her_email_and_lands_where_she_was_going(client):
    asha = factories.asha()
    page = client.post(f"{ASK}?next=/business/people", {"email": asha.email}, follow=True)
    assert "Type the code" in page.text
    assert asha.email in page.text
    code = code_emailed_to(asha.email)
    back = client.post(TYPE, {"code": code, "next": "/business/people"})
    assert back.url == "/business/people"
    assert "Brookfield Catering" in client.get("/business/people").text


def test_the_code_belongs_to_the_window_that_asked_for_it(client):
    asha = factories.asha()
    client.post(ASK, {"email": asha.email})
    stranger = Client()
    assert stranger.get(TYPE).url == ASK
    assert stranger.post(TYPE, {"code": code_emailed_to(asha.email)}).url == ASK


def test_a_code_that_ran_out_is_not_emailed_any_more(client, sink):
    client.post(ASK, {"email": factories.asha().email})
    Message.objects.exclude(kind="account").delete()
    with clock.fixed_at(clock.now() + timedelta(minutes=16)):
        outbox.drain()
    assert sink.emails() == []
    assert Message.objects.get().text == ""


def test_looking_at_the_page_uses_nothing_up_and_three_wrong_codes_end_it(client):
    asha = factories.asha()
    client.post(ASK, {"email": asha.email})
    client.get(TYPE)
    client.get(TYPE)
    for _ in range(3):
        page = client.post(TYPE, {"code": "WRONG"}, follow=True)
    assert "Type the code" not in page.text
    assert client.post(TYPE, {"code": code_emailed_to(asha.email)}).url == ASK


def test_nobody_learns_who_has_an_account_and_strangers_get_no_email(client):
    known = client.post(ASK, {"email": factories.asha().email}, follow=True)
    Message.objects.all().delete()
    unknown = Client().post(ASK, {"email": "nobody@example.org"}, follow=True)
    assert not Message.objects.exists()
    plain = [
        re.sub(r'value="\w{64}"|asha@brookfield.example|nobody@example.org', "", page.text)
        for page in (known, unknown)
    ]
    assert plain[0] == plain[1]


def test_the_council_gives_its_second_factor_after_the_code_as_well(client):
    dev = with_second_factor(factories.officer())
    factories.charter()
    client.post(ASK, {"email": dev.email})
    page = client.post(TYPE, {"code": code_emailed_to(dev.email)}, follow=True)
    assert "authenticator app" in page.text
    assert client.get("/council").url.startswith("/account/login/")


def test_asha_changes_her_address_and_is_asked_there_from_now_on(client):
    asha = factories.asha()
    bounces.record_bounce(Message(recipient=asha.email))
    client = entered(asha, "Firefox")
    new = "asha@brookfield-catering.example"
    page = client.post("/account/email/", {"email": new, "action_add": ""}, follow=True)
    assert f"We have sent a link to <strong>{new}" in page.text
    [email] = Message.objects.filter(recipient=new)
    link = re.search(r"http\S+", email.text)[0]
    assert link.startswith(settings.PUBLIC_URL)
    path = link.removeprefix(settings.PUBLIC_URL)
    assert new in Client().get(path).text
    asha.refresh_from_db()
    assert asha.email == "asha@brookfield.example"
    client.post(path)
    asha.refresh_from_db()
    assert asha.email == new
    record = Record.objects.get(key=factories.brookfield().key)
    assert "unreachable_since" not in record.item
    told = Message.objects.filter(recipient="asha@brookfield.example").latest("pk")
    assert f"The address is {new} now" in told.text
    assert Client().get(path).status_code == 200
    assert "This link does not work" in Client().get(path).text


def test_an_address_of_somebody_else_or_one_we_cannot_write_to_is_not_taken(client):
    asha, cara = factories.asha(), factories.cara()
    client = entered(asha, "Firefox")
    page = client.post("/account/email/", {"email": "asha@bröok.example", "action_add": ""})
    assert "without accents" in page.text
    client.post("/account/email/", {"email": cara.email, "action_add": ""})
    asha.refresh_from_db()
    assert asha.email == "asha@brookfield.example"
    link = re.search(r"http\S+", Message.objects.filter(recipient=cara.email).latest("pk").text)
    assert "This link does not work" in Client().get(link[0].removeprefix(settings.PUBLIC_URL)).text


def entered(user, browser: str) -> Client:
    """Sign somebody in through the form."""
    client = Client(HTTP_USER_AGENT=browser)
    client.post("/account/login/", {"login": user.email, "password": factories.PASSWORD})
    return client


def test_asha_sees_where_she_is_signed_in_and_signs_out_everywhere_else():
    here = entered(factories.asha(), "Firefox on her phone")
    elsewhere = entered(factories.asha(), "Chrome at the office")
    page = here.get(SESSIONS)
    assert "Firefox on her phone" in page.text
    assert "Chrome at the office" in page.text
    assert page.text.count("This one") == 1
    assert elsewhere.get("/business").status_code == 200
    after = here.post(SESSIONS, follow=True)
    assert "signed out everywhere else" in after.text
    assert "Chrome at the office" not in after.text
    assert elsewhere.get("/business").url.startswith("/account/login/")
    assert here.get("/business").status_code == 200


def test_where_somebody_was_signed_in_is_forgotten_with_the_session():
    entered(factories.asha(), "Firefox on her phone")
    tasks.delete_expired_sessions()
    assert UserSession.objects.count() == 1
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    tasks.delete_expired_sessions()
    assert not UserSession.objects.exists()


def test_nobody_sees_where_others_are_signed_in():
    entered(factories.asha(), "Firefox on her phone")
    page = entered(factories.cara(), "Chrome of Cara").get(SESSIONS)
    assert "Chrome of Cara" in page.text
    assert "Firefox on her phone" not in page.text
    assert Client().get(SESSIONS).url.startswith("/account/login/")
