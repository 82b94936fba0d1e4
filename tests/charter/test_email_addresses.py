"""Text typed into titles, names and addresses never stops an email."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from charter.actions import charters
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
# Of the characters that nobody sees, texts keep those alone with which emoji are written.
WITH_JOINER = "Meals by \U0001f469\u200d\U0001f373"
WITHOUT_JOINER = "Meals by \U0001f469\U0001f373"
# Every form with addresses: its options and the names of these fields.
FORMS = [
    (SetUpForm, {}, ["contact_email", "sender_address", "reply_address"]),
    (SignatoryForm, {}, ["contact_email"]),
    (ApplicationForm, {}, ["contact_email"]),
    (ColleagueForm, {"is_owner": True}, ["email"]),
    (OrganisationRowForm, {}, ["contact_email"]),
    (ConfirmationRequestForm, {}, ["email"]),
    (AskColleagueForm, {}, ["email"]),
]


def test_title_with_a_joined_emoji_can_be_published():
    commitment = factories.submitted_commitment(title=WITH_JOINER)
    dev = signed_in(with_second_factor(factories.officer()))
    address = f"/council/items/{commitment.key}"
    data = {"seen_digest": dev.get(address).context["seen_digest"]}
    response = dev.post(f"{address}/publish", data, follow=True)
    assert f"Published: {WITH_JOINER}" in response.text
    assert WITHOUT_JOINER in Message.objects.get(kind="receipt").subject


def test_title_with_a_joined_emoji_can_be_returned():
    commitment = factories.submitted_commitment(title=WITH_JOINER)
    factories.return_with_comments(commitment, by=factories.officer(), comments="Which college?")
    assert WITHOUT_JOINER in Message.objects.get(kind="returned").subject


def test_long_subject_is_cut():
    factories.asha()
    member = factories.asha().memberships.get()
    member.organisation.trading_name = "Brookfield " * 40
    context = {"membership": member, "user": member.user, "what": "left"}
    subject, text, _ = rendering.render("people", context)
    assert len(subject) == 300
    assert member.organisation.trading_name.strip() in text


def test_emails_come_from_the_sender_and_team_named_at_set_up(sink, settings):
    settings.BOUNCE_ADDRESS = ""
    charter = factories.charter()
    charters.amend_charter(
        charter,
        by=factories.administrator(),
        reason="A new team.",
        authority={"team": "Fair Work Team", "sender_address": "news@exampleton.example"},
        values={},
    )
    factories.officer()
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
def test_undeliverable_address_is_refused_with_a_reason(form, options, names):
    for address in ("äsha@brookfield.example", "asha@bröokfield.example"):
        errors = form(dict.fromkeys(names, address), **options).errors
        for name in names:
            assert "without accents" in errors[name][0]
    pasted_form = form(dict.fromkeys(names, "asha\u200b@brookfield.example\ufeff"), **options)
    assert not set(names) & set(pasted_form.errors)


def test_overlong_address_is_refused():
    with pytest.raises(ValidationError, match="at most 254 characters"):
        AddressField().clean("a@" + ".".join(["b" * 50] * 6))


def test_first_administrator_needs_a_deliverable_address():
    with pytest.raises(CommandError, match="without accents"):
        call_command("create_administrator", "edna@cöuncil.example")
    assert not User.objects.filter(email__contains="edna").exists()
