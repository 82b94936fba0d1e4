"""Delegations: a colleague without an account drafts one update for a member to send."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings

from charter import acts, permissions, personal_data, questions, review
from charter.actions import commitments
from charter.errors import AlreadyExistsError, ClosedLinkError, WrongStateError
from charter.mail import outbox
from charter.models import Commitment, User
from charter.questions import Question, UnansweredError
from charter.signed_links import UNKNOWN_LINK_MESSAGE
from registry import clock
from reporting.actions import expected_updates, updates
from reporting.models import Delegation, ProgressUpdate
from reporting.token_links import VALID_FOR, hash_token, new_token

MAX_DELEGATIONS = 5


@acts.act("delegation.create")
def delegate_update(commitment: Commitment, *, by: User, email: str) -> Delegation:
    """Email a colleague a link to the form of the update that is owed now.

    A colleague has one open link for each form, and a form has at most MAX_DELEGATIONS links.
    """
    permissions.check(by, "delegation.create", commitment.signatory)
    commitment = commitments.lock_commitment(commitment)
    update = expected_updates.expected_update(commitment, clock.today())
    if update is None:
        raise WrongStateError("This commitment does not need an update at the moment.")
    email = email.lower()
    existing = Delegation.objects.filter(period=update.period)
    if existing.open(clock.now()).filter(email=email).exists():
        raise AlreadyExistsError(f"{email} has a link to this form already.")
    if existing.count() >= MAX_DELEGATIONS:
        raise WrongStateError(f"At most {MAX_DELEGATIONS} links can be sent for one update.")
    token = new_token()
    delegation = Delegation.objects.create(
        period=update.period,
        email=email,
        token_hash=hash_token(token),
        asked_by=by,
        asked_at=clock.now(),
        expires_at=clock.now() + VALID_FOR,
    )
    link = f"{settings.PUBLIC_URL}/colleague/{token}"
    _queue_email(
        "delegation", delegation, delegation.email, {"link": link, "commitment": commitment}
    )
    return delegation


def find_by_token(token: str) -> tuple[Delegation, ProgressUpdate]:
    """Return the open delegation of a token, and the update it is for.

    Raise ClosedLinkError if there is none.
    """
    delegation = (
        Delegation.objects.filter(token_hash=hash_token(token))
        .select_related(
            "asked_by",
            "period__commitment__measure",
            "period__commitment__signatory__organisation",
        )
        .first()
    )
    if delegation is None:
        raise ClosedLinkError(UNKNOWN_LINK_MESSAGE)
    return delegation, _expected_update(delegation)


@acts.act("delegation.answer", cause=acts.Cause.LINK)
def save_draft(
    delegation: Delegation, *, version: int, evidence: Sequence[dict[str, Any]] = (), **fields: Any
) -> list[Question]:
    """Save the colleague's text as a draft and email the member who asked.

    A link can be used once. If there are questions that the colleague has not seen, the text is
    only saved, and all of them are returned.
    """
    locked_delegation = Delegation.objects.select_for_update().get(pk=delegation.pk)
    locked_delegation.period, locked_delegation.asked_by = delegation.period, delegation.asked_by
    _expected_update(locked_delegation)
    commitment, by = delegation.period.commitment, delegation.asked_by
    update = updates.start_draft(commitment, by=by)
    draft = updates.save_draft(update, by=by, version=version, evidence=evidence, **fields)
    found = personal_data.find_in_entries(updates.preview_entries(draft)[:1])
    asked = [*review.questions_about(draft), *found]
    try:
        questions.ask(asked)
    except UnansweredError:
        return asked
    locked_delegation.used_at = clock.now()
    locked_delegation.save()
    _queue_email("delegated", delegation, by.email, {"commitment": commitment})
    return []


def _expected_update(delegation: Delegation) -> ProgressUpdate:
    """Return the update of a link; raise ClosedLinkError if it is no longer owed."""
    commitment = delegation.period.commitment
    if delegation.used_at:
        raise ClosedLinkError("You have filled this in already. Thank you.")
    if delegation.expires_at <= clock.now():
        raise ClosedLinkError("This link has expired. Ask your colleague for a new one.")
    update = expected_updates.expected_update(commitment, clock.today())
    may_send = permissions.can(delegation.asked_by, "update.submit", commitment.signatory)
    if update is None or update.period_id != delegation.period_id or not may_send:
        raise ClosedLinkError("This update is no longer asked for.")
    return update


def _queue_email(
    kind: str, delegation: Delegation, recipient: str, context: dict[str, Any]
) -> None:
    outbox.queue_from_template(
        kind,
        key=f"{kind}:{delegation.identity}",
        recipient=recipient,
        authority=delegation.period.commitment.signatory.charter.authority,
        context={"delegation": delegation, **context},
        expires_at=delegation.expires_at,
    )
