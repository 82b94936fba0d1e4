"""Acts that need a second person: one proposes, another agrees, and then the act is done.

A charter names the acts. Each act registers here how to do it from stored arguments.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from charter import acts, permissions, personal_data
from charter.errors import NotAllowedError, WrongStateError
from charter.mail import outbox
from charter.mail.administrators import email_administrators
from charter.models import Authority, Charter, Organisation, Proposal, StaffMembership, User
from charter.roles import PERMISSIONS
from registry import clock

NEED_FEWER_PERSONS = "charter.need_fewer_persons"
Facts = list[tuple[str, str]]


@dataclass(frozen=True)
class TwoPersonAct:
    """An act, what a second person has to know about it, and how to do it."""

    title: str  # imperative: “Remove a signatory”
    perform: Callable[[Proposal, User], Any]
    facts: Callable[[Proposal], Facts]


_acts: dict[str, TwoPersonAct] = {}
_agreed: ContextVar[Proposal | None] = ContextVar("agreed", default=None)


def register(name: str, act: TwoPersonAct) -> None:
    _acts[name] = act


def registered_acts() -> dict[str, TwoPersonAct]:
    """Return the acts for which a charter may ask for a second person."""
    return {name: act for name, act in _acts.items() if name != NEED_FEWER_PERSONS}


def titles_of(names: Iterable[str]) -> list[str]:
    """Return what acts are called, in the order of the alphabet."""
    return sorted(_acts[name].title for name in names if name in _acts)


def act_of(proposal: Proposal) -> TwoPersonAct:
    return _acts[proposal.act]


def is_needed(
    user: User, name: str, authority: Authority, organisation: Organisation | None = None
) -> bool:
    """Return True if a charter of the authority asks for a second person for an act.

    The command line and an authority's only administrator act alone.
    """
    return _asks(name, authority, organisation) and not acts_alone(user, authority)


def acts_alone(user: User, authority: Authority) -> bool:
    """Return True if there is no second person for what needs one."""
    administrators = StaffMembership.objects.administrators().filter(authority=authority)
    return user.is_operator or [member.user_id for member in administrators] == [user.pk]


def check(
    user: User, name: str, authority: Authority, organisation: Organisation | None = None
) -> None:
    """Raise NotAllowedError if an act needs a second person and none has agreed to it."""
    proposal = _agreed.get()
    if proposal and (proposal.act, proposal.authority, proposal.organisation) == (
        name,
        authority,
        organisation,
    ):
        return
    if not _asks(name, authority, organisation):
        return
    if not acts_alone(user, authority):
        raise NotAllowedError("This needs a second person at the council. Propose it first.")
    acts.record_alone()
    about = f" ({organisation})" if organisation else ""
    email_administrators(
        authority,
        sentence=f"{user} acted alone: {_acts[name].title.lower()}{about}",
        details="This needs a second person, and there is no second administrator.",
    )


@acts.act()
def do_or_propose(
    name: str,
    *,
    by: User,
    authority: Authority,
    organisation: Organisation | None = None,
    arguments: dict[str, Any],
) -> Any:
    """Do an act and return what it returns, or propose it if it needs a second person.

    The proposal is returned. Idempotent: an open proposal of the same act is returned again.
    """
    proposal = Proposal(
        act=name,
        authority=authority,
        organisation=organisation,
        arguments=arguments,
        proposed_by=by,
        proposed_at=clock.now(),
    )
    if not is_needed(by, name, authority, organisation):
        return act_of(proposal).perform(proposal, by)
    acts.record_verb("proposal.make")
    for permission in (name, "proposal.make"):
        permissions.check_each(by, permission, [authority, proposal.subject])
    Authority.objects.select_for_update(no_key=True).get(pk=authority.pk)  # two clicks take turns
    same = Proposal.objects.open().filter(
        act=name, authority=authority, organisation=organisation, arguments=arguments
    )
    if existing := same.first():
        return existing
    personal_data.ask_about_words(arguments)
    proposal.save()
    _email_second_persons(proposal)
    return proposal


@acts.act()
def agree(proposal: Proposal, *, by: User) -> Any:
    """Agree to a proposal as a second person, and do the act. Return what the act returns.

    Raise the errors of the act; then the proposal stays open.
    """
    proposal = _lock_open(proposal)
    permissions.check_each(by, proposal.act, [proposal.authority, proposal.subject])
    if proposal.proposed_by == by:
        raise NotAllowedError("You proposed this, so a second person has to agree.")
    for subject in (proposal.authority, proposal.subject):
        if not permissions.can(proposal.proposed_by, proposal.act, subject):
            raise WrongStateError(
                f"{proposal.proposed_by} can no longer do this. Decline it, and propose it again."
            )
    _decide(proposal, Proposal.Outcome.AGREED, by=by)
    with _agreement(proposal):
        return act_of(proposal).perform(proposal, by)


@acts.act("proposal.decline")
def decline(proposal: Proposal, *, by: User, comments: str) -> None:
    """Decline a proposal with comments for the person who made it."""
    proposal = _lock_open(proposal)
    permissions.check_each(by, proposal.act, [proposal.authority, proposal.subject])
    permissions.check(by, "proposal.decline", proposal.subject)
    _decide(proposal, Proposal.Outcome.DECLINED, by=by, comments=comments)


@acts.act("proposal.withdraw")
def withdraw(proposal: Proposal, *, by: User) -> None:
    """Withdraw a proposal; only the person who made it can."""
    proposal = _lock_open(proposal)
    permissions.check(by, "proposal.withdraw", proposal.subject)
    if proposal.proposed_by != by:
        raise NotAllowedError("Only the person who proposed this can withdraw it.")
    _decide(proposal, Proposal.Outcome.WITHDRAWN, by=by)


def _asks(name: str, authority: Authority, organisation: Organisation | None) -> bool:
    """Return True if a charter asks for a second person for an act.

    What takes an act off that list always needs one, or the list would hold nobody up.
    """
    if name == NEED_FEWER_PERSONS:
        return True
    charters = Charter.objects.filter(authority=authority, second_person_acts__contains=[name])
    if organisation:
        charters = charters.filter(signatories__organisation=organisation)
    return charters.exists()


@contextmanager
def _agreement(proposal: Proposal) -> Iterator[None]:
    """Let the guard of the act see that a second person has agreed."""
    token = _agreed.set(proposal)
    try:
        yield
    finally:
        _agreed.reset(token)


def _lock_open(proposal: Proposal) -> Proposal:
    """Return a proposal read again under a lock. Raise WrongStateError if it was decided."""
    proposal = (
        Proposal.objects.select_for_update(of=["self"])
        .select_related("authority", "organisation", "proposed_by")
        .get(pk=proposal.pk)
    )
    if proposal.decided_at:
        raise WrongStateError("Someone has already dealt with this. Go back to the list.")
    return proposal


def _decide(proposal: Proposal, outcome: str, *, by: User, comments: str = "") -> None:
    proposal.outcome, proposal.comments = outcome, comments
    proposal.decided_by, proposal.decided_at = by, clock.now()
    proposal.save()
    if by != proposal.proposed_by:
        _email(proposal, proposal.proposed_by, f"decided:{proposal.identity}")


def _email_second_persons(proposal: Proposal) -> None:
    """Email the people who can agree to a proposal."""
    staff = StaffMembership.objects.current().filter(
        authority=proposal.authority, role__in=PERMISSIONS[proposal.act].staff
    )
    for member in staff.exclude(user=proposal.proposed_by).select_related("user"):
        _email(proposal, member.user, f"made:{proposal.identity}:{member.user.identity}")


def _email(proposal: Proposal, user: User, key: str) -> None:
    context = {
        "proposal": proposal,
        "act": act_of(proposal),
        "facts": act_of(proposal).facts(proposal),
        "user": user,
        "address": reverse("council:proposal", args=[proposal.pk]),
    }
    outbox.queue_from_template(
        "proposal",
        key=f"proposal:{key}",
        recipient=user.email,
        authority=proposal.authority,
        context=context,
    )
