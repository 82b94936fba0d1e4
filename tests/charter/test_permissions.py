"""Who may do what: permissions asked for each person."""

import re
from pathlib import Path

import pytest

from charter import permissions
from charter.actions import people
from charter.errors import AlreadyExistsError, NotAllowedError
from charter.models import Authority, Invitation, Membership
from charter.review import ReviewKind
from charter.roles import PERMISSIONS, StaffRole
from registry import clock
from tests import factories

ROOT = Path(__file__).parent.parent.parent
pytestmark = pytest.mark.django_db


@pytest.fixture
def brookfield():
    """Return Brookfield Catering: Asha owns it, Ben edits, Grace is its sponsor, Ines helps it."""
    for person in (factories.ben, factories.grace, factories.ines, factories.cara):
        person()
    return factories.brookfield()


def allowed(name: str, about) -> set[str]:
    """Return the names of the people who have a permission."""
    everyone = {
        "asha": factories.asha(), "ben": factories.ben(), "grace": factories.grace(),
        "ines": factories.ines(), "cara": factories.cara(),
        "rosa": factories.officer("Rosa", StaffRole.READER),
        "viv": factories.officer("Viv", StaffRole.REVIEWER),
        "abe": factories.officer("Abe", StaffRole.ASSESSOR),
        "dev": factories.officer(), "edna": factories.administrator(),
    }  # fmt: skip
    return {person for person, user in everyone.items() if permissions.can(user, name, about)}


def test_own_writers_write_for_a_signatory_and_the_council_does_not(brookfield):
    assert allowed("commitment.draft", brookfield) == {"asha", "ben", "ines"}


def test_council_writes_for_a_signatory_nobody_has_an_account_at(brookfield):
    # The people of another organisation do not count.
    pottery = factories.signatory("Kiln Pottery")
    assert allowed("commitment.draft", pottery) == {"dev", "edna"}


def test_council_writes_again_once_the_last_membership_has_ended(brookfield):
    Membership.objects.filter(organisation=brookfield.organisation).update(ended_on=clock.today())
    assert allowed("commitment.draft", brookfield) == {"dev", "edna"}


def test_owners_and_the_council_invite_people_to_an_organisation(brookfield):
    organisation = brookfield.organisation
    assert allowed("person.invite", organisation) == {"asha", "dev", "edna"}
    with pytest.raises(NotAllowedError, match="Only owners of Brookfield Catering can do this"):
        permissions.check(factories.ben(), "person.invite", organisation)
    with pytest.raises(NotAllowedError, match="Only owners and senior sponsors of Brookfield"):
        permissions.check(factories.ben(), "charter.accept", organisation)


@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("desk.read", {"rosa", "viv", "abe", "dev", "edna"}),
        ("commitment.return", {"viv", "dev", "edna"}),
        ("commitment.publish", {"dev", "edna"}),
        ("check.record", {"abe", "dev", "edna"}),
        ("record.redact", {"edna"}),
    ],
)
def test_each_council_role_does_its_own_part(brookfield, name, people):
    assert allowed(name, brookfield) == people


def test_staff_of_another_authority_can_do_nothing(brookfield):
    Authority.objects.create(name="Sandwell Council").staff.create(
        user=factories.cara(), role=StaffRole.ADMINISTRATOR, started_on=clock.today()
    )
    assert "cara" not in allowed("desk.read", brookfield)
    assert not permissions.can(factories.cara(), "person.invite", brookfield.organisation)


def test_staff_decide_nothing_about_their_own_organisation(brookfield):
    Membership.objects.create(
        user=factories.officer(), organisation=brookfield.organisation,
        role=Membership.Role.EDITOR, started_on=clock.today(),
    )  # fmt: skip
    assert allowed("commitment.publish", brookfield) == {"edna"}


def test_only_owners_and_the_council_withdraw_an_organisations_invitation(brookfield):
    people.invite(
        by=factories.asha(), email="new@brookfield.example",
        organisation=brookfield.organisation, role=Membership.Role.EDITOR,
    )  # fmt: skip
    invitation = Invitation.objects.get(email="new@brookfield.example")
    with pytest.raises(NotAllowedError):
        people.revoke_invitation(invitation, by=factories.ben())
    people.revoke_invitation(invitation, by=factories.asha())
    assert not Invitation.objects.open(clock.now()).exists()


def test_only_administrators_withdraw_an_invitation_to_the_council(brookfield):
    factories.invite_staff("new@council.example", by=factories.administrator())
    invitation = Invitation.objects.get(email="new@council.example")
    with pytest.raises(NotAllowedError, match="Only administrators at the council"):
        people.revoke_invitation(invitation, by=factories.officer())
    people.revoke_invitation(invitation, by=factories.administrator())
    assert not Invitation.objects.open(clock.now()).exists()


def test_nobody_is_staff_and_acts_for_a_signatory(brookfield):
    with pytest.raises(AlreadyExistsError, match="council staff cannot act"):
        people.invite(
            by=factories.asha(), email=factories.officer().email,
            organisation=brookfield.organisation, role=Membership.Role.EDITOR,
        )  # fmt: skip
    with pytest.raises(AlreadyExistsError, match="acts for a signatory"):
        factories.invite_staff(factories.ben().email, by=factories.administrator())


def test_staff_may_be_members_of_the_councils_own_organisation(brookfield):
    Authority.objects.update(organisation=brookfield.organisation)
    factories.invite_staff(factories.ben().email, by=factories.administrator())
    people.invite(
        by=factories.asha(), email=factories.officer().email,
        organisation=brookfield.organisation, role=Membership.Role.EDITOR,
    )  # fmt: skip


def test_every_permission_in_the_table_is_asked_for():
    texts = {
        path: path.read_text()
        for folder in ("charter", "reporting", "templates")
        for path in (ROOT / folder).rglob("*.*")
        if path.suffix in {".py", ".html"} and "migrations" not in path.parts
    }
    texts.pop(ROOT / "charter/roles.py")
    asked = {name for name in PERMISSIONS if any(f'"{name}"' in text for text in texts.values())}
    # The review asks for the permission of an item's own kind, such as update.publish.
    acts = re.findall(r'_lock_for\(submission, "(\w+)"', texts[ROOT / "charter/review.py"])
    asked |= {f"{kind.name}.{act}" for kind in ReviewKind.__subclasses__() for act in acts}
    assert PERMISSIONS.keys() - asked == set()
