"""What people type into titles, names and addresses never keeps an email from being written."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from charter.actions import charters, commitments
from charter.forms.council import ApplicationForm, SetUpForm, SignatoryForm
from charter.forms.fields import AddressField
from charter.forms.imports import OrganisationRowForm
from charter.forms.people import ColleagueForm
from charter.mail import outbox, rendering
from charter.models import Message, User
from reporting.forms.token_links import ConfirmationRequestForm
from reporting.forms.token_links import DelegationForm as AskColleagueForm
from tests import factories
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db
UNSEEN = "Soft\u00adhyphen, zero\u200bwidth, \U0001f469\u200d\U0001f373 joined, \ufeffmarked"
SEEN = "Softhyphen, zerowidth, \U0001f469\U0001f373 joined, marked"
# Where somebody types an address, and the name of its field.
FORMS = [
    (SetUpForm, {"is_set_up": False}, ["contact_email", "sender_address", "reply_address"]),
    (SignatoryForm, {}, ["contact_email"]),
    (ApplicationForm, {}, ["contact_email"]),
    (ColleagueForm, {"is_owner": True}, ["email"]),
    (OrganisationRowForm, {}, ["contact_email"]),
    (ConfirmationRequestForm, {}, ["email"]),
    (AskColleagueForm, {}, ["email"]),
]


def test_a_commitment_with_letters_that_nobody_can_see_is_published_with_a_receipt():
    waiting = factories.submitted_commitment(title=UNSEEN)
    dev = signed_in(with_second_factor(factories.officer()))
    address = f"/council/items/{waiting.key}"
    read = {"seen_digest": dev.get(address).context["seen_digest"]}
    answer = dev.post(f"{address}/publish", read, follow=True)
    assert f"Published: {UNSEEN}" in answer.text
    assert SEEN in Message.objects.get(kind="receipt").subject


def test_a_commitment_with_such_letters_is_returned_with_words():
    waiting = factories.submitted_commitment(title=UNSEEN)
    commitments.return_with_comments(waiting, by=factories.officer(), comments="Which college?")
    assert SEEN in Message.objects.get(kind="returned").subject


def test_a_subject_that_is_too_long_is_cut():
    factories.asha()
    member = factories.asha().memberships.get()
    member.organisation.trading_name = "Brookfield " * 40
    context = {"membership": member, "user": member.user, "what": "left"}
    subject, text, _ = rendering.render("people", context)
    assert len(subject) == 300
    assert member.organisation.trading_name.strip() in text


def test_an_email_comes_from_and_is_signed_by_whom_the_set_up_page_names(sink, settings):
    settings.BOUNCE_ADDRESS = ""
    charter = factories.charter()
    charters.amend_charter(
        charter,
        by=factories.administrator(),
        reason="A new team.",
        authority={"team": "Fair Work Team", "sender_address": "news@exampleton.example"},
        values={},
    )
    Message.objects.all().delete()
    factories.signatory(contact_email="noor@lantern.example")
    Client().post("/account/password/reset/", {"email": "edna@council.example"})
    outbox.drain()
    invitation, password = sink.emails()
    for email in (invitation, password):
        assert email["From"] == "Charter Register <news@exampleton.example>"
        assert email["X-Envelope-From"] == "news@exampleton.example"
        assert email["Message-ID"].endswith("@exampleton.example>")
        assert "Fair Work Team, Birmingham City Council" in email.as_string()


@pytest.mark.parametrize(("form", "options", "names"), FORMS)
def test_an_address_that_we_cannot_write_to_is_refused_in_plain_words(form, options, names):
    for address in ("äsha@brookfield.example", "asha@bröokfield.example"):
        errors = form(dict.fromkeys(names, address), **options).errors
        for name in names:
            assert "without accents" in errors[name][0]
    copied = form(dict.fromkeys(names, "asha\u200b@brookfield.example\ufeff"), **options)
    assert not set(names) & set(copied.errors)


def test_an_address_that_is_longer_than_we_can_keep_is_refused():
    with pytest.raises(ValidationError, match="at most 254 characters"):
        AddressField().clean("a@" + ".".join(["b" * 50] * 6))


def test_the_first_administrator_has_an_address_that_we_can_write_to():
    with pytest.raises(CommandError, match="without accents"):
        call_command("create_administrator", "edna@cöuncil.example")
    assert not User.objects.filter(email__contains="edna").exists()
