"""A second administrator confirms each redaction, or questions it, within five working days."""

from collections.abc import Collection

from django.db import transaction
from django.urls import reverse

from charter import acts, permissions
from charter.actions import second_person
from charter.errors import AlreadyDecidedError, NotAllowedError
from charter.mail.administrators import email_administrators
from charter.models import Authority, User
from registry import clock
from registry.schema.code_lists import RedactionReason
from registry.wording.formatting import format_day
from reporting.models import Redaction


def record_redaction(
    keys: Collection[str], authorities: Collection[Authority], *, by: User, reason_code: str
) -> Redaction:
    """Record who redacted which records and why, and email all administrators."""
    is_alone = all(second_person.acts_alone(by, authority) for authority in authorities)
    redaction = Redaction.objects.create(
        keys=sorted(keys),
        reason_code=reason_code,
        redacted_by=by,
        redacted_at=clock.now(),
        outcome=Redaction.Outcome.ALONE if is_alone else "",
    )
    redaction.authorities.set(authorities)
    task = "" if is_alone else f"\nA second administrator confirms it by {_last_day(redaction)}."
    for authority in authorities:
        email_administrators(
            authority,
            sentence=f"{by} redacted text in {', '.join(redaction.keys)}",
            details=f"Reason: {RedactionReason.label_of(reason_code)}{task}",
            address=reverse("council:redaction", args=[redaction.pk]),
        )
    return redaction


@acts.act("record.confirm_redaction")
def confirm(redaction: Redaction, *, by: User, comments: str = "") -> None:
    """Confirm a redaction as a second administrator; with comments, question it.

    The text is gone either way. A question is emailed to all administrators.
    """
    redaction = Redaction.objects.select_for_update(of=["self"]).get(pk=redaction.pk)
    for authority in redaction.authorities.all():
        permissions.check(by, "record.confirm_redaction", authority)
    if redaction.redacted_by == by:
        raise NotAllowedError("You redacted this, so a second administrator has to confirm it.")
    if redaction.outcome:
        raise AlreadyDecidedError
    redaction.outcome = Redaction.Outcome.QUESTIONED if comments else Redaction.Outcome.CONFIRMED
    redaction.comments = comments
    redaction.decided_by, redaction.decided_at = by, clock.now()
    redaction.save()
    if comments:
        keys = ", ".join(redaction.keys)
        _email_all(redaction, f"{by} questions a redaction in {keys}", comments)


@transaction.atomic
def remind_of_unconfirmed() -> int:
    """Email all administrators about redactions that nobody confirmed in time, once each."""
    late = [
        redaction
        for redaction in Redaction.objects.unconfirmed().filter(reminded_on=None)
        if redaction.confirm_by < clock.today()
    ]
    for redaction in late:
        redaction.reminded_on = clock.today()
        redaction.save()
        keys = ", ".join(redaction.keys)
        details = f"A second administrator should have confirmed it by {_last_day(redaction)}."
        _email_all(redaction, f"Nobody has confirmed the redaction in {keys}", details)
    return len(late)


def _email_all(redaction: Redaction, sentence: str, details: str) -> None:
    address = reverse("council:redaction", args=[redaction.pk])
    for authority in redaction.authorities.all():
        email_administrators(authority, sentence=sentence, details=details, address=address)


def _last_day(redaction: Redaction) -> str:
    return format_day(redaction.confirm_by)
