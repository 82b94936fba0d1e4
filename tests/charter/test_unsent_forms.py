"""What strangers send to private pages is kept for people whose session ran out, within bounds."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from charter import tasks
from tests import factories

pytestmark = pytest.mark.django_db
NEW = "/business/commitments/new"


def test_as_much_is_kept_as_our_longest_form_takes_and_no_more(client):
    client.post(NEW, {"title": "ä" * 200, "description": "🍳" * 10_000})
    assert "typed" in client.session
    client.session.flush()
    assert client.post(NEW, {"description": "x" * 60_001}).url.startswith("/account/login/")
    assert "typed" not in client.session


def test_nobody_fills_our_table_of_sessions(client):
    for _ in range(20):
        client.post(NEW, {"title": "Anything"})
        client.cookies.clear()
    kept = Session.objects.count()
    page = client.post(NEW, {"title": "Anything"})
    assert page.status_code == 429
    assert "Go back, keep what you typed" in page.text
    assert Session.objects.count() == kept == 20


def test_a_session_in_which_something_waited_lasts_as_long_as_any_other(client):
    client.post(NEW, {"title": "Anything"})
    entered = {"login": factories.asha().email, "password": factories.PASSWORD}
    back = client.post(f"/account/login/?next={NEW}", entered)
    assert "What you typed is here" in client.get(back.url).text
    assert client.session.get_expiry_age() == 60 * 60 * 24 * 14


def test_sessions_that_ran_out_are_deleted_at_night(client):
    client.post(NEW, {"title": "Anything"})
    tasks.delete_expired_sessions()
    assert Session.objects.count() == 1
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    tasks.delete_expired_sessions()
    assert not Session.objects.exists()
