"""Set up a charter with its authority, themes and measures, and amend it later."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from charter import acts, items, permissions
from charter.actions import second_person
from charter.errors import AlreadyExistsError, IncompleteError
from charter.mail.administrators import email_administrators
from charter.models import (
    Authority,
    Charter,
    Invitation,
    Measure,
    Membership,
    Organisation,
    StaffMembership,
    Theme,
    User,
)
from registry.log import publishing


@acts.act("charter.set_up")
def set_up(
    *,
    by: User,
    authority: Mapping[str, Any],
    charter: Mapping[str, Any],
    themes: Sequence[Mapping[str, Any]] = (),
    measures: Sequence[Mapping[str, Any]] = (),
) -> Charter:
    """Publish an authority's first charter with its themes and measures.

    Raise AlreadyExistsError if `by` has set up an authority already.
    """
    permissions.check(by, "charter.set_up", None)
    with connection.cursor() as cursor:  # a second administrator at the same time waits here
        cursor.execute("LOCK TABLE charter_charter IN SHARE ROW EXCLUSIVE MODE")
    new_charter = Charter.objects.create(authority=_create_authority(authority, by=by), **charter)
    by_code = {
        values["code"]: Theme.objects.create(charter=new_charter, **values) for values in themes
    }
    for values in measures:
        fields = {name: value for name, value in values.items() if name != "theme"}
        Measure.objects.create(theme=by_code[values["theme"]], **fields)
    publishing.publish(
        [
            publishing.NewEntry("charter", new_charter.key, "publish", items.charter(new_charter)),
            *(
                publishing.NewEntry("theme", t.key, "publish", items.theme(t))
                for t in new_charter.themes.all()
            ),
            *(
                publishing.NewEntry("measure", m.key, "publish", items.measure(m))
                for m in Measure.objects.filter(theme__charter=new_charter).select_related("theme")
            ),
        ]
    )
    return new_charter


@acts.act("charter.edit")
def amend_charter(
    charter: Charter,
    *,
    by: User,
    reason: str,
    authority: Mapping[str, Any],
    values: Mapping[str, Any],
) -> Charter:
    """Amend a charter and its authority. A change of public content needs a public reason."""
    permissions.check(by, "charter.edit", charter)
    locked_charters = Charter.objects.select_for_update().select_related("authority")
    charter = locked_charters.get(pk=charter.pk)
    if "organisation" in authority:
        _check_own_organisation(charter.authority, authority["organisation"])
    before, acts_before = items.charter(charter), set(charter.second_person_acts)
    _save_fields(charter.authority, authority)
    _save_fields(charter, values)
    if removed := acts_before - set(charter.second_person_acts):
        _email_fewer_second_persons(charter, by=by, removed=removed)
    after = items.charter(charter)
    if after != before:
        if not reason:
            raise IncompleteError({"reason": "Say why: the public reads it"})
        content = after | {"change_reason": reason}
        publishing.publish([publishing.NewEntry("charter", charter.key, "amend", content)])
    return charter


def _email_fewer_second_persons(charter: Charter, *, by: User, removed: set[str]) -> None:
    """Tell all administrators which acts one person can do from now on."""
    titles = second_person.titles_of(removed)
    email_administrators(
        charter.authority,
        sentence=f"{by} let one person do what needed two",
        details=f"{charter}: {'; '.join(titles)}",
    )


def _check_own_organisation(authority: Authority, organisation: Organisation | None) -> None:
    """Raise IncompleteError unless it has signed, and staff are people of no other organisation."""
    own_signatories = Organisation.objects.signed_with(authority)
    if organisation and not own_signatories.filter(pk=organisation.pk).exists():
        raise IncompleteError({"organisation": f"{organisation} has signed no charter of yours"})
    staff = authority.staff.current()
    memberships = Membership.objects.current().filter(user__in=staff.values("user"))
    others = memberships.exclude(organisation=organisation.pk if organisation else 0)
    if member := others.select_related("user", "organisation").first():
        raise IncompleteError(
            {
                "organisation": f"{member.user} works for the council and acts for "
                f"{member.organisation}: end one of the two first"
            }
        )


def _create_authority(values: Mapping[str, Any], *, by: User) -> Authority:
    """Create an authority, and make its administrators those who were invited to set it up."""
    administrators = StaffMembership.objects.current().filter(authority=None)
    invitations = Invitation.objects.filter(organisation=None, authority=None)
    if Authority.objects.filter(name=values["name"]).exists():
        raise AlreadyExistsError(f"{values['name']} is set up already. This page shows it.")
    if Authority.objects.exists():
        administrators = administrators.filter(user=by)
        invitations = invitations.none()
    if not (by.is_operator or administrators.filter(user=by).exists()):
        raise AlreadyExistsError("The register is set up already. This page shows what it says.")
    authority = Authority.objects.create(**values)
    acts.update(administrators, authority=authority)
    acts.update(invitations, authority=authority)
    return authority


def _save_fields(instance: Authority | Charter, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(instance, name, value)
    instance.save()
