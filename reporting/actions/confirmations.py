"""Ask those whom a result helped whether it happened, and take their answer."""

from django.conf import settings
from django.db import transaction

from charter import outbox
from charter.errors import AlreadyThereError, WrongStateError
from charter.models import User
from charter.workflow import CommitmentStatus
from registry import clock, log
from reporting import permissions
from reporting.actions import updates
from reporting.actions.checks import published_anew
from reporting.capabilities import NO_SUCH_LINK, VALID_FOR, digest, new_token
from reporting.errors import ClosedLinkError
from reporting.models import Confirmation, ProgressUpdate
from reporting.workflow import NewsStatus

MOST_ASKED = 5


@transaction.atomic
def ask(update: ProgressUpdate, *, by: User, body: str, email: str) -> Confirmation:
    """Send a body that was helped one link to one form; each address is asked once."""
    update = updates.locked(update)
    commitment = update.commitment
    permissions.check_may_report(by, commitment)
    email = email.lower()
    if update.status != NewsStatus.PUBLISHED or commitment.status == CommitmentStatus.WITHDRAWN:
        raise WrongStateError("Only what is published can be confirmed.")
    people = commitment.signatory.organisation.memberships.current()
    if people.filter(user__email=email).exists():
        raise WrongStateError("Ask somebody outside your organisation.")
    if Confirmation.objects.filter(update=update, email=email).exists():
        raise AlreadyThereError(f"{email} was asked already.")
    if Confirmation.objects.filter(update=update).count() >= MOST_ASKED:
        raise WrongStateError(f"At most {MOST_ASKED} can be asked about one update.")
    token = new_token()
    made = Confirmation.objects.create(
        update=update,
        body=body,
        email=email,
        token_hash=digest(token),
        asked_by=by,
        asked_at=clock.now(),
        expires_at=clock.now() + VALID_FOR,
    )
    link = f"{settings.PUBLIC_URL}/confirm/{token}"
    context = {"confirmation": made, "update": update, "commitment": commitment, "link": link}
    outbox.write(
        "confirmation",
        key=f"confirmation:{made.pk}",
        recipient=email,
        context=context,
        expires_at=made.expires_at,
    )
    return made


def find(token: str) -> Confirmation:
    """Return the open request that a link names; raise ClosedLinkError if there is none."""
    found = Confirmation.objects.filter(token_hash=digest(token)).select_related(
        "update__period",
        "update__commitment__measure",
        "update__commitment__signatory__organisation",
    )
    made = found.first()
    if made is None:
        raise ClosedLinkError(NO_SUCH_LINK)
    _check_open(made)
    return made


@transaction.atomic
def answer(made: Confirmation, *, answer: str, may_be_named: bool) -> Confirmation:
    """Take the answer and publish it. The update is locked: a form sent twice answers once."""
    update = updates.locked(made.update)
    made = update.confirmations.get(pk=made.pk)
    _check_open(made)
    made.answer, made.may_be_named = answer, may_be_named
    made.answered_at = clock.now()
    made.save()
    log.publish(published_anew([update]))
    return made


def _check_open(made: Confirmation) -> None:
    if made.answered_at:
        raise ClosedLinkError("You have answered already. Thank you.")
    if made.expires_at <= clock.now():
        raise ClosedLinkError("This link has run out. Nothing was recorded.")
    if made.update.commitment.status == CommitmentStatus.WITHDRAWN:
        raise ClosedLinkError("The promise was withdrawn, so nobody needs to confirm it.")
