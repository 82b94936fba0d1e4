"""A passkey is added and used in a browser with a virtual authenticator."""

from datetime import timedelta

import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Page

from charter.models import User
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def address(page: Page, live_server, settings) -> str:
    """Return the register's address, at which the browser has a device for passkeys."""
    devices = page.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    settings.PUBLIC_URL = live_server.url.replace("127.0.0.1", "localhost")
    return settings.PUBLIC_URL


def sign_in_with_password(page: Page, address: str, user: User) -> None:
    page.goto(f"{address}/account/login/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add_passkey(page: Page) -> None:
    page.get_by_label("Name").fill("My phone")
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()


def let_12_hours_pass(page: Page) -> None:
    """Make what the browser's session has proved 12 hours older."""
    [key] = [c["value"] for c in page.context.cookies() if c["name"] == "sessionid"]
    session = SessionStore(key)
    for record in session[AUTHENTICATION_METHODS_SESSION_KEY]:
        record["at"] -= timedelta(hours=12).total_seconds()
    session.save()


def test_dev_opens_council_pages_with_a_passkey_and_confirms_with_it(page: Page, address):
    factories.charter()
    sign_in_with_password(page, address, factories.officer())
    page.get_by_role("link", name="Add a passkey").click()
    add_passkey(page)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("heading", name="To review").wait_for()

    page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{address}/")
    page.goto(f"{address}/account/login/?next=/council/messages")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{address}/council/messages")

    let_12_hours_pass(page)
    page.goto(f"{address}/council/signatories")
    page.get_by_role("heading", name="Confirm it is you").wait_for()
    page.get_by_role("button", name="Use your passkey").click()
    page.wait_for_url(f"{address}/council/signatories")


def test_asha_adds_a_passkey_and_signs_in_with_it_alone(page: Page, address):
    sign_in_with_password(page, address, factories.asha())
    page.goto(f"{address}/account/2fa/webauthn/add/")
    add_passkey(page)
    page.goto(f"{address}/account/2fa/webauthn/")
    page.get_by_role("cell", name="Name: My phone").wait_for()

    page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{address}/")
    page.goto(f"{address}/account/login/?next=/business/people")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("heading", name="People").wait_for()
    assert page.url == f"{address}/business/people"
