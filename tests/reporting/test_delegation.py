"""A colleague without an account fills in one update by a link; the account holder sends it."""

import re
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from charter.models import Membership, Message, User
from registry import clock
from registry.models import Entry
from reporting.models import Delegation, ProgressUpdate, Success
from tests import factories
from tests.reporting import scenarios, uploads
from tests.reporting.scenarios import on
from tests.visitors import signed_in

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)
TOLD = {"answer": "number", "value": "14", "self_assessment": "on_track", "narrative": "Fourteen."}


@pytest.fixture
def commitment():
    return scenarios.commitment()


def asked(commitment, by=None, email="hal@brookfield.example"):
    """Let Asha ask Hal on her page; return the address in his email."""
    client = signed_in(by or factories.asha())
    sent = client.post(f"/{commitment.key}/update/ask", {"email": email}, follow=True)
    assert f"We have sent {email} a link" in sent.text
    assert "It is open until 22 June 2026" in sent.text
    message = Message.objects.filter(kind="delegation", recipient=email).latest("pk")
    return re.search(r"http://localhost:\d+(/colleague/\S+)", message.text)[1]


def fill(link, **typed):
    form = Client().get(link).context["form"]
    shown = {name: form[name].value() for name in form.fields if form[name].value()}
    return Client().post(link, shown | TOLD | typed)


def test_a_colleague_writes_and_the_account_holder_sends(commitment):
    with on(DUE):
        entries = Entry.objects.count()
        link = asked(commitment)
        page = Client().get(link)
        assert commitment.title in page.text
        assert "This covers 1 June 2025 to 31 May 2026" in page.text
        file = SimpleUploadedFile("letter.pdf", uploads.pdf())
        handed = fill(link, evidence_title="Letter", evidence_kind="document", evidence_file=file)
        assert "Asha reads it and sends it" in handed.text
        update = ProgressUpdate.objects.get()
        assert (update.status, update.value) == ("draft", 14)
        assert update.evidence.get().title == "Letter"
        assert Entry.objects.count() == entries
        assert scenarios.reporting_of(commitment) != "up_to_date"
        told = Message.objects.get(kind="delegated")
        assert told.recipient == "asha@brookfield.example"
        asha, address = signed_in(factories.asha()), f"/{commitment.key}/update"
        home = asha.get("/business").text
        by_hal = "A draft of an update by hal@brookfield.example, saved on 1 June 2026, waits"
        assert by_hal in home
        assert "Go on writing" in home
        assert "was written by hal@brookfield.example" in asha.get(address).text
        form = asha.get(address).context["form"]
        shown = {name: form[name].value() for name in form.fields if form[name].value()}
        assert shown["narrative"] == "Fourteen."
        assert asha.post(address, shown).url == f"{address}/sent"
    update.refresh_from_db()
    assert update.status == "submitted"


def test_nobody_gets_two_open_links_and_a_form_is_handed_to_a_few_only(commitment):
    with on(DUE):
        asked(commitment)
        asha, address = signed_in(factories.asha()), f"/{commitment.key}/update/ask"
        again = asha.post(address, {"email": "HAL@brookfield.example"})
        assert "hal@brookfield.example has a link to this form already." in again.text
        assert "hal@brookfield.example, since 1 June 2026" in again.text
        for name in ("ivy", "jim", "kit", "lou"):
            asked(commitment, email=f"{name}@brookfield.example")
        more = asha.post(address, {"email": "max@brookfield.example"})
        assert "At most 5 links can be sent for one update." in more.text
    assert Message.objects.filter(kind="delegation").count() == 5


def test_the_link_shows_one_form_and_opens_nothing_else(commitment):
    with on(DUE):
        link = asked(commitment)
        hal = Client()
        for look in (hal.head, hal.get):
            page = look(link)
            assert page["Referrer-Policy"] == "no-referrer"
            assert "no-store" in page["Cache-Control"]
        assert "_auth_user_id" not in hal.session
        assert hal.get("/business").url.startswith("/account/login/")
        assert hal.get(f"/{commitment.key}/update").url.startswith("/account/login/")
        pressed = hal.post(link, {})
        assert "There is a problem" in pressed.text
    assert not ProgressUpdate.objects.exists()
    assert not User.objects.filter(email="hal@brookfield.example").exists()


def test_the_link_fills_in_once_and_ends_after_21_days(commitment):
    with on(DUE):
        link, late = asked(commitment), asked(commitment, email="ida@brookfield.example")
        fill(link)
        again = Client().post(link, TOLD)
        assert (again.status_code, "filled this in already" in again.text) == (410, True)
    with on(DUE + timedelta(days=21)):
        assert "has run out" in Client().get(late).text
    assert Client().get(f"{link}x").status_code == 410


def test_the_link_ends_once_the_update_is_sent(commitment):
    with on(DUE):
        link = asked(commitment)
        scenarios.told(commitment)
        closed = Client().get(link)
    assert (closed.status_code, "no longer asked for" in closed.text) == (410, True)


def test_the_link_ends_with_the_rights_of_whoever_asked(commitment):
    with on(DUE):
        link = asked(commitment, by=factories.ben())
        Membership.objects.filter(user=factories.ben()).update(ended_on=clock.today())
        assert Client().get(link).status_code == 410


def test_the_link_is_for_one_period_only(commitment):
    with on(DUE):
        link = asked(commitment)
        assert Delegation.objects.get().period.ends_on == date(2026, 5, 31)
        assert Client().get(link).status_code == 200
    Delegation.objects.update(expires_at=clock.now() + timedelta(days=9_999))
    with on(date(2027, 6, 1)):
        scenarios.tick()
        assert Client().get(link).status_code == 410


def test_a_colleague_tells_no_story_and_takes_nothing_away(commitment):
    with on(DUE):
        link = asked(commitment)
        draft = {"success_title": "A story", "success_story": "Told.", "success_on": "1/5/2026"}
        fill(link, **draft, success_consent="none_identifiable")
    assert not Success.objects.exists()


def test_what_is_missing_is_said_and_nothing_is_saved(commitment):
    with on(DUE):
        link = asked(commitment)
        page = fill(link, value="", narrative="Kept.")
    assert "Give the figure to date" in page.text
    assert "Kept." in page.text
    assert not ProgressUpdate.objects.exists()


def test_nobody_else_asks_a_colleague(commitment):
    with on(DUE):
        address = f"/{commitment.key}/update/ask"
        assert signed_in(factories.cara()).get(address).status_code == 404
        assert signed_in(factories.grace()).get(address).status_code == 403
        assert Client().get(address).url.startswith("/account/login/")
        wrong = signed_in(factories.asha()).post(address, {"email": "nobody"})
        assert "Enter a valid email address" in wrong.text


def test_nobody_is_asked_when_nothing_is_owed(commitment):
    with on(DUE):
        scenarios.told(commitment)
        client = signed_in(factories.asha())
        sent = client.post(f"/{commitment.key}/update/ask", {"email": "a@b.example"}, follow=True)
    assert "Nothing is asked of this commitment now." in sent.text
    assert not Delegation.objects.exists()
