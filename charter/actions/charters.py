"""Set up a charter with its authority, themes and measures, and amend it later."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db import connection

from charter import acts, items, permissions
from charter.actions import second_person
from charter.errors import AlreadyExistsError, IncompleteError
from charter.models import (
    Authority,
    Charter,
    Invitation,
    Measure,
    Membership,
    Organisation,
    Proposal,
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
    before = items.charter(charter)
    _save_fields(charter.authority, authority)
    _save_fields(charter, values)
    after = items.charter(charter)
    if after != before:
        if not reason:
            raise IncompleteError({"reason": "Enter a reason"})
        content = after | {"change_reason": reason}
        publishing.publish([publishing.NewEntry("charter", charter.key, "amend", content)])
    return charter


@acts.act()
def change_or_propose_second_persons(
    charter: Charter, *, by: User, names: Collection[str]
) -> Charter | Proposal:
    """Set which acts need a second person; propose it if some would need one no longer."""
    if set(names) >= set(charter.second_person_acts):
        return change_second_persons(charter, by=by, names=names)
    done: Charter | Proposal = second_person.do_or_propose(
        second_person.NEED_FEWER_PERSONS,
        by=by,
        authority=charter.authority,
        arguments={"charter": charter.key, "names": sorted(names)},
    )
    return done


@acts.act()
def change_second_persons(charter: Charter, *, by: User, names: Collection[str]) -> Charter:
    """Set which acts need a second person. To take one off needs a second person itself."""
    charter = Charter.objects.select_for_update(of=["self"]).get(pk=charter.pk)
    if set(names) >= set(charter.second_person_acts):
        permissions.check(by, "charter.edit", charter)
    else:
        permissions.check(by, second_person.NEED_FEWER_PERSONS, charter)
        second_person.check(by, second_person.NEED_FEWER_PERSONS, charter.authority)
    charter.second_person_acts = sorted(names)
    charter.save()
    return charter


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


def _change_as_proposed(proposal: Proposal, by: User) -> Charter:
    charter = Charter.objects.get(key=proposal.arguments["charter"])
    return change_second_persons(charter, by=by, names=proposal.arguments["names"])


def _fewer_persons_facts(proposal: Proposal) -> second_person.Facts:
    charter = Charter.objects.get(key=proposal.arguments["charter"])
    removed = set(charter.second_person_acts) - set(proposal.arguments["names"])
    titles = "\n".join(second_person.titles_of(removed)) or "Nothing"
    return [("Charter", str(charter)), ("One person could then", titles)]


second_person.register(
    second_person.NEED_FEWER_PERSONS,
    second_person.TwoPersonAct(
        "Let one person do what needs two", _change_as_proposed, _fewer_persons_facts
    ),
)
