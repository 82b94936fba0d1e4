"""Sign-in without a password, changes of address, and the list of sessions."""

import re
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from charter import tasks
from charter.mail import outbox
from charter.models import Message
from registry import clock
from registry.models import Record
from tests import factories
from tests.visitors import with_second_factor

pytestmark = pytest.mark.django_db
SESSIONS = "/account/sessions/"
ASK, TYPE = "/account/login/code/", "/account/login/code/confirm/"


def latest_code(address: str) -> str:
    email = Message.objects.filter(kind="account", recipient=address).latest("pk")
    code = re.search(r"^    (\S+)$", email.text, re.MULTILINE)
    assert code, email.text
    return code[1]


def test_asha_signs_in_with_an_emailed_code_and_continues(client):
    asha = factories.asha()
    page = client.post(f"{ASK}?next=/business/people", {"email": asha.email}, follow=True)
    assert "Enter your code" in page.text
    assert asha.email in page.text
    code = latest_code(asha.email)
    response = client.post(TYPE, {"code": code, "next": "/business/people"})
    assert response.url == "/business/people"
    assert "Brookfield Catering" in client.get("/business/people").text


def test_code_works_only_in_the_browser_that_requested_it(client):
    asha = factories.asha()
    client.post(ASK, {"email": asha.email})
    stranger = Client()
    assert stranger.get(TYPE).url == ASK
    assert stranger.post(TYPE, {"code": latest_code(asha.email)}).url == ASK


def test_expired_code_is_not_emailed(client, sink):
    client.post(ASK, {"email": factories.asha().email})
    Message.objects.exclude(kind="account").delete()
    with clock.fixed_at(clock.now() + timedelta(minutes=16)):
        outbox.drain()
    assert sink.emails() == []
    assert Message.objects.get().text == ""


def test_three_wrong_codes_end_the_sign_in_and_reloading_does_not(client):
    asha = factories.asha()
    client.post(ASK, {"email": asha.email})
    client.get(TYPE)
    client.get(TYPE)
    for _ in range(3):
        page = client.post(TYPE, {"code": "WRONG"}, follow=True)
    assert "Enter your code" not in page.text
    assert client.post(TYPE, {"code": latest_code(asha.email)}).url == ASK


def test_sign_in_does_not_reveal_accounts_or_email_strangers(client):
    known = client.post(ASK, {"email": factories.asha().email}, follow=True)
    Message.objects.all().delete()
    unknown = Client().post(ASK, {"email": "nobody@example.org"}, follow=True)
    assert not Message.objects.exists()
    texts = [
        re.sub(r'value="\w{64}"|asha@brookfield.example|nobody@example.org', "", page.text)
        for page in (known, unknown)
    ]
    assert texts[0] == texts[1]


def test_officer_needs_a_second_factor_after_the_code(client):
    dev = with_second_factor(factories.officer())
    factories.charter()
    client.post(ASK, {"email": dev.email})
    page = client.post(TYPE, {"code": latest_code(dev.email)}, follow=True)
    assert "authenticator app" in page.text
    assert client.get("/council").url.startswith("/account/login/")


def test_asha_changes_her_email_address(client):
    asha = factories.asha()
    factories.lose_mailbox(asha.email)
    client = signed_in_client(asha, "Firefox")
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
    notice = Message.objects.filter(recipient="asha@brookfield.example").latest("pk")
    assert f"The address is {new} now" in notice.text
    assert Client().get(path).status_code == 200
    assert "This link does not work" in Client().get(path).text


def test_address_in_use_or_undeliverable_is_refused(client):
    asha, cara = factories.asha(), factories.cara()
    client = signed_in_client(asha, "Firefox")
    page = client.post("/account/email/", {"email": "asha@bröok.example", "action_add": ""})
    assert "without accents" in page.text
    client.post("/account/email/", {"email": cara.email, "action_add": ""})
    asha.refresh_from_db()
    assert asha.email == "asha@brookfield.example"
    link = re.search(r"http\S+", Message.objects.filter(recipient=cara.email).latest("pk").text)
    assert "This link does not work" in Client().get(link[0].removeprefix(settings.PUBLIC_URL)).text


def signed_in_client(user, browser: str) -> Client:
    """Sign in through the form and return the client."""
    client = Client(HTTP_USER_AGENT=browser)
    client.post("/account/login/", {"login": user.email, "password": factories.PASSWORD})
    return client


def test_asha_sees_her_sessions_and_signs_out_everywhere_else():
    here = signed_in_client(factories.asha(), "Firefox on her phone")
    elsewhere = signed_in_client(factories.asha(), "Chrome at the office")
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


def test_expired_sessions_details_are_deleted():
    signed_in_client(factories.asha(), "Firefox on her phone")
    tasks.delete_expired_sessions()
    assert UserSession.objects.count() == 1
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    tasks.delete_expired_sessions()
    assert not UserSession.objects.exists()


def test_sessions_of_other_users_are_hidden():
    signed_in_client(factories.asha(), "Firefox on her phone")
    page = signed_in_client(factories.cara(), "Chrome of Cara").get(SESSIONS)
    assert "Chrome of Cara" in page.text
    assert "Firefox on her phone" not in page.text
    assert Client().get(SESSIONS).url.startswith("/account/login/")
