"""A form sent after the session expired is kept until sign-in, within limits."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from charter import tasks
from tests import factories

pytestmark = pytest.mark.django_db
NEW = "/business/commitments/new"


def test_form_is_kept_up_to_the_size_of_our_longest_form(client):
    client.post(NEW, {"title": "ä" * 200, "description": "🍳" * 10_000})
    assert "typed" in client.session
    client.session.flush()
    assert client.post(NEW, {"description": "x" * 60_001}).url.startswith("/account/login/")
    assert "typed" not in client.session


def test_strangers_cannot_fill_the_session_table(client):
    for _ in range(20):
        client.post(NEW, {"title": "Anything"})
        client.cookies.clear()
    session_count = Session.objects.count()
    page = client.post(NEW, {"title": "Anything"})
    assert page.status_code == 429
    assert "Your answers should still be there if you go back" in page.text
    assert Session.objects.count() == session_count == 20


def test_session_with_an_unsent_form_lasts_as_long_as_others(client):
    client.post(NEW, {"title": "Anything"})
    credentials = {"login": factories.asha().email, "password": factories.PASSWORD}
    response = client.post(f"/account/login/?next={NEW}", credentials)
    assert "Carry on where you left off" in client.get(response.url).text
    assert client.session.get_expiry_age() == 60 * 60 * 24 * 14


def test_expired_sessions_are_deleted(client):
    client.post(NEW, {"title": "Anything"})
    tasks.delete_expired_sessions()
    assert Session.objects.count() == 1
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    tasks.delete_expired_sessions()
    assert not Session.objects.exists()
