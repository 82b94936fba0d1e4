"""People of the council come in with the account that they have at work; nobody else does."""

from urllib.parse import parse_qs, quote, urlsplit

import pytest
from django.test import Client

from charter.models import User
from registry.staff import staff_provider
from tests import factories, identity_provider
from tests.visitors import with_second_factor

pytestmark = pytest.mark.django_db
LOGIN = "/account/oidc/staff/login/"


def come_back(client: Client, settings, *, domain: str = "", **claims):
    """Go to the council's sign-in and come back from it as somebody."""
    with identity_provider.running(**claims) as provider:
        who = f"{identity_provider.CLIENT}:{quote(identity_provider.SECRET, safe='')}"
        address = provider.address.replace("http://", f"http://{who}@")
        apps, origins = staff_provider(f"{address}/tenant", domain, allow_http=True)
        assert origins == [provider.address]
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": apps}}
        assert "Use your account at work" in client.get("/account/login/").text
        away = client.post(f"{LOGIN}?process=login")
        assert away.url.startswith(f"{provider.address}/authorize?")
        asked = parse_qs(urlsplit(away.url).query)
        assert asked["client_id"] == [identity_provider.CLIENT]
        assert "code_challenge" in asked
        return client.get(f"{LOGIN}callback/", {"code": "any", "state": asked["state"][0]})


def test_an_officer_comes_in_with_the_account_at_work_and_the_second_factor(client, settings):
    dev = with_second_factor(factories.officer())
    back = come_back(client, settings, email=dev.email, email_verified=True)
    assert back.url.startswith("/account/2fa/authenticate/")
    client.logout()
    dev.authenticator_set.all().delete()
    back = come_back(client, settings, email=dev.email, email_verified=True)
    assert back.url == "/account/home"
    assert client.get("/account/home").url == "/council"


def test_a_provider_that_says_nothing_of_addresses_is_believed_for_the_councils_domain(
    client, settings
):
    dev = factories.officer()
    assert come_back(client, settings, email=dev.email).status_code == 403
    assert come_back(client, settings, email=dev.email, domain="council.example").status_code == 302


@pytest.mark.parametrize("email", ["asha@brookfield.example", "nobody@council.example"])
def test_a_business_or_a_stranger_does_not_come_in_this_way(client, settings, email):
    factories.asha()
    people = User.objects.count()
    back = come_back(client, settings, email=email, email_verified=True)
    assert back.status_code == 403
    assert "An administrator of the register can invite you" in back.text.replace("\n", " ")
    assert client.get("/account/home").url.startswith("/account/login/")
    assert User.objects.count() == people


def test_without_its_setting_there_is_no_such_way(client):
    assert "account at work" not in client.get("/account/login/").text
    assert client.get(LOGIN).status_code == 404
