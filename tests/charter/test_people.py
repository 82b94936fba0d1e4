"""Invitations: the only way to get an account."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.test import Client

from charter.actions import people
from charter.errors import AlreadyExistsError, InvitationError, NotAllowedError
from charter.models import Invitation, Message, StaffMembership, User
from registry import clock
from tests import factories

pytestmark = pytest.mark.django_db
FORM = {"name": "Asha", "password": factories.PASSWORD}


@pytest.fixture
def link():
    """Return the link in Asha's invitation email."""
    factories.signatory(contact_email="asha@brookfield.example")
    return f"/invitations/{factories.invitation_token('asha@brookfield.example')}"


def test_asha_accepts_her_invitation_and_signs_in(client, link):
    page = client.get(link)
    assert "Brookfield Catering" in page.text
    assert page["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page["Cache-Control"]
    assert client.post(link, FORM).url == "/account/login/"
    response = client.post(
        "/account/login/", {"login": "asha@brookfield.example", "password": factories.PASSWORD}
    )
    assert response.url == "/account/home"
    assert client.get("/account/home").url == "/business"
    assert EmailAddress.objects.get(email="asha@brookfield.example").verified


def test_invitation_form_works_with_a_hidden_origin(link):
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(link, FORM, HTTP_ORIGIN="null").status_code == 302


def test_opening_an_invitation_changes_nothing(client, link):
    client.get(link)
    client.get(link)
    assert not User.objects.filter(email="asha@brookfield.example").exists()
    assert Invitation.objects.filter(accepted_at=None).count() == 1


def test_invitation_works_once(client, link):
    client.post(link, FORM)
    response = client.post(link, FORM)
    assert response.status_code == 410
    assert "used already" in response.text
    assert User.objects.filter(email="asha@brookfield.example").count() == 1


def test_invitation_works_for_72_hours(client, link):
    with clock.fixed_at(clock.now() + timedelta(hours=73)):
        page = client.get(link)
    assert page.status_code == 410
    assert "This link has expired" in page.text


def test_unknown_invitation_is_refused(client):
    assert client.get("/invitations/nonsense").status_code == 410


def test_weak_password_is_refused_and_the_form_keeps_the_name(client, link):
    page = client.post(link, {"name": "Asha", "password": "short"})
    assert "at least 12 characters" in page.text
    assert 'value="Asha"' in page.text
    assert not User.objects.filter(email="asha@brookfield.example").exists()


def test_only_the_tokens_hash_is_stored():
    factories.signatory(contact_email="asha@brookfield.example")
    token = factories.invitation_token("asha@brookfield.example")
    assert len(token) >= 43
    invitation = Invitation.objects.get(email="asha@brookfield.example")
    assert token not in {str(getattr(invitation, field.name)) for field in Invitation._meta.fields}


def test_existing_user_accepts_with_the_password_of_their_account(client):
    cara = factories.cara()
    brookfield = factories.brookfield()
    people.invite(
        by=factories.asha(), email=cara.email, organisation=brookfield.organisation, role="editor"
    )
    link = f"/invitations/{factories.invitation_token(cara.email)}"
    response = client.post(link, {"password": "another long password"})
    assert "not the password of your account" in response.text
    client.post(link, {"password": factories.PASSWORD})
    assert cara.memberships.current().count() == 2


def test_owner_can_invite_colleagues_and_a_stranger_cannot():
    organisation = factories.brookfield().organisation
    with pytest.raises(NotAllowedError):
        people.invite(
            by=factories.cara(), email="x@example.org", organisation=organisation, role="editor"
        )
    assert factories.ben().memberships.get().organisation == organisation
    with pytest.raises(AlreadyExistsError):
        people.invite(
            by=factories.asha(),
            email="Ben@Brookfield.example",
            organisation=organisation,
            role="editor",
        )


def test_only_an_administrator_can_invite_staff():
    with pytest.raises(NotAllowedError):
        factories.invite_staff("x@council.example", by=factories.officer())
    factories.invite_staff("x@council.example", by=factories.administrator())


def test_first_administrator_gets_a_link_on_the_command_line(client, capsys, settings):
    call_command("create_administrator", "Edna@Council.example")
    output = capsys.readouterr().out
    link = re.search(r"http\S+", output)[0]
    assert link.startswith(f"{settings.PUBLIC_URL}/invitations/")
    assert not Message.objects.exists()
    client.post(link.removeprefix(settings.PUBLIC_URL), FORM)
    edna = StaffMembership.objects.get(user__email="edna@council.example")
    assert (edna.role, edna.authority) == ("administrator", None)
    with pytest.raises(CommandError):
        call_command("create_administrator", "not an address")


def test_command_lines_user_cannot_sign_in(client):
    operator = people.get_operator()
    assert not operator.is_active
    assert not operator.has_usable_password()


def test_invitation_cannot_be_accepted_twice():
    factories.signatory(contact_email="asha@brookfield.example")
    invitation = people.find_invitation(factories.invitation_token("asha@brookfield.example"))
    people.accept_invitation(invitation, name="Asha", password=factories.PASSWORD)
    with pytest.raises(InvitationError):
        people.accept_invitation(invitation, name="Asha", password=factories.PASSWORD)


def test_nobody_can_sign_up_without_an_invitation(client):
    page = client.get("/account/signup/")
    assert "<form" not in page.text.partition("<main")[2]
    client.post("/account/signup/", {"email": "x@example.org", "password1": factories.PASSWORD})
    assert not User.objects.filter(email="x@example.org").exists()


def test_password_reset_email_links_to_our_address(client, settings):
    factories.asha()
    client.post("/account/password/reset/", {"email": "asha@brookfield.example"})
    email = Message.objects.get(kind="account")
    assert email.recipient == "asha@brookfield.example"
    link = re.search(r"http\S+", email.text)[0]
    assert link.startswith(f"{settings.PUBLIC_URL}/account/")
    page = client.get(link.removeprefix(settings.PUBLIC_URL), follow=True)
    assert "password" in page.text
    new = "a new and longer password"
    client.post(page.request["PATH_INFO"], {"password1": new, "password2": new})
    assert User.objects.get(email="asha@brookfield.example").check_password(new)


def test_password_reset_for_a_stranger_sends_nothing(client):
    client.post("/account/password/reset/", {"email": "nobody@example.org"})
    assert not Message.objects.exists()
