"""Council staff sign in with their account at work; nobody else can."""

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.test import Client

from charter.models import User
from registry.staff import staff_provider
from tests import factories, identity_provider
from tests.visitors import with_second_factor

pytestmark = pytest.mark.django_db
LOGIN = "/account/oidc/staff/login/"


def sign_in_at_work(client: Client, settings, *, domain: str = "", **claims):
    """Sign in at the council's provider with these claims; return the response to the callback."""
    with identity_provider.run_provider(**claims) as provider:
        credentials = f"{identity_provider.CLIENT}:{quote(identity_provider.SECRET, safe='')}"
        address = provider.address.replace("http://", f"http://{credentials}@")
        apps, origins = staff_provider(f"{address}/tenant", domain, allow_http=True)
        assert origins == [provider.address]
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": apps}}
        assert "Use your account at work" in client.get("/account/login/").text
        redirect = client.post(f"{LOGIN}?process=login")
        assert redirect.url.startswith(f"{provider.address}/authorize?")
        query = parse_qs(urlsplit(redirect.url).query)
        assert query["client_id"] == [identity_provider.CLIENT]
        assert "code_challenge" in query
        return client.get(f"{LOGIN}callback/", {"code": "any", "state": query["state"][0]})


def test_officer_signs_in_with_work_account_and_second_factor(client, settings):
    dev = with_second_factor(factories.officer())
    response = sign_in_at_work(client, settings, email=dev.email, email_verified=True)
    assert response.url.startswith("/account/2fa/authenticate/")
    client.logout()
    dev.authenticator_set.all().delete()
    response = sign_in_at_work(client, settings, email=dev.email, email_verified=True)
    assert response.url == "/account/home"
    assert client.get("/account/home").url == "/council"


def test_unverified_address_is_accepted_only_in_councils_domain(client, settings):
    dev = factories.officer()
    assert sign_in_at_work(client, settings, email=dev.email).status_code == 403
    assert (
        sign_in_at_work(client, settings, email=dev.email, domain="council.example").status_code
        == 302
    )


@pytest.mark.parametrize("email", ["asha@brookfield.example", "nobody@council.example"])
def test_signatory_or_stranger_cannot_use_staff_sign_in(client, settings, email):
    factories.asha()
    user_count = User.objects.count()
    response = sign_in_at_work(client, settings, email=email, email_verified=True)
    assert response.status_code == 403
    assert "An administrator of the register can invite you" in response.text.replace("\n", " ")
    assert client.get("/account/home").url.startswith("/account/login/")
    assert User.objects.count() == user_count


def test_staff_sign_in_is_off_without_its_setting(client):
    assert "account at work" not in client.get("/account/login/").text
    assert client.get(LOGIN).status_code == 404
