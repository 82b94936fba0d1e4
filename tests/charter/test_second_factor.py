"""The session has the second factor, not the account; and how long staff stay signed in."""

import html
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import settings
from django.test import Client

from charter.actions import people
from charter.models import Message, User
from tests import factories
from tests.visitors import form_of, page, signed_in, with_second_factor

pytestmark = pytest.mark.django_db
DESK, NEW_SIGNATORY = "/council/messages?page=1", "/council/signatories/new"
ENROL, CODES = "/account/2fa/totp/activate/", "/account/2fa/recovery-codes/"
CONFIRM, REMOVE = "/account/2fa/reauthenticate/", "/account/2fa/totp/deactivate/"


@pytest.fixture
def dev() -> User:
    """Return an officer without a second factor."""
    factories.charter()
    return factories.officer()


@pytest.fixture
def frozen_clock() -> Iterator[time_machine.Traveller]:
    """Freeze the machine's clock, which allauth and Django's sessions read."""
    with time_machine.travel(datetime.now(UTC), tick=False) as traveller:
        yield traveller


def sign_in_by_form(user: User, *, code: str = "") -> Client:
    """Sign in with the password, and with a code if the account has a second factor."""
    client = Client()
    client.post("/account/login/", {"login": user.email, "password": factories.PASSWORD})
    if code:
        client.post("/account/2fa/authenticate/", {"code": code})
    return client


def recovery_code(user: User) -> str:
    factor = user.authenticator_set.filter(type=Authenticator.Type.RECOVERY_CODES).first()
    codes = RecoveryCodes(factor) if factor else RecoveryCodes.activate(user)
    return codes.get_unused_codes()[0]


def set_up_authenticator_app(client: Client):
    """Set up an authenticator app; return the page that follows."""
    secret = client.get(ENROL).context["form"].secret
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    return client.post(ENROL, {"code": code}, follow=True)


def is_signed_out(client: Client) -> bool:
    return client.get("/account/2fa/").status_code == 302


@pytest.mark.django_db(transaction=True)
def test_sign_in_from_before_the_factor_was_set_up_does_not_open_council_pages(dev, frozen_clock):
    here, elsewhere = sign_in_by_form(dev), sign_in_by_form(dev)
    asha = sign_in_by_form(factories.asha())
    recovery_codes = set_up_authenticator_app(here)
    assert "Your recovery codes" in recovery_codes.text
    assert "You are signed out everywhere else." in recovery_codes.text
    assert here.get(DESK).status_code == 200
    assert elsewhere.get(DESK).url.startswith("/account/login/")
    assert not is_signed_out(asha)


@pytest.mark.django_db(transaction=True)
def test_dev_continues_after_setting_up_the_factor_where_he_wanted_to_go(dev, frozen_clock):
    client = sign_in_by_form(dev)
    assert client.post(NEW_SIGNATORY, {"legal_name": "Canal Works"}).url == ENROL
    link = re.search(r'href="([^"]+)">Continue<', set_up_authenticator_app(client).text)
    restored = client.get(link[1], follow=True)
    assert "Carry on where you left off." in restored.text
    assert 'name="legal_name" value="Canal Works"' in restored.text
    assert "Continue" not in client.get(CODES).text


@pytest.mark.django_db(transaction=True)
def test_new_recovery_codes_end_other_sessions(dev, frozen_clock):
    with_second_factor(dev)
    here = sign_in_by_form(dev, code=recovery_code(dev))
    elsewhere = sign_in_by_form(dev, code=recovery_code(dev))
    here.post(f"{CODES}generate/")
    assert here.get(DESK).status_code == 200
    assert is_signed_out(elsewhere)


def test_session_that_did_not_show_the_factor_is_asked_for_it_and_led_back(dev):
    client = Client()
    client.force_login(with_second_factor(dev))
    asked = client.get(DESK)
    assert asked.url == f"{CONFIRM}?next=/council/messages%3Fpage%3D1"
    assert "authenticator app shows" in page(client.get(asked.url))
    assert client.post(asked.url, {"code": "000000"}).status_code == 200
    assert client.get(DESK).url == asked.url
    assert client.post(asked.url, {"code": recovery_code(dev)}).url == DESK
    assert client.get(DESK).status_code == 200


def test_form_sent_before_the_factor_was_shown_is_kept(dev):
    client = Client()
    client.force_login(with_second_factor(dev))
    asked = client.post(NEW_SIGNATORY, {"legal_name": "Canal “Works”", "size": "small"})
    back = client.post(asked.url, {"code": recovery_code(dev)}).url
    restored = page(client.get(back))
    assert 'name="legal_name" value="Canal “Works”"' in html.unescape(restored)
    assert "Carry on where you left off." not in client.get(back).text


def test_factor_shown_12_hours_ago_is_asked_for_again(dev, frozen_clock):
    client = sign_in_by_form(with_second_factor(dev), code=recovery_code(dev))
    for _ in range(28):
        assert client.get(DESK).status_code == 200
        frozen_clock.shift(timedelta(minutes=25))
    assert client.get(DESK).status_code == 200
    frozen_clock.shift(timedelta(minutes=21))
    asked = client.get(DESK)
    assert asked.url.startswith(CONFIRM)
    assert client.post(asked.url, {"code": recovery_code(dev)}).url == DESK
    assert client.get(DESK).status_code == 200


