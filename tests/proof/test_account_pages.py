"""axe examines every page of an account: on a phone at night, and on a desk by day."""

import pytest
from django.urls import get_resolver
from playwright.sync_api import Page

from charter.models import User
from tests import factories
from tests.axe import AT_NIGHT, BY_DAY, window
from tests.journeys.people import authenticator_code
from tests.journeys.test_private_pages import NO_PAGES, Walk

pytestmark = pytest.mark.django_db(transaction=True)

# allauth's addresses that no page links to.
UNLINKED = {
    "account_confirm_email",
    "account_confirm_login_code",
    "account_email_verification_sent",
    "account_inactive",
    "account_set_password",
    "account_signup",
    # These need a physical key.
    "mfa_edit_webauthn",
    "mfa_login_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
}


@pytest.fixture(params=[AT_NIGHT, BY_DAY], ids=["phone at night", "desk by day"])
def page(browser, request):
    page = window(browser, **request.param)
    yield page
    page.context.close()


def test_pages_of_an_account_pass_axe(page, live_server):
    edna = factories.administrator()
    walk = Walk(page, live_server.url)
    walk.send("/account/password/reset/", "Send me the link")
    walk.visit(
        "/account/password/reset/",
        "/account/password/reset/done/",
        "/account/password/reset/key/1-ended/",
        "/account/password/reset/key/done/",
    )
    walk.visit("/account/login/code/", "/account/login/")
    walk.press("Sign in", "There is a problem")
    sign_in(page, edna)
    page.get_by_role("heading", name="Set up an authenticator app").wait_for()
    walk.visit("/account/reauthenticate/", "/account/2fa/totp/activate/")
    walk.press("Finish", "There is a problem")
    secret = page.locator("main .hash").inner_text()
    page.get_by_label("Authenticator code").fill(authenticator_code(secret))
    walk.press("Finish", "Your recovery codes")
    walk.visit(
        "/account/2fa/",
        "/account/2fa/recovery-codes/generate/",
        "/account/2fa/totp/deactivate/",
        "/account/2fa/reauthenticate/",
        "/account/2fa/webauthn/",
        "/account/2fa/webauthn/add/",
        "/account/sessions/",
        "/account/email/",
        "/account/password/change/",
    )
    walk.send("/account/password/change/", "Change Password")
    walk.visit("/account/logout/")
    page.get_by_role("button", name="Sign out").last.click()
    page.goto(f"{live_server.url}/account/login/")
    sign_in(page, edna)
    page.get_by_role("heading", name="Enter your code").wait_for()
    walk.press("Sign in", "There is a problem")
    page.get_by_label("Code").fill(authenticator_code(secret))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("heading", name="To review").wait_for()
    assert walk.visited == account_page_names() - UNLINKED - NO_PAGES


def sign_in(page: Page, person: User) -> None:
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def account_page_names() -> set[str]:
    names = [name for name in get_resolver().reverse_dict if isinstance(name, str)]
    return {name for name in names if name.startswith(("account_", "mfa_", "usersessions_"))}
