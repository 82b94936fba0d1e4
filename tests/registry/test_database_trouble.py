"""A database that is away, full or closed to changes, or a disk that is full: people read what can
be read, and are told that the rest passes.
"""

import errno
import time
from contextlib import contextmanager

import pytest
from django.db import connection
from django.test import Client

from charter.models import User
from registry.models import Entry
from tests import factories

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
def told_to_the_database(*commands):
    """Change what holds for all sessions that begin from now on, and take it back."""
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        for command in commands:
            cursor.execute(f"ALTER DATABASE {name} SET {command}")
    connection.close()
    try:
        yield
    finally:
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute("SET default_transaction_read_only = off")
            cursor.execute(f"ALTER DATABASE {name} RESET ALL")
        connection.close()


@contextmanager
def full_disk(table):
    """Let every row that is to be written into a table find no room."""
    with connection.cursor() as cursor:
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
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION no_room() CASCADE")


def check_that_it_passes(answer):
    assert answer.status_code == 503
    assert answer["Retry-After"] == "60"
    assert "no-store" in answer["Cache-Control"]
    assert "Nothing was changed. Try again in a minute." in answer.content.decode()


def test_a_database_closed_to_changes_is_read_and_says_so(commitment, visitor):
    visitor.force_login(factories.asha(), backend=BACKEND)
    entries = Entry.objects.count()
    with told_to_the_database("default_transaction_read_only = on"):
        assert visitor.get(f"/commitments/{commitment.key}").status_code == 200
        assert visitor.get("/api/v1/commitments").status_code == 200
        assert visitor.get("/business").status_code == 200
        check_that_it_passes(visitor.post("/reminders", {"asking": "stop"}))
        assert Client().post("/account/login/", SIGN_IN).status_code == 429  # it cannot be counted
        assert "The database takes no changes." in visitor.get("/health").json()["problems"]
    assert Entry.objects.count() == entries
    assert visitor.get("/commitments").status_code == 200


def test_a_full_disk_publishes_nothing_by_half(visitor, monkeypatch):
    waiting = factories.submitted_commitment()
    monkeypatch.setattr("charter.views.access.is_mfa_enabled", lambda user: True)
    visitor.force_login(User.objects.get(email="dev@council.example"), backend=BACKEND)
    entries = Entry.objects.count()
    read = visitor.get(f"/council/items/{waiting.key}").context["seen_digest"]
    with full_disk("registry_entry"):
        check_that_it_passes(
            visitor.post(f"/council/items/{waiting.key}/publish", {"seen_digest": read})
        )
        assert visitor.get("/commitments").status_code == 200
    waiting.refresh_from_db()
    assert waiting.status == "submitted"
    assert Entry.objects.count() == entries


def test_a_database_that_lets_nobody_in_is_told_of_within_a_moment(
    commitment, visitor, monkeypatch
):
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "/nowhere")
    began = time.monotonic()
    check_that_it_passes(visitor.get("/commitments"))
    answer = visitor.get("/api/v1/commitments")
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["title"] == "The register cannot answer at the moment"
    assert "The database does not answer." in visitor.get("/health").json()["problems"]
    assert time.monotonic() - began < 3


def test_a_disk_that_takes_no_file_passes_too(visitor, monkeypatch):
    def break_down(*arguments):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("registry.website.home.home_context", break_down)
    check_that_it_passes(visitor.get("/"))


def test_what_is_our_own_fault_is_500_and_gives_nothing_away(visitor, monkeypatch):
    def break_down(*arguments):
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr("registry.website.home.home_context", break_down)
    answer = visitor.get("/")
    assert answer.status_code == 500
    assert "Retry-After" not in answer
    assert "secret" not in answer.content.decode()
