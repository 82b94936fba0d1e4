"""A colleague without an account drafts an update through a link; the account holder sends it."""

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
FIGURE = {
    "answer": "number",
    "value": "14",
    "self_assessment": "on_track",
    "narrative": "Fourteen.",
}


@pytest.fixture
def commitment():
    return scenarios.commitment()


def delegate(commitment, by=None, email="hal@brookfield.example"):
    """Ask Hal on Asha's page; return the path of the link in his email."""
    client = signed_in(by or factories.asha())
    response = client.post(f"/{commitment.key}/update/ask", {"email": email}, follow=True)
    assert f"We have sent {email} a link" in response.text
    assert "It is open until 22 June 2026" in response.text
    message = Message.objects.filter(kind="delegation", recipient=email).latest("pk")
    return re.search(r"http://localhost:\d+(/colleague/\S+)", message.text)[1]


def fill(link, **fields):
    form = Client().get(link).context["form"]
    initial = {name: form[name].value() for name in form.fields if form[name].value()}
    return Client().post(link, initial | FIGURE | fields)


def test_colleague_drafts_and_account_holder_sends_the_update(commitment):
    with on(DUE):
        entries = Entry.objects.count()
        link = delegate(commitment)
        page = Client().get(link)
        assert commitment.title in page.text
        assert "This covers 1 June 2025 to 31 May 2026" in page.text
        file = SimpleUploadedFile("letter.pdf", uploads.pdf())
        response = fill(link, evidence_title="Letter", evidence_kind="document", evidence_file=file)
        assert "Asha reads it and sends it" in response.text
        update = ProgressUpdate.objects.get()
        assert (update.status, update.value) == ("draft", 14)
        assert update.evidence.get().title == "Letter"
        assert Entry.objects.count() == entries
        assert scenarios.reporting_state(commitment) != "up_to_date"
        message = Message.objects.get(kind="delegated")
        assert message.recipient == "asha@brookfield.example"
        asha, address = signed_in(factories.asha()), f"/{commitment.key}/update"
        home = asha.get("/business").text
        draft_notice = "A draft of an update by hal@brookfield.example, saved on 1 June 2026, waits"
        assert draft_notice in home
        assert "Continue draft" in home
        assert "was written by hal@brookfield.example" in asha.get(address).text
        form = asha.get(address).context["form"]
        initial = {name: form[name].value() for name in form.fields if form[name].value()}
        assert initial["narrative"] == "Fourteen."
        assert asha.post(address, initial).url == f"{address}/sent"
    update.refresh_from_db()
    assert update.status == "submitted"


def test_colleague_has_one_open_link_and_an_update_five_at_most(commitment):
    with on(DUE):
        delegate(commitment)
        asha, address = signed_in(factories.asha()), f"/{commitment.key}/update/ask"
        repeat = asha.post(address, {"email": "HAL@brookfield.example"})
        assert "hal@brookfield.example has a link to this form already." in repeat.text
        assert "hal@brookfield.example, since 1 June 2026" in repeat.text
        for name in ("ivy", "jim", "kit", "lou"):
            delegate(commitment, email=f"{name}@brookfield.example")
        response = asha.post(address, {"email": "max@brookfield.example"})
        assert "At most 5 links can be sent for one update." in response.text
    assert Message.objects.filter(kind="delegation").count() == 5


def test_link_opens_one_form_and_nothing_else(commitment):
    with on(DUE):
        link = delegate(commitment)
        hal = Client()
        for open_link in (hal.head, hal.get):
            page = open_link(link)
            assert page["Referrer-Policy"] == "no-referrer"
            assert "no-store" in page["Cache-Control"]
        assert "_auth_user_id" not in hal.session
        assert hal.get("/business").url.startswith("/account/login/")
        assert hal.get(f"/{commitment.key}/update").url.startswith("/account/login/")
        response = hal.post(link, {})
        assert "There is a problem" in response.text
    assert not ProgressUpdate.objects.exists()
    assert not User.objects.filter(email="hal@brookfield.example").exists()


def test_link_can_be_used_once_and_expires_after_21_days(commitment):
    with on(DUE):
        link = delegate(commitment)
        unused_link = delegate(commitment, email="ida@brookfield.example")
        fill(link)
        repeat = Client().post(link, FIGURE)
        assert (repeat.status_code, "filled this in already" in repeat.text) == (410, True)
    with on(DUE + timedelta(days=21)):
        assert "has expired" in Client().get(unused_link).text
    assert Client().get(f"{link}x").status_code == 410


def test_link_ends_once_the_update_is_sent(commitment):
    with on(DUE):
        link = delegate(commitment)
        scenarios.submitted_update(commitment)
        response = Client().get(link)
    assert (response.status_code, "no longer asked for" in response.text) == (410, True)


def test_link_ends_when_its_sender_leaves_the_organisation(commitment):
    with on(DUE):
        link = delegate(commitment, by=factories.ben())
        Membership.objects.filter(user=factories.ben()).update(ended_on=clock.today())
        assert Client().get(link).status_code == 410


def test_link_is_valid_for_one_period_only(commitment):
    with on(DUE):
        link = delegate(commitment)
        assert Delegation.objects.get().period.ends_on == date(2026, 5, 31)
        assert Client().get(link).status_code == 200
    Delegation.objects.update(expires_at=clock.now() + timedelta(days=9_999))
    with on(date(2027, 6, 1)):
        scenarios.tick()
        assert Client().get(link).status_code == 410


def test_colleague_cannot_add_a_success(commitment):
    with on(DUE):
        link = delegate(commitment)
        success = {"success_title": "A story", "success_story": "Told.", "success_on": "1/5/2026"}
        fill(link, **success, success_consent="none_identifiable")
    assert not Success.objects.exists()


def test_incomplete_form_shows_errors_and_saves_nothing(commitment):
    with on(DUE):
        link = delegate(commitment)
        page = fill(link, value="", narrative="Kept.")
    assert "Enter the figure to date" in page.text
    assert "Kept." in page.text
    assert not ProgressUpdate.objects.exists()


def test_only_owners_and_editors_send_a_link(commitment):
    with on(DUE):
        address = f"/{commitment.key}/update/ask"
        assert signed_in(factories.cara()).get(address).status_code == 404
        assert signed_in(factories.grace()).get(address).status_code == 403
        assert Client().get(address).url.startswith("/account/login/")
        response = signed_in(factories.asha()).post(address, {"email": "nobody"})
        assert "Enter a valid email address" in response.text


def test_no_link_is_sent_when_no_update_is_due(commitment):
    with on(DUE):
        scenarios.submitted_update(commitment)
        client = signed_in(factories.asha())
        response = client.post(
            f"/{commitment.key}/update/ask", {"email": "a@b.example"}, follow=True
        )
    assert "This commitment does not need an update at the moment." in response.text
    assert not Delegation.objects.exists()
