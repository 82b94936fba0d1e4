"""Record letters and calls to signatories: they ask for updates as a reminder does."""

from datetime import date, timedelta

from charter import acts, permissions
from charter.errors import WrongStateError
from charter.models import Signatory, User
from registry import clock
from registry.log import publishing
from reporting.actions import periods
from reporting.models import ContactAttempt, ReportingPeriod
from reporting.models.periods import ReportingPeriodQuerySet

# An older letter or call can no longer be recorded.
RECORDED_WITHIN = timedelta(days=92)


@acts.act("contact.record")
def record_attempt(
    signatory: Signatory, *, by: User, kind: str, made_on: date, note: str
) -> ContactAttempt:
    """Record a letter or call, and publish its day as one on which we asked. Idempotent.

    It asks for all updates that were due before that day and are missing. Raise WrongStateError if
    there is none.
    """
    permissions.check(by, "contact.record", signatory)
    signatory = Signatory.objects.select_for_update(of=["self"], no_key=True).get(pk=signatory.pk)
    attempts = ContactAttempt.objects.filter(signatory=signatory, kind=kind, made_on=made_on)
    if attempt := attempts.first():
        return attempt
    locked = missing_periods(signatory).filter(due_on__lt=made_on)
    asked_for = list(locked.select_for_update(of=["self"], no_key=True))
    if not asked_for:
        raise WrongStateError("No update was due before this day and is missing")
    attempt = ContactAttempt.objects.create(
        signatory=signatory,
        kind=kind,
        made_on=made_on,
        note=note,
        recorded_by=by,
        recorded_at=clock.now(),
    )
    attempt.periods.set(asked_for)
    publishing.publish(periods.entries_to_append(asked_for))
    return attempt


def missing_periods(signatory: Signatory) -> ReportingPeriodQuerySet:
    """Return the periods of a signatory with an update that is due and missing, oldest first."""
    return (
        ReportingPeriod.objects.owed()
        .of_open_commitments()
        .filter(commitment__signatory=signatory, due_on__lt=clock.today())
        .select_related("commitment__signatory__charter", "commitment__signatory__organisation")
        .order_by("due_on", "pk")
    )
