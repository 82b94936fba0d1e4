"""Scripted events of a seeded signatory, apart from its commitments."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from charter import review
from charter.actions import (
    organisations,
    people,
    retractions,
    signatories,
    standing,
)
from charter.forms.details import DetailsForm
from charter.forms.standing import EndForm, PauseForm, ReasonForm, RetractForm, SuspendForm
from charter.mail import bounces
from charter.models import Commitment, Message, Signatory, User
from charter.public_sentences import read_sentences
from registry import clock
from reporting.actions import (
    contact_attempts,
    delegations,
    help_requests,
    letters,
    periods,
    replies,
)
from reporting.demonstration import browser, council
from reporting.demonstration.seeded import SeededSignatory
from reporting.forms.contact_attempts import ContactAttemptForm
from reporting.forms.council import ExtendForm
from reporting.forms.help_requests import HelpAnswerForm, HelpRequestForm
from reporting.forms.replies import ReplyForm
from reporting.forms.token_links import DelegationForm

# Longer than any row of days off.
SECOND_LOOK_AFTER = timedelta(days=5)
SignatoriesByName = Mapping[str, SeededSignatory]


class TooEarlyError(Exception):
    """The register has not come so far that the event can take place."""


def bounce_mailbox(
    seeded: SeededSignatory, officer: User, signatories_by_name: SignatoriesByName
) -> None:
    """Record that an email to the signatory's owner came back, and the second look today too."""
    message = Message.objects.filter(recipient=seeded.seed.owner).latest("pk")
    reply = "550 5.1.1 User unknown"
    with clock.fixed_at(clock.now() - SECOND_LOOK_AFTER):
        bounces.record_proof(message, reply, handed_over_on=clock.today())
    bounces.record_proof(message, reply, handed_over_on=clock.today())


def retract_unreachable(
    seeded: SeededSignatory, officer: User, signatories_by_name: SignatoriesByName, reason: str
) -> None:
    form = browser.submit_form(
        RetractForm,
        {"reason": reason},
        seed=f"{seeded.seed.name}, retraction",
        signatory=seeded.signatory,
    )
    retractions.retract_unreachable(seeded.signatory, by=officer, **form.cleaned_data)


def remove_people(
    seeded: SeededSignatory, officer: User, signatories_by_name: SignatoriesByName
) -> None:
    """Let everyone leave who acts for the signatory."""
    for member in seeded.signatory.organisation.memberships.current():
        people.end_membership(member, by=member.user)
    seeded.sends_updates = False


def record_contact(
    seeded: SeededSignatory,
    officer: User,
    signatories_by_name: SignatoriesByName,
    kind: str,
    note: str,
) -> None:
    """Record a letter or call of the day to the signatory."""
    typed = {"kind": kind, "made_on": clock.today(), "note": note}
    form = browser.submit_form(ContactAttemptForm, typed, seed=f"{seeded.seed.name}, {kind}")
    contact_attempts.record_attempt(seeded.signatory, by=officer, **form.cleaned_data)


def pause_signatory(
    seeded: SeededSignatory,
    officer: User,
    signatories_by_name: SignatoriesByName,
    days: int,
    reason: str,
) -> None:
    typed = {"until": clock.today() + timedelta(days=days), "reason": reason}
    form = browser.submit_form(
        PauseForm, typed, seed=f"{seeded.seed.name}, pause", signatory=seeded.signatory
    )
    signatories.pause(seeded.signatory, by=officer, **form.cleaned_data)
    seeded.sends_updates = False


def rename_signatory(
    seeded: SeededSignatory,
    officer: User,
    signatories_by_name: SignatoriesByName,
    name: str,
    reason: str,
) -> None:
    signatory = Signatory.objects.select_related("organisation").get(pk=seeded.signatory.pk)
    form = browser.submit_form(
        DetailsForm,
        {"legal_name": name, "reason": reason},
        seed=f"{seeded.seed.name}, details",
        initial=DetailsForm.initial_of(signatory),
    )
    organisations.amend_details(signatory, by=officer, **form.submission())


def extend_due_dates(
    seeded: SeededSignatory,
    officer: User,
    signatories_by_name: SignatoriesByName,
    days: int,
    reason: str,
) -> None:
    """Extend past due dates, unless the new date would be past too."""
    listed_periods = periods.extendable_periods()
    chosen_periods = [
        choice
        for choice, period in ExtendForm(listed_periods).owed.items()
        if period.commitment.signatory == seeded.signatory
        and period.due_on < clock.today()
        and periods.min_extension_days(period.due_on) <= days
    ]
    form = browser.submit_form(
        ExtendForm,
        {"days": days, "reason": reason, "periods": chosen_periods},
        seed=f"{seeded.seed.name}, extension",
        owed=listed_periods,
    )
    periods.extend_due_dates(
        form.periods_to_extend(),
        by=officer,
        days=form.cleaned_data["days"],
        reason=form.cleaned_data["reason"],
    )


