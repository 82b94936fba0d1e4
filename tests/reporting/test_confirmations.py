"""Confirmations by a school, charity or other beneficiary, through a one-time link."""

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
        return scenarios.published_update(commitment, evidence=[LINK])


def request_confirmation(update, body="South City College", email="head@college.example"):
    """Ask a body on Asha's page; return the path of the link in its email."""
    address = f"/business/confirmations/{update.key}"
    response = signed_in(factories.asha()).post(
        address, {"body": body, "email": email}, follow=True
    )
    assert f"We have sent {email} a link" in response.text
    message = Message.objects.get(kind="confirmation", recipient=email)
    return re.search(r"http://localhost:\d+(/confirm/\S+)", message.text)[1]


def public_item(update):
    return Record.objects.get(pk=update.key).item


def test_council_sees_confirmation_requests_and_their_results(update):
    with on(DUE):
        link = request_confirmation(update)
        with_second_factor(factories.officer())
        council = signed_in(factories.officer())
        address = f"/council/checks/{update.key}"
        assert "head@college.example, asked on 1 June 2026" in council.get(address).text
        Client().post(link, {"answer": "yes", "may_be_named": "no"})
        assert "it does not want to be named" in council.get(address).text


def test_beneficiarys_yes_raises_the_level_of_proof(commitment, update):
    with on(DUE):
        link = request_confirmation(update)
        page = Client().get(link)
        assert "Brookfield Catering promised" in page.text
        email = Message.objects.get(kind="confirmation").text
        for asked in (page.text, email):
            assert "14 of 20 people" in asked
            assert "“Fourteen have started.”" in asked
            assert "on track" not in asked
        assert "Your answer (yes, partly or no) and its date will be public." in email
        thanks = Client().post(link, YES)
        assert "Your answer is on the public page." in thanks.text
        page = Client().get(f"/commitments/{commitment.key}").text
    item = public_item(update)
    assert item["level_of_proof"] == "confirmed_by_beneficiary"
    assert item["confirmations"] == [
        {"on": "2026-06-01", "answer": "yes", "body": "South City College"}
    ]
    assert "Confirmed by the beneficiary" in page
    assert "South City College, 1 June 2026: yes, this happened" in page


def test_beneficiary_is_named_only_with_consent_and_its_contact_never(commitment, update):
    with on(DUE):
        link = request_confirmation(update)
        Client().post(link, {"answer": "yes", "may_be_named": "no"})
        page = Client().get(f"/commitments/{commitment.key}").text
    assert "A body that is not named, 1 June 2026: yes" in page
    entries = " ".join(Entry.objects.values_list("item", flat=True))
    assert "South City College" not in entries
    assert "head@college.example" not in entries


@pytest.mark.parametrize(
    ("answers", "level", "disputed"),
    [
        (["partly"], "evidence_provided", False),
        (["no"], "evidence_provided", True),
        (["yes", "partly"], "confirmed_by_beneficiary", False),
        (["yes", "no"], "evidence_provided", True),
    ],
)
def test_partial_and_negative_answers_are_published_too(
    commitment, update, answers, level, disputed
):
    with on(DUE):
        for number, answer in enumerate(answers):
            link = request_confirmation(update, email=f"{number}@college.example")
            Client().post(link, YES | {"answer": answer})
        page = Client().get(f"/commitments/{commitment.key}").text
    assert public_item(update)["level_of_proof"] == level
    assert public_item(update).get("disputed", False) is disputed
    assert ("(disputed)" in page) is disputed


def test_opening_the_link_changes_nothing_and_signs_nobody_in(update):
    with on(DUE):
        link = request_confirmation(update)
        entries = Entry.objects.count()
        scanner = Client()
        for open_link in (scanner.head, scanner.get, scanner.get):
            page = open_link(link)
            assert page.status_code == 200
            assert page["Referrer-Policy"] == "no-referrer"
            assert "no-store" in page["Cache-Control"]
        response = scanner.post(link, {})  # Scanners press buttons too.
        assert "Choose one of the three answers" in response.text
        assert scanner.put(link).status_code == 405
        assert "_auth_user_id" not in scanner.session
        assert scanner.get("/business").url.startswith("/account/login/")
    assert Entry.objects.count() == entries
    assert Confirmation.objects.get().answer == ""


