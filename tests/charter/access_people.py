"""Everyone who may come to a private address, with the roles they have when they do."""

from collections.abc import Callable
from dataclasses import dataclass

from django.test import Client

from charter.actions import people, staff
from charter.models import Membership, User
from charter.roles import MemberRole, StaffRole
from tests import factories
from tests.visitors import sign_in, with_second_factor


@dataclass(frozen=True)
class Person:
    """Who comes, with the roles they have when they do."""

    who: str
    user: Callable[[], User] | None
    member: MemberRole | None = None
    staff: StaffRole | None = None
    is_elsewhere: bool = False  # at another organisation, or another authority
    before: Callable[[Client, User], None] | None = None  # what happened to their session
    needs_factor: bool = False

    def __str__(self) -> str:
        return self.who


def staff_named(name: str) -> Callable[[], User]:
    return lambda: factories.officer(name)


def end_membership(client: Client, user: User) -> None:
    people.end_membership(Membership.objects.get(user=user), by=factories.asha())


def end_staff_role(client: Client, user: User) -> None:
    staff.end_role(factories.staff_membership(user), by=factories.administrator())


def remove_factor(client: Client, user: User) -> None:
    user.authenticator_set.all().delete()


def forget_factor(client: Client, user: User) -> None:
    """Leave the session as it was before its user had a second factor."""
    client.logout()
    client.force_login(user)


STRANGER = Person("stranger", factories.cara, MemberRole.OWNER, is_elsewhere=True)
OTHER_ADMINISTRATOR = Person(
    "administrator of another council",
    lambda: factories.sandwell_officer("Olga", StaffRole.ADMINISTRATOR),
    staff=StaffRole.ADMINISTRATOR,
    is_elsewhere=True,
)
PEOPLE = [
    Person("anonymous", None),
    Person("owner", factories.asha, MemberRole.OWNER),
    Person("editor", factories.ben, MemberRole.EDITOR),
    Person("sponsor", factories.grace, MemberRole.SPONSOR),
    Person("intermediary", factories.ines, MemberRole.INTERMEDIARY),
    STRANGER,
    Person("reader", staff_named("Rosa"), staff=StaffRole.READER),
    Person("reviewer", staff_named("Viv"), staff=StaffRole.REVIEWER),
    Person("publisher", staff_named("Dev"), staff=StaffRole.PUBLISHER),
    Person("assessor", staff_named("Abe"), staff=StaffRole.ASSESSOR),
    Person("administrator", staff_named("Edna"), staff=StaffRole.ADMINISTRATOR),
    OTHER_ADMINISTRATOR,
    Person("editor who is staff too", staff_named("Max"), MemberRole.EDITOR, StaffRole.PUBLISHER),
    Person("former editor", lambda: factories.colleague("Finn", ""), before=end_membership),
    Person("former publisher", staff_named("Gus"), before=end_staff_role),
    Person(
        "administrator in a session older than the factor",
        staff_named("Edna"),
        staff=StaffRole.ADMINISTRATOR,
        before=forget_factor,
        needs_factor=True,
    ),
    Person(
        "administrator whose factor was removed",
        staff_named("Edna"),
        staff=StaffRole.ADMINISTRATOR,
        before=remove_factor,
        needs_factor=True,
    ),
]


def client_of(person: Person) -> Client:
    """Return the client of a person, after what happened to their session or role."""
    client = Client(raise_request_exception=False)
    if person.user:
        user = person.user()
        sign_in(client, with_second_factor(user) if user.is_staff else user)
        if person.before:
            person.before(client, user)
    return client