def test_staff_are_signed_out_after_30_idle_minutes(dev, frozen_clock):
    client, asha = signed_in(with_second_factor(dev)), signed_in(factories.asha())
    assert asha.get("/business").status_code == 200
    frozen_clock.shift(timedelta(minutes=29))
    assert client.get(DESK).status_code == 200
    frozen_clock.shift(timedelta(minutes=29))
    assert client.get(DESK).status_code == 200
    assert client.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == 30 * 60
    frozen_clock.shift(timedelta(seconds=50))
    # Pages in quick succession do not write to the database.
    assert settings.SESSION_COOKIE_NAME not in client.get(DESK).cookies
    frozen_clock.shift(timedelta(minutes=31))
    assert client.get(DESK).url.startswith("/account/login/")
    frozen_clock.shift(timedelta(days=13))
    assert asha.get("/business").status_code == 200


def test_staff_are_signed_out_after_30_minutes_if_they_open_no_page_at_all(dev, frozen_clock):
    client = sign_in_by_form(dev)
    frozen_clock.shift(timedelta(minutes=31))
    assert is_signed_out(client)


def test_staff_who_send_a_kept_form_stay_signed_in_no_longer_than_others(dev, frozen_clock):
    with_second_factor(dev)
    client = Client()
    client.post(NEW_SIGNATORY, {"legal_name": "Canal Works"})
    credentials = {"login": dev.email, "password": factories.PASSWORD}
    client.post(f"/account/login/?next={NEW_SIGNATORY}", credentials)
    client.post("/account/2fa/authenticate/", {"code": recovery_code(dev)})
    assert "Carry on where you left off." in client.get(NEW_SIGNATORY).text
    frozen_clock.shift(timedelta(minutes=31))
    assert is_signed_out(client)


def test_older_sessions_end_when_a_council_role_is_gained():
    asha = factories.asha()
    people.end_membership(asha.memberships.get(), by=asha)
    browsers = sign_in_by_form(asha), sign_in_by_form(asha)
    cara = sign_in_by_form(factories.cara())
    factories.invite_staff(asha.email, by=factories.administrator())
    link = f"/invitations/{factories.invitation_token(asha.email)}"
    assert "not the password" in browsers[0].post(link, {"password": "wrong"}).text
    assert not any(is_signed_out(browser) for browser in browsers)
    accepted = browsers[0].post(link, {"password": factories.PASSWORD}, follow=True)
    assert "You can now sign in" in accepted.text
    assert all(is_signed_out(browser) for browser in browsers)
    assert not is_signed_out(cara)
    assert sign_in_by_form(asha).get("/council/messages").url == ENROL


def test_removed_factor_ends_other_sessions_and_has_to_be_set_up_again(dev):
    with_second_factor(dev)
    here = sign_in_by_form(dev, code=recovery_code(dev))
    elsewhere = sign_in_by_form(dev, code=recovery_code(dev))
    elsewhere.post(f"{CONFIRM}?next={DESK}", {"code": recovery_code(dev)})
    assert elsewhere.get(DESK).status_code == 200
    removed = here.post(REMOVE, follow=True)
    assert "Your authenticator app is removed. You are signed out everywhere else." in removed.text
    assert is_signed_out(elsewhere)
    assert here.get(DESK).url == ENROL


def test_administrators_are_emailed_when_a_colleague_removes_a_factor(dev):
    factories.administrator()
    with_second_factor(dev)
    sign_in_by_form(dev, code=recovery_code(dev)).post(REMOVE)
    notices = Message.objects.filter(kind="administrators", recipient="edna@council.example")
    assert notices.latest("pk").subject == "Dev removed or replaced a second factor"


def test_factor_deleted_by_the_operator_counts_nowhere(dev):
    client = signed_in(with_second_factor(dev))
    assert client.get(DESK).status_code == 200
    dev.authenticator_set.all().delete()
    assert client.get(DESK).url == ENROL


def test_password_does_not_replace_the_factor_when_it_is_to_be_removed(dev):
    client = sign_in_by_form(dev)
    with_second_factor(dev)
    asked = client.get(REMOVE)
    assert asked.url.startswith(CONFIRM)
    by_password = client.post("/account/reauthenticate/", {"password": factories.PASSWORD})
    assert by_password.url == CONFIRM
    client.post(REMOVE)
    assert dev.authenticator_set.exists()


def test_copied_cookie_is_worthless_once_its_owner_has_shown_the_factor(dev):
    client, thief = Client(), Client()
    client.force_login(with_second_factor(dev))
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    thief.cookies[settings.SESSION_COOKIE_NAME] = cookie
    assert thief.get(DESK).url.startswith(CONFIRM)
    client.post(f"{CONFIRM}?next={DESK}", {"code": recovery_code(dev)})
    assert client.get(DESK).status_code == 200
    assert is_signed_out(thief)


def test_signatory_with_a_factor_is_not_asked_for_it_again():
    asha = with_second_factor(factories.asha())
    client = Client()
    client.force_login(asha)
    assert form_of(client.get("/business/details"))["legal_name"] == "Brookfield Catering"
