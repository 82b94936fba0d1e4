"""A school, charity or other body that was helped says whether it happened, by one link."""

import re
from datetime import date, timedelta

import pytest
from django.test import Client

from charter.actions import people
from charter.errors import AlreadyExistsError, NotAllowedError, WrongStateError
from charter.mail import outbox
from charter.models import Message
from registry.models import Entry, Record
from reporting.actions import confirmations
from reporting.models import Confirmation
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import LINK, on
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)
YES = {"answer": "yes", "may_be_named": "yes"}


@pytest.fixture
def commitment():
    return scenarios.commitment()


@pytest.fixture
def update(commitment):
    with on(DUE):
        return scenarios.published(commitment, evidence=[LINK])


def asked(update, body="South City College", email="head@college.example"):
    """Let Asha ask a body on her page; return the address in its email."""
    address = f"/business/confirmations/{update.key}"
    sent = signed_in(factories.asha()).post(address, {"body": body, "email": email}, follow=True)
    assert f"We have sent {email} a link" in sent.text
    message = Message.objects.get(kind="confirmation", recipient=email)
    return re.search(r"http://localhost:\d+(/confirm/\S+)", message.text)[1]


def public(update):
    return Record.objects.get(pk=update.key).item


def test_the_council_sees_whom_a_signatory_asked_and_what_came_of_it(update):
    with on(DUE):
        link = asked(update)
        with_second_factor(factories.officer())
        council = signed_in(factories.officer())
        address = f"/council/checks/{update.key}"
        assert "head@college.example, asked on 1 June 2026" in council.get(address).text
        Client().post(link, {"answer": "yes", "may_be_named": "no"})
        assert "it does not want to be named" in council.get(address).text


def test_a_body_that_says_yes_raises_the_level_of_proof(commitment, update):
    with on(DUE):
        link = asked(update)
        page = Client().get(link)
        assert "Brookfield Catering has promised" in page.text
        assert "14 of 20 people, on track" in page.text
        thanks = Client().post(link, YES)
        assert "Your answer stands on the public page." in thanks.text
        page = Client().get(f"/commitments/{commitment.key}").text
    told = public(update)
    assert told["level_of_proof"] == "confirmed_by_beneficiary"
    assert told["confirmations"] == [
        {"on": "2026-06-01", "answer": "yes", "body": "South City College"}
    ]
    assert "Confirmed by the beneficiary" in page
    assert "South City College, 1 June 2026: yes, this happened" in page


def test_a_body_is_named_only_with_its_consent_and_a_person_never(commitment, update):
    with on(DUE):
        link = asked(update)
        Client().post(link, {"answer": "yes", "may_be_named": "no"})
        page = Client().get(f"/commitments/{commitment.key}").text
    assert "A body that is not named, 1 June 2026: yes" in page
    published = " ".join(Entry.objects.values_list("item", flat=True))
    assert "South City College" not in published
    assert "head@college.example" not in published


@pytest.mark.parametrize(
    ("answers", "level", "disputed"),
    [
        (["partly"], "evidence_provided", False),
        (["no"], "evidence_provided", True),
        (["yes", "partly"], "confirmed_by_beneficiary", False),
        (["yes", "no"], "evidence_provided", True),
    ],
)
def test_what_else_a_body_says_is_as_public(commitment, update, answers, level, disputed):
    with on(DUE):
        for number, answer in enumerate(answers):
            link = asked(update, email=f"{number}@college.example")
            Client().post(link, YES | {"answer": answer})
        page = Client().get(f"/commitments/{commitment.key}").text
    assert public(update)["level_of_proof"] == level
    assert public(update).get("disputed", False) is disputed
    assert ("(disputed)" in page) is disputed


def test_looking_at_the_link_changes_nothing_and_signs_nobody_in(update):
    with on(DUE):
        link = asked(update)
        entries = Entry.objects.count()
        scanner = Client()
        for look in (scanner.head, scanner.get, scanner.get):
            page = look(link)
            assert page.status_code == 200
            assert page["Referrer-Policy"] == "no-referrer"
            assert "no-store" in page["Cache-Control"]
        pressed = scanner.post(link, {})  # a scanner that presses the button
        assert "Choose one of the three answers" in pressed.text
        assert scanner.put(link).status_code == 405
        assert "_auth_user_id" not in scanner.session
        assert scanner.get("/business").url.startswith("/account/login/")
    assert Entry.objects.count() == entries
    assert Confirmation.objects.get().answer == ""


def test_the_link_answers_once_and_ends_after_21_days(update):
    with on(DUE):
        link, late = asked(update), asked(update, email="late@college.example")
        Client().post(link, YES)
        again = Client().post(link, YES | {"answer": "no"})
        assert (again.status_code, "answered already" in again.text) == (410, True)
    with on(DUE + timedelta(days=20)):
        assert Client().get(late).status_code == 200
    with on(DUE + timedelta(days=21)):
        page = Client().post(late, YES)
        assert (page.status_code, "has run out" in page.text) == (410, True)
    assert Client().get(f"{link}x").status_code == 410
    assert [told["answer"] for told in public(update)["confirmations"]] == ["yes"]


def test_only_the_hash_of_the_link_is_kept_once_the_email_is_sent(update, sink):
    with on(DUE):
        token = asked(update).rpartition("/")[2]
        scenarios.tick()
        outbox.drain()
    assert not Message.objects.filter(text__contains=token).exists()
    assert token not in Confirmation.objects.get().token_hash
    assert any(token in email.as_string().replace("=\n", "") for email in sink.emails())


def test_nobody_is_asked_about_what_is_not_published_or_withdrawn(commitment):
    with on(DUE):
        waiting = scenarios.told(commitment)
        with pytest.raises(WrongStateError, match="published"):
            confirmations.request_confirmation(
                waiting, by=factories.asha(), body="A", email="a@b.example"
            )
        page = signed_in(factories.asha()).get(f"/business/confirmations/{waiting.key}")
        assert page.status_code == 404


def test_a_signatory_does_not_confirm_itself_nor_ask_for_ever(update):
    with on(DUE):
        ask = {"by": factories.asha(), "body": "A"}
        factories.ben()
        with pytest.raises(WrongStateError, match="outside your organisation"):
            confirmations.request_confirmation(update, email="Ben@brookfield.example", **ask)
        confirmations.request_confirmation(update, email="0@college.example", **ask)
        with pytest.raises(AlreadyExistsError):
            confirmations.request_confirmation(update, email="0@College.example", **ask)
        for number in range(1, 5):
            confirmations.request_confirmation(update, email=f"{number}@college.example", **ask)
        with pytest.raises(WrongStateError, match="At most 5"):
            confirmations.request_confirmation(update, email="6@college.example", **ask)


def test_nobody_else_asks(update):
    with on(DUE):
        for somebody in (factories.grace(), factories.cara()):
            with pytest.raises(NotAllowedError):
                confirmations.request_confirmation(
                    update, by=somebody, body="A", email="a@b.example"
                )
        address = f"/business/confirmations/{update.key}"
        assert signed_in(factories.cara()).get(address).status_code == 404
        assert signed_in(factories.grace()).get(address).status_code == 403
        assert Client().get(address).url.startswith("/account/login/")
        dev = people.get_operator()
        with pytest.raises(NotAllowedError):
            confirmations.request_confirmation(update, by=dev, body="A", email="a@b.example")
