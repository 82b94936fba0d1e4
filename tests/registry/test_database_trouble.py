"""Trouble with the database or the disk: pages stay readable if possible, or ask to try again."""

import errno
import time
from contextlib import contextmanager

import pytest
from django.db import connection, connections
from django.test import Client

from charter.models import User
from registry.models import Entry
from tests import databases, factories
from tests.visitors import sign_in, with_second_factor

pytestmark = pytest.mark.django_db(transaction=True)
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SIGN_IN = {"login": "asha@brookfield.example", "password": factories.PASSWORD}


@pytest.fixture
def commitment():
    return factories.published_commitment()


@pytest.fixture
def visitor():
    return Client(raise_request_exception=False)


@contextmanager
def database_settings(*commands):
    """Change settings of the database for all new sessions, and reset them afterwards."""
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with databases.superuser() as cursor:
        for command in commands:
            cursor.execute(f"ALTER DATABASE {name} SET {command}")
    connection.close()
    try:
        yield
    finally:
        connection.close()
        with databases.superuser() as cursor:
            cursor.execute("SET default_transaction_read_only = off")
            cursor.execute(f"ALTER DATABASE {name} RESET ALL")
        connection.close()


@contextmanager
def full_disk(table):
    """Make every insert into a table fail for lack of disk space."""
    with databases.superuser() as cursor:
        cursor.execute(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$"
        )
        cursor.execute(
            f"CREATE TRIGGER no_room BEFORE INSERT ON {table} EXECUTE FUNCTION no_room()"
        )
    try:
        yield
    finally:
        with databases.superuser() as cursor:
            cursor.execute("DROP FUNCTION no_room() CASCADE")


def assert_try_again_page(response):
    assert response.status_code == 503
    assert response["Retry-After"] == "60"
    assert "no-store" in response["Cache-Control"]
    assert "Nothing has been changed. Try again in a minute." in response.content.decode()


def test_read_only_database_still_serves_pages(commitment, visitor):
    visitor.force_login(factories.asha(), backend=BACKEND)
    entries = Entry.objects.count()
    with database_settings("default_transaction_read_only = on"):
        assert visitor.get(f"/commitments/{commitment.key}").status_code == 200
        assert visitor.get("/api/v1/commitments").status_code == 200
        assert visitor.get("/business").status_code == 200
        assert_try_again_page(visitor.post("/reminders", {"asking": "stop"}))
        # Attempts to sign in cannot be counted, so they are refused.
        assert Client().post("/account/login/", SIGN_IN).status_code == 429
        assert "The database takes no changes." in visitor.get("/health").json()["problems"]
    assert Entry.objects.count() == entries
    assert visitor.get("/commitments").status_code == 200


def test_full_disk_leaves_nothing_half_published(visitor):
    submitted = factories.submitted_commitment()
    sign_in(visitor, with_second_factor(User.objects.get(email="dev@council.example")))
    entries = Entry.objects.count()
    digest = visitor.get(f"/council/items/{submitted.key}").context["seen_digest"]
    with full_disk("registry_entry"):
        assert_try_again_page(
            visitor.post(f"/council/items/{submitted.key}/publish", {"seen_digest": digest})
        )
        assert visitor.get("/commitments").status_code == 200
    submitted.refresh_from_db()
    assert submitted.status == "submitted"
    assert Entry.objects.count() == entries


def test_lost_database_is_reported_within_seconds(commitment, visitor, monkeypatch):
    for lost in connections.all():
        lost.close()
        monkeypatch.setitem(lost.settings_dict, "HOST", "/nowhere")
    start = time.monotonic()
    assert_try_again_page(visitor.get("/commitments"))
    response = visitor.get("/api/v1/commitments")
    assert response.status_code == 503
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["title"] == "The register cannot answer at the moment"
    assert "The database does not answer." in visitor.get("/health").json()["problems"]
    assert time.monotonic() - start < 3


def test_full_disk_while_reading_shows_try_again_page(visitor, monkeypatch):
    def fail(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("registry.website.home.build_home_page", fail)
    assert_try_again_page(visitor.get("/"))


def test_programming_error_is_500_without_details(visitor, monkeypatch):
    def fail(*args):
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr("registry.website.home.build_home_page", fail)
    response = visitor.get("/")
    assert response.status_code == 500
    assert "Retry-After" not in response
    assert "secret" not in response.content.decode()
