"""Asha invites colleagues and a support body, and ends their access."""

from datetime import timedelta

import pytest
from django.test import Client

from charter import permissions
from charter.actions import people
from charter.errors import NotAllowedError
from charter.mail import reachability
from charter.models import Commitment, Invitation, Membership, Message, Organisation
from registry import clock
from registry.models import Record
from tests import factories
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db
PEOPLE = "/business/people"


@pytest.fixture
def asha() -> Client:
    return signed_in(factories.asha())


@pytest.fixture
def dev() -> Client:
    return signed_in(with_second_factor(factories.officer()))


def membership(user) -> Membership:
    return Membership.objects.current().get(user=user)


def email_subjects(user) -> list[str]:
    emails = Message.objects.filter(kind="people", recipient=user.email)
    return list(emails.order_by("pk").values_list("subject", flat=True))


def test_asha_hears_when_an_invited_editor_joins_and_leaves(asha):
    page = asha.post(PEOPLE, {"email": "Ben@brookfield.example", "role": "editor"}, follow=True)
    assert "We have written to Ben@brookfield.example" in page.text
    assert "Invitations sent" in page.text
    ben = factories.accept_invitation("ben@brookfield.example", "Ben")
    assert "Ben" in asha.get(PEOPLE).text
    asked = asha.get(f"{PEOPLE}/{membership(ben).pk}/end").text
    assert "Do you want to remove Ben?" in asked
    assert "1 person will still act for Brookfield Catering" in asked
    assert membership(ben).ended_on is None
    after = asha.post(f"{PEOPLE}/{membership(ben).pk}/end", follow=True).text
    assert "Ben no longer acts for Brookfield Catering. We have emailed them" in after
    assert email_subjects(factories.asha()) == [
        "Ben has joined Brookfield Catering",
        "Ben has been removed from Brookfield Catering",
    ]
    assert email_subjects(ben) == ["You have been removed from Brookfield Catering"]
    assert "Asha removed you" in Message.objects.get(recipient=ben.email, kind="people").text
    assert signed_in(ben).get(PEOPLE).status_code == 403


def test_last_person_may_leave_and_reads_before_and_after_what_is_true(asha, dev):
    me = membership(factories.asha())
    asked = asha.get(f"{PEOPLE}/{me.pk}/end").text
    assert "Do you want to leave Brookfield Catering?" in asked
    assert "Nobody will be left to act for Brookfield Catering." in asked
    assert "Needs an owner" not in dev.get("/council").text
    after = asha.post(f"{PEOPLE}/{me.pk}/end", follow=True)
    assert after.status_code == 200
    assert "You have left Brookfield Catering." in after.text
    assert "Nothing was changed" not in after.text
    assert email_subjects(factories.asha()) == ["You have left Brookfield Catering"]
    assert "Nothing was changed" not in asha.get(PEOPLE).text
    queue = dev.get("/council").text
    assert "1 item to review" in queue
    assert "nobody is left who can act for it" in queue


def test_ending_a_membership_twice_sends_one_email():
    ben = factories.ben()
    ben_membership = membership(ben)
    people.end_membership(ben_membership, by=factories.asha())
    people.end_membership(ben_membership, by=factories.asha())
    assert len(email_subjects(ben)) == 1


def test_revoked_invitations_link_and_email_stop_working(asha, client):
    asha.post(PEOPLE, {"email": "ben@brookfield.example", "role": "editor"})
    link = f"/invitations/{factories.invitation_token('ben@brookfield.example')}"
    invitation = Invitation.objects.get(email="ben@brookfield.example")
    page = asha.post(f"{PEOPLE}/invited/{invitation.pk}/end", follow=True)
    assert "no longer works" in page.text
    assert "Invitations sent" not in page.text
    assert "taken back" in client.get(link).text
    assert people.cancellation_reason(Message.objects.get(key=f"invitation:{invitation.identity}"))


def test_only_the_newest_of_several_invitations_works(asha, client, dev):
    asha.post(PEOPLE, {"email": "ben@brookfield.example", "role": "owner"})
    older = f"/invitations/{factories.invitation_token('ben@brookfield.example')}"
    signatory = factories.brookfield()
    page = f"/council/signatories/{signatory.key}/people"
    dev.post(page, {"email": "ben@brookfield.example", "role": "editor"})
    assert client.get(older).status_code == 410
    assert dev.get(page).text.count("ben@brookfield.example; ") <= 1
    ben = factories.accept_invitation("ben@brookfield.example", "Ben")
    assert membership(ben).role == "editor"