def delegate_update(
    seeded: SeededSignatory,
    officer: User,
    signatories_by_name: SignatoriesByName,
    title: str,
    email: str,
) -> None:
    """Ask a colleague for the update of a commitment."""
    commitment = Commitment.objects.get(signatory=seeded.signatory, title=title)
    form = browser.submit_form(
        DelegationForm, {"email": email}, seed=f"{seeded.seed.name}, delegation"
    )
    delegations.delegate_update(commitment, by=seeded.owner, **form.cleaned_data)


def ask_for_help(
    seeded: SeededSignatory,
    officer: User,
    signatories_by_name: SignatoriesByName,
    title: str,
    text: str,
    answer: str,
) -> None:
    """Ask the council for help with a commitment; without a text, the answer is still to come."""
    commitment = Commitment.objects.get(signatory=seeded.signatory, title=title)
    seed = f"{seeded.seed.name}, request for help"
    asked = browser.submit_form(HelpRequestForm, {"text": text}, seed=seed)
    request = help_requests.send_request(commitment, by=seeded.owner, **asked.cleaned_data)
    if answer:
        answered = browser.submit_form(HelpAnswerForm, {"answer": answer}, seed=seed)
        help_requests.answer_request(request, by=officer, text=answered.cleaned_data["answer"])


def suspend_signatory(
    seeded: SeededSignatory,
    officer: User,
    signatories_by_name: SignatoriesByName,
    reason: str,
    plan: str,
) -> None:
    form = browser.submit_form(
        SuspendForm,
        {"reason": reason, "plan": plan},
        seed=f"{seeded.seed.name}, suspension",
        signatory=seeded.signatory,
    )
    standing.suspend(seeded.signatory, by=officer, **form.cleaned_data)


def reinstate_signatory(
    seeded: SeededSignatory, officer: User, signatories_by_name: SignatoriesByName, reason: str
) -> None:
    form = browser.submit_form(
        ReasonForm,
        {"reason": reason},
        seed=f"{seeded.seed.name}, reinstatement",
        signatory=seeded.signatory,
    )
    standing.reinstate(seeded.signatory, by=officer, **form.cleaned_data)


def leave_charter(
    seeded: SeededSignatory,
    officer: User,
    signatories_by_name: SignatoriesByName,
    how: str,
    reason: str,
    successor: str,
) -> None:
    """Take the signatory out of the charter; a successor continues its commitments."""
    seeded.successor = signatories_by_name.get(successor)
    typed: dict[str, Any] = {"standing": how, "reason": reason}
    if seeded.successor:
        typed |= {"successor": seeded.successor.signatory.pk, "goes_on": True}
    form = browser.submit_form(
        EndForm, typed, seed=f"{seeded.seed.name}, end", signatory=seeded.signatory
    )
    council.agree_if_proposed(
        standing.end_membership(seeded.signatory, by=officer, **form.cleaned_data)
    )


def publish_letter(
    seeded: SeededSignatory, officer: User, signatories_by_name: SignatoriesByName
) -> None:
    """Publish a letter about the signatory's longest silent period."""
    silent_periods = letters.periods_without_letter(clock.today()).filter(
        commitment__signatory=seeded.signatory
    )
    if not silent_periods.exists():
        raise TooEarlyError
    council.agree_if_proposed(
        letters.publish_or_propose(seeded.signatory, silent_periods[:1], by=officer)
    )


def reply_beside_sentence(
    seeded: SeededSignatory,
    officer: User,
    signatories_by_name: SignatoriesByName,
    title: str,
    text: str,
) -> None:
    """Place the signatory's reply beside what the page of a commitment says; publish it."""
    commitment = Commitment.objects.get(signatory=seeded.signatory, title=title)
    if not read_sentences(commitment, clock.today()).now:
        raise TooEarlyError
    form = browser.submit_form(
        ReplyForm,
        {"text": text},
        seed=f"{seeded.seed.name}, reply",
        initial={"version": 1},
    )
    reply = replies.save_draft(commitment, by=seeded.owner, **form.cleaned_data)
    review.submit(reply, by=seeded.owner)
    council.publish_item(council.find_item(reply.key, officer=officer), officer=officer)


# Events by the field of their `SignatorySeed`.
EVENTS_BY_FIELD: dict[str, Callable[..., Any]] = {
    "lost": bounce_mailbox,
    "retracted": retract_unreachable,
    "emptied": remove_people,
    "called": record_contact,
    "paused": pause_signatory,
    "renamed": rename_signatory,
    "extended": extend_due_dates,
    "delegated": delegate_update,
    "helped": ask_for_help,
    "suspended": suspend_signatory,
    "reinstated": reinstate_signatory,
    "left": leave_charter,
    "letter": publish_letter,
    "replied": reply_beside_sentence,
}
