"""A passkey is added and used in a browser with a virtual authenticator."""

import pytest
from playwright.sync_api import Page

from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


def test_asha_adds_a_passkey_and_signs_in_with_it_alone(page: Page, live_server, settings):
    settings.PUBLIC_URL = address = live_server.url.replace("127.0.0.1", "localhost")
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
    page.goto(f"{address}/account/login/")
    page.get_by_label("Email").fill(factories.asha().email)
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.goto(f"{address}/account/2fa/webauthn/add/")
    page.get_by_label("Name").fill("My phone")
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()
    page.goto(f"{address}/account/2fa/webauthn/")
    page.get_by_role("cell", name="Name: My phone").wait_for()

    page.get_by_role("banner").get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{address}/")
    page.goto(f"{address}/account/login/?next=/business/people")
    page.get_by_role("button", name="Use a passkey").click()
    page.get_by_role("heading", name="People").wait_for()
    assert page.url == f"{address}/business/people"