def test_removed_member_cannot_return_with_an_older_invitation(asha):
    ben = factories.ben()
    organisation = factories.brookfield().organisation
    # As if two owners invited him at once and the second had seen no membership yet.
    Invitation.objects.create(
        email=ben.email,
        organisation=organisation,
        role="owner",
        token_hash="0" * 64,
        expires_at=clock.now() + timedelta(hours=72),
    )
    asha.post(f"{PEOPLE}/{membership(ben).pk}/end")
    assert not Invitation.objects.open(clock.now()).exists()


def test_council_can_revoke_an_invitation(dev):
    signatory = factories.signatory("Lantern Bakery", contact_email="noor@lantern.example")
    invitation = Invitation.objects.get(email="noor@lantern.example")
    page = dev.post(f"/council/people/invited/{invitation.pk}/end", follow=True)
    assert page.request["PATH_INFO"] == f"/council/signatories/{signatory.key}/people"
    assert not Invitation.objects.open(clock.now()).exists()


def test_signatory_is_unreachable_until_one_member_can_be_reached(asha):
    factories.ben()
    factories.lose_mailbox("asha@brookfield.example")
    assert unreachable_since() is None
    people.end_membership(membership(factories.ben()), by=factories.asha())
    assert unreachable_since() == str(clock.today())
    asha.post(PEOPLE, {"email": "zoe@brookfield.example", "role": "owner"})
    zoe = factories.accept_invitation("zoe@brookfield.example", "Zoe")
    assert unreachable_since() is None
    people.end_membership(membership(factories.asha()), by=zoe)
    assert unreachable_since() is None


def test_accepting_an_invitation_shows_that_the_mailbox_works(asha):
    factories.lose_mailbox("asha@brookfield.example")
    assert unreachable_since() == str(clock.today())
    canal_street = factories.cara().memberships.get().organisation
    address = factories.asha().email
    people.invite(by=factories.cara(), email=address, organisation=canal_street, role="editor")
    factories.accept_invitation(address, "Asha")
    assert unreachable_since() is None


def test_signatory_whose_people_left_has_nobody_to_ask_until_someone_accepts():
    people.end_membership(membership(factories.asha()), by=factories.asha())
    assert unreachable_since() is None
    assert no_contact_since() == str(clock.today())
    people.invite(
        by=factories.officer(),
        email="zoe@brookfield.example",
        organisation=factories.brookfield().organisation,
        role="editor",
    )
    factories.accept_invitation("zoe@brookfield.example", "Zoe")
    assert no_contact_since() is None


def test_public_signatory_that_never_had_people_has_nobody_to_ask():
    factories.brookfield()
    key = factories.signatory("Alder Joinery").key
    assert no_contact_since(key) is None
    assert [reachability.mark_without_contact() for _ in range(2)] == [1, 0]
    assert no_contact_since(key) == str(clock.today())
    assert no_contact_since() is None


def unreachable_since() -> str | None:
    return Record.objects.get(key=factories.brookfield().key).item.get("unreachable_since")


def no_contact_since(key: str = "") -> str | None:
    key = key or factories.brookfield().key
    return Record.objects.get(key=key).item.get("no_contact_since")


def test_editor_can_only_read_the_people_page_and_leave():
    ben = factories.ben()
    page = signed_in(ben).get(PEOPLE)
    assert "Asha" in page.text
    assert "Invite someone" not in page.text
    assert (
        signed_in(ben).post(PEOPLE, {"email": "x@brookfield.example", "role": "owner"}).status_code
        == 403
    )
    owner = membership(factories.asha())
    assert signed_in(ben).post(f"{PEOPLE}/{owner.pk}/end").status_code == 403
    signed_in(ben).post(f"{PEOPLE}/{membership(ben).pk}/end")
    assert not Membership.objects.current().filter(user=ben).exists()


def test_stranger_cannot_see_or_end_memberships(asha):
    cara = signed_in(factories.cara())
    page = f"{PEOPLE}?signatory={factories.brookfield().key}"
    assert cara.get(page).status_code == 404
    assert cara.post(f"{PEOPLE}/{membership(factories.asha()).pk}/end").status_code == 404
    assert "no-store" in asha.get(page)["Cache-Control"]


