"""No cache keeps the pages of an account or errors, and a refused form is explained."""

import pytest
from django.test import Client

from tests import factories
from tests.visitors import signed_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "address",
    ["/account/sessions/", "/account/email/", "/account/2fa/", "/account/password/change/",
     "/council", "/business/no-such-page", "/no-such-page", "/id/C-99999", "/api/v1/no-such-page"],
)  # fmt: skip
def test_no_cache_keeps_pages_of_an_account_or_errors(address):
    assert "no-store" in signed_in(factories.asha()).get(address)["Cache-Control"]


def test_refused_form_is_explained_in_our_words_and_with_our_design():
    answer = Client(enforce_csrf_checks=True).post("/account/login/")
    assert answer.status_code == 403
    assert "This form was not accepted." in answer.content.decode()
    assert "Charter Register" in answer.content.decode()


@pytest.mark.parametrize(
    ("address", "status"), [("/id/C-99999", 405), ("/C-99999", 405), ("/api/v1/nope", 404)]
)
def test_form_sent_to_an_address_without_one_is_refused_as_such(address, status):
    assert Client(enforce_csrf_checks=True).post(address).status_code == status