def test_link_accepts_one_answer_and_expires_after_21_days(update):
    with on(DUE):
        link = request_confirmation(update)
        unused_link = request_confirmation(update, email="late@college.example")
        Client().post(link, YES)
        repeat = Client().post(link, YES | {"answer": "no"})
        assert (repeat.status_code, "answered already" in repeat.text) == (410, True)
    with on(DUE + timedelta(days=20)):
        assert Client().get(unused_link).status_code == 200
    with on(DUE + timedelta(days=21)):
        page = Client().post(unused_link, YES)
        assert (page.status_code, "has expired" in page.text) == (410, True)
    assert Client().get(f"{link}x").status_code == 410
    assert [answer["answer"] for answer in public_item(update)["confirmations"]] == ["yes"]


def test_only_a_hash_of_the_link_is_stored_after_sending(update, sink):
    with on(DUE):
        token = request_confirmation(update).rpartition("/")[2]
        scenarios.tick()
        outbox.drain()
    assert not Message.objects.filter(text__contains=token).exists()
    assert token not in Confirmation.objects.get().token_hash
    assert any(token in email.as_string().replace("=\n", "") for email in sink.emails())


def test_unpublished_update_cannot_be_sent_for_confirmation(commitment):
    with on(DUE):
        pending = scenarios.submitted_update(commitment)
        with pytest.raises(WrongStateError, match="published"):
            confirmations.request_confirmation(
                pending, by=factories.asha(), body="A", email="a@b.example"
            )
        page = signed_in(factories.asha()).get(f"/business/confirmations/{pending.key}")
        assert page.status_code == 404


def test_signatory_cannot_confirm_itself_or_ask_more_than_five(update):
    with on(DUE):
        fields = {"by": factories.asha(), "body": "A"}
        factories.ben()
        with pytest.raises(WrongStateError, match="outside your organisation"):
            confirmations.request_confirmation(update, email="Ben@brookfield.example", **fields)
        confirmations.request_confirmation(update, email="0@college.example", **fields)
        with pytest.raises(AlreadyExistsError):
            confirmations.request_confirmation(update, email="0@College.example", **fields)
        for number in range(1, 5):
            confirmations.request_confirmation(update, email=f"{number}@college.example", **fields)
        with pytest.raises(WrongStateError, match="At most 5"):
            confirmations.request_confirmation(update, email="6@college.example", **fields)


def test_only_owners_and_editors_request_confirmations(update):
    with on(DUE):
        for user in (factories.grace(), factories.cara()):
            with pytest.raises(NotAllowedError):
                confirmations.request_confirmation(update, by=user, body="A", email="a@b.example")
        address = f"/business/confirmations/{update.key}"
        assert signed_in(factories.cara()).get(address).status_code == 404
        assert signed_in(factories.grace()).get(address).status_code == 403
        assert Client().get(address).url.startswith("/account/login/")
        dev = people.get_operator()
        with pytest.raises(NotAllowedError):
            confirmations.request_confirmation(update, by=dev, body="A", email="a@b.example")


def test_update_that_says_nothing_of_a_result_cannot_be_confirmed(commitment):
    with on(DUE):
        update = scenarios.published_update(
            commitment, nothing_changed=True, value=None, narrative=""
        )
        asha, address = signed_in(factories.asha()), f"/business/confirmations/{update.key}"
        assert "so nobody can confirm it" in asha.get(address).text
        asked = asha.post(address, {"body": "A college", "email": "head@college.example"})
    assert "Ask about one that does." in asked.context["form"].errors["email"][0]
    assert not Confirmation.objects.exists()