def test_losing_the_last_owner_is_a_task_for_the_council(asha, dev):
    factories.ben()
    assert "the only owner" in asha.get(PEOPLE).text
    asked = asha.get(f"{PEOPLE}/{membership(factories.asha()).pk}/end").text
    assert "Brookfield Catering will have no owner." in asked
    assert "find a new owner" not in dev.get("/council/behind").text
    asha.post(f"{PEOPLE}/{membership(factories.asha()).pk}/end")
    assert list(Organisation.objects.without_owner()) == [factories.brookfield().organisation]
    signatory = factories.brookfield()
    assert f"/council/signatories/{signatory.key}/people" in dev.get("/council/behind").text
    assert "the last owner left, so nobody there can invite people" in dev.get("/council").text
    page = f"/council/signatories/{signatory.key}/people"
    assert "Ben" in dev.get(page).text
    dev.post(page, {"email": "zoe@brookfield.example", "role": "owner"})
    factories.accept_invitation("zoe@brookfield.example", "Zoe")
    assert "find a new owner" not in dev.get("/council/behind").text


def test_owner_hears_when_the_council_removes_a_member(dev):
    ben = factories.ben()
    dev.post(f"/council/people/{membership(ben).pk}/end")
    assert email_subjects(factories.asha())[-1] == "Ben has been removed from Brookfield Catering"


def test_all_members_hear_when_asha_makes_ben_an_owner(asha):
    factories.grace()
    ben = factories.ben()
    page = f"{PEOPLE}/{membership(ben).pk}/role"
    assert "Change<span" in asha.get(PEOPLE).text
    assert 'value="editor" checked' in asha.get(page).text
    after = asha.post(page, {"role": "owner"}, follow=True)
    assert "Ben is owner now" in after.text
    assert membership(ben).role == "owner"
    for person in (ben, factories.grace(), factories.asha()):
        assert email_subjects(person)[-1] == "Ben has a new role at Brookfield Catering"
    asha.post(page, {"role": "owner"})
    assert len(email_subjects(ben)) == 1


def test_last_owner_stays_owner_until_there_is_another(asha, dev):
    owner = membership(factories.asha())
    page = asha.post(f"{PEOPLE}/{owner.pk}/role", {"role": "editor"})
    assert "Make someone else an owner first" in page.text
    people.change_role(membership(factories.ben()), by=factories.asha(), role="owner")
    asha.post(f"{PEOPLE}/{owner.pk}/role", {"role": "editor"})
    assert membership(factories.asha()).role == "editor"
    assert asha.get(f"{PEOPLE}/{owner.pk}/role").status_code == 403
    page = f"/council/people/{membership(factories.ben()).pk}/role"
    asked = dev.post(page, {"role": "sponsor"}).text
    assert "Do you want to take the last owner from Brookfield Catering?" in asked
    assert membership(factories.ben()).role == "owner"
    dev.post(page, {"role": "sponsor", "confirmed": "yes"})
    assert list(Organisation.objects.without_owner()) == [factories.brookfield().organisation]
    assert "find a new owner" in dev.get("/council/behind").text


def test_support_bodys_role_cannot_be_changed(asha):
    ines = membership(factories.ines())
    page = asha.post(f"{PEOPLE}/{ines.pk}/role", {"role": "owner"})
    assert "Remove this person, and invite them again" in page.text
    assert membership(factories.ines()).role == "intermediary"


CHAMBER = {"email": "ines@chamber.example", "role": "intermediary", "body": "Canal Side Chamber"}


def test_support_body_acts_until_an_owner_withdraws_consent(asha):
    ines = factories.ines()
    assert "Canal Side Chamber" in asha.get(PEOPLE).text
    assert "Consent given by Asha" in asha.get(PEOPLE).text
    draft = factories.draft(by=ines)
    asha.post(f"{PEOPLE}/{membership(ines).pk}/end")
    assert not permissions.can(ines, "commitment.draft", draft.signatory)
    assert not Commitment.objects.for_user(ines).exists()


def test_support_body_acts_for_several_signatories(asha):
    asha.post(PEOPLE, CHAMBER)
    ines = factories.accept_invitation("ines@chamber.example", "Ines")
    signed_in(factories.cara()).post(PEOPLE, CHAMBER)
    factories.accept_invitation("ines@chamber.example", "Ines")
    page = signed_in(ines).get("/business/commitments/new").text
    assert "Brookfield Catering" in page
    assert "Canal Street Joinery" in page


def test_only_an_owner_can_consent_to_a_support_body(asha, dev):
    page = asha.post(PEOPLE, CHAMBER | {"body": ""})
    assert "Name the support body" in page.text
    address = f"/council/signatories/{factories.brookfield().key}/people"
    assert "from outside" not in dev.get(address).text
    with pytest.raises(NotAllowedError, match="Only owners"):
        people.invite(
            by=factories.officer(),
            organisation=factories.brookfield().organisation,
            **CHAMBER,
        )
