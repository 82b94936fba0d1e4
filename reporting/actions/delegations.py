"""Let a colleague without an account fill in one update; whoever asked reads and sends it."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.db import transaction

from charter import outbox
from charter.actions import commitments
from charter.errors import AlreadyThereError, WrongStateError
from charter.models import Commitment, User
from registry import clock
from reporting import permissions
from reporting.actions import updates
from reporting.capabilities import NO_SUCH_LINK, VALID_FOR, digest, new_token
from reporting.errors import ClosedLinkError
from reporting.models import Delegation, ProgressUpdate

MOST_ASKED = 5


@transaction.atomic
def ask(commitment: Commitment, *, by: User, email: str) -> Delegation:
    """Send a colleague a link to the form of the update that is owed now.

    Nobody has two open links to one form, and a form is handed to a few only.
    """
    permissions.check_may_report(by, commitment)
    commitment = commitments.locked(commitment)
    update = updates.expected(commitment, clock.today())
    if update is None:
        raise WrongStateError("Nothing is asked of this promise now.")
    email = email.lower()
    asked = Delegation.objects.filter(period=update.period)
    if asked.open(clock.now()).filter(email=email).exists():
        raise AlreadyThereError(f"{email} has a link to this form already.")
    if asked.count() >= MOST_ASKED:
        raise WrongStateError(f"At most {MOST_ASKED} links can be sent for one update.")
    token = new_token()
    made = Delegation.objects.create(
        period=update.period,
        email=email,
        token_hash=digest(token),
        asked_by=by,
        asked_at=clock.now(),
        expires_at=clock.now() + VALID_FOR,
    )
    link = f"{settings.PUBLIC_URL}/colleague/{token}"
    _write("delegation", made, made.email, {"link": link, "commitment": commitment})
    return made


def find(token: str) -> tuple[Delegation, ProgressUpdate]:
    """Return the open request that a link names, and the update that is owed.

    Raise ClosedLinkError if there is none.
    """
    made = (
        Delegation.objects.filter(token_hash=digest(token))
        .select_related(
            "asked_by",
            "period__commitment__measure",
            "period__commitment__signatory__organisation",
        )
        .first()
    )
    if made is None:
        raise ClosedLinkError(NO_SUCH_LINK)
    return made, _owed(made)


@transaction.atomic
def fill(
    made: Delegation, *, version: int, evidence: Sequence[dict[str, Any]] = (), **fields: Any
) -> ProgressUpdate:
    """Save what the colleague wrote as a draft and tell whoever asked. A link fills in once."""
    locked = Delegation.objects.select_for_update().get(pk=made.pk)
    locked.period, locked.asked_by = made.period, made.asked_by
    _owed(locked)
    commitment, by = made.period.commitment, made.asked_by
    begun = updates.start(commitment, by=by)
    saved = updates.save(begun, by=by, version=version, evidence=evidence, **fields)
    locked.used_at = clock.now()
    locked.save()
    _write("delegated", made, by.email, {"commitment": commitment})
    return saved


def _owed(made: Delegation) -> ProgressUpdate:
    """Return the update that a link is for, if it is still open and owed."""
    commitment = made.period.commitment
    if made.used_at:
        raise ClosedLinkError("You have filled this in already. Thank you.")
    if made.expires_at <= clock.now():
        raise ClosedLinkError("This link has run out. Ask your colleague for a new one.")
    update = updates.expected(commitment, clock.today())
    may_send = made.asked_by.is_active and permissions.can_report(made.asked_by, commitment)
    if update is None or update.period_id != made.period_id or not may_send:
        raise ClosedLinkError("This update is no longer asked for.")
    return update


def _write(kind: str, made: Delegation, recipient: str, context: dict[str, Any]) -> None:
    outbox.write(
        kind,
        key=f"{kind}:{made.pk}",
        recipient=recipient,
        context={"delegation": made, **context},
        expires_at=made.expires_at,
    )
