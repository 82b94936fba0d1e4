"""Confirmations: ask beneficiaries if a result happened, and publish their answers."""

from django.conf import settings

from charter import acts, permissions, personal_data
from charter.errors import AlreadyExistsError, ClosedLinkError, WrongStateError
from charter.mail import outbox
from charter.models import User
from charter.signed_links import UNKNOWN_LINK_MESSAGE
from charter.workflow import CommitmentStatus, ReviewStatus
from registry import clock
from registry.log import publishing
from reporting.actions import updates
from reporting.actions.checks import entries_to_republish
from reporting.models import Confirmation, ProgressUpdate
from reporting.token_links import VALID_FOR, hash_token, new_token

MAX_CONFIRMATIONS = 5
NOTHING_TO_CONFIRM = (
    "This update has no figure and does not say what happened. Ask about one that does."
)


@acts.act("confirmation.request")
def request_confirmation(
    update: ProgressUpdate, *, by: User, body: str, email: str
) -> Confirmation:
    """Email a beneficiary a link to one form, once for each address."""
    update = updates.lock_update(update)
    commitment = update.commitment
    permissions.check(by, "confirmation.request", commitment.signatory)
    email = email.lower()
    if update.status != ReviewStatus.PUBLISHED or commitment.status == CommitmentStatus.WITHDRAWN:
        raise WrongStateError("Only what is published can be confirmed.")
    if not update.has_result:
        raise WrongStateError(NOTHING_TO_CONFIRM)
    members = commitment.signatory.organisation.memberships.current()
    if members.filter(user__email=email).exists():
        raise WrongStateError("Ask someone outside your organisation.")
    if Confirmation.objects.filter(update=update, email=email).exists():
        raise AlreadyExistsError(f"{email} was asked already.")
    if Confirmation.objects.filter(update=update).count() >= MAX_CONFIRMATIONS:
        raise WrongStateError(f"At most {MAX_CONFIRMATIONS} can be asked about one update.")
    personal_data.ask_about_words(body)
    token = new_token()
    confirmation = Confirmation.objects.create(
        update=update,
        body=body,
        email=email,
        token_hash=hash_token(token),
        asked_by=by,
        asked_at=clock.now(),
        expires_at=clock.now() + VALID_FOR,
    )
    link = f"{settings.PUBLIC_URL}/confirm/{token}"
    context = {
        "confirmation": confirmation,
        "update": update,
        "commitment": commitment,
        "link": link,
    }
    outbox.queue_from_template(
        "confirmation",
        key=f"confirmation:{confirmation.identity}",
        recipient=email,
        authority=commitment.signatory.charter.authority,
        context=context,
        expires_at=confirmation.expires_at,
    )
    return confirmation


def find_by_token(token: str) -> Confirmation:
    """Return the open request of a token; raise ClosedLinkError if there is none."""
    matches = Confirmation.objects.filter(token_hash=hash_token(token)).select_related(
        "update__period",
        "update__commitment__measure",
        "update__commitment__signatory__organisation",
    )
    confirmation = matches.first()
    if confirmation is None:
        raise ClosedLinkError(UNKNOWN_LINK_MESSAGE)
    _check_open(confirmation)
    return confirmation


@acts.act("confirmation.answer", cause=acts.Cause.LINK)
def record_answer(confirmation: Confirmation, *, answer: str, may_be_named: bool) -> Confirmation:
    """Record and publish the answer.

    The update is locked, so a form submitted twice answers once.
    """
    update = updates.lock_update(confirmation.update)
    confirmation = update.confirmations.get(pk=confirmation.pk)
    _check_open(confirmation)
    confirmation.answer, confirmation.may_be_named = answer, may_be_named
    confirmation.answered_at = clock.now()
    confirmation.save()
    publishing.publish(entries_to_republish([update]))
    return confirmation


def _check_open(confirmation: Confirmation) -> None:
    if confirmation.answered_at:
        raise ClosedLinkError("You have answered already. Thank you.")
    if confirmation.expires_at <= clock.now():
        raise ClosedLinkError("This link has expired. Nothing was recorded.")
    if confirmation.update.commitment.status == CommitmentStatus.WITHDRAWN:
        raise ClosedLinkError("The commitment was withdrawn, so nobody needs to confirm it.")
