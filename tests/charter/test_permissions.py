"""Who may write, invite and withdraw invitations: each rule asked for each person."""

import pytest

from charter import permissions
from charter.actions import people
from charter.errors import NotAllowedError
from charter.models import Invitation, Membership
from registry import clock
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def brookfield():
    """Return Brookfield Catering: Asha owns it, Ben edits, Grace is its sponsor, Ines helps it."""
    for person in (factories.ben, factories.grace, factories.ines, factories.cara):
        person()
    return factories.brookfield()


def allowed(rule, about) -> set[str]:
    """Return the names of the people to whom a rule says True, and see that it says True."""
    everyone = {
        "asha": factories.asha(), "ben": factories.ben(), "grace": factories.grace(),
        "ines": factories.ines(), "cara": factories.cara(),
        "dev": factories.officer(), "edna": factories.administrator(),
    }  # fmt: skip
    answers = {name: rule(person, about) for name, person in everyone.items()}
    assert all(answer in (True, False) for answer in answers.values())
    return {name for name, answer in answers.items() if answer is True}


def test_own_writers_write_for_a_signatory_and_the_council_does_not(brookfield):
    assert allowed(permissions.can_write, brookfield) == {"asha", "ben", "ines"}


def test_council_writes_for_a_signatory_nobody_has_an_account_at(brookfield):
    # The people of another organisation do not count.
    assert allowed(permissions.can_write, factories.signatory("Kiln Pottery")) == {"dev", "edna"}


def test_council_writes_again_once_the_last_membership_has_ended(brookfield):
    Membership.objects.filter(organisation=brookfield.organisation).update(ended_on=clock.today())
    assert allowed(permissions.can_write, brookfield) == {"dev", "edna"}


def test_owners_and_the_council_invite_people_to_an_organisation(brookfield):
    organisation = brookfield.organisation
    assert allowed(permissions.can_invite, organisation) == {"asha", "dev", "edna"}
    with pytest.raises(NotAllowedError, match="Only the council or an owner of Brookfield"):
        permissions.check_may_invite(factories.ben(), organisation)


def test_only_owners_and_the_council_withdraw_an_organisations_invitation(brookfield):
    people.invite(
        by=factories.asha(), email="new@brookfield.example",
        organisation=brookfield.organisation, role=Membership.Role.EDITOR,
    )  # fmt: skip
    invitation = Invitation.objects.get(email="new@brookfield.example")
    permissions.check_may_revoke(factories.asha(), invitation)
    with pytest.raises(NotAllowedError):
        permissions.check_may_revoke(factories.ben(), invitation)


def test_only_administrators_withdraw_an_invitation_to_the_council(brookfield):
    people.invite(by=factories.administrator(), email="new@council.example", council_role="officer")
    invitation = Invitation.objects.get(email="new@council.example")
    permissions.check_may_revoke(factories.administrator(), invitation)
    with pytest.raises(NotAllowedError, match="Only an administrator"):
        permissions.check_may_revoke(factories.officer(), invitation)
