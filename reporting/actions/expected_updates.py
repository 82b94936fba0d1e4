"""Which update a commitment expects from its signatory now."""

from datetime import date

from charter.models import Commitment
from charter.workflow import CommitmentStatus
from registry.schema.code_lists import Delivery
from reporting import schedule
from reporting.models import ProgressUpdate, ReportingPeriod


def expected_update(
    commitment: Commitment, today: date, *, final: bool | None = None
) -> ProgressUpdate | None:
    """Return the update to write now: one to send again, a draft or a new unsaved one.

    From the deadline on it is the final update. Before that, `final` asks for the final update or
    for another one; None means the one that was begun, or else another one. Return None if nothing
    is expected, as once the final update is with the council.
    """
    if commitment.status != CommitmentStatus.PUBLISHED or has_sent_final_update(commitment):
        return None
    if is_deadline_reached(commitment, today) or final:
        return _final_update(commitment, today)
    if final is None and commitment.updates.unsent().filter(is_final=True).exists():
        return _final_update(commitment, today)
    return _ordinary_update(commitment, today)


def is_deadline_reached(commitment: Commitment, today: date) -> bool:
    """Return True from the deadline on, when only the final update can be sent."""
    return commitment.end_on is not None and commitment.end_on <= today


def has_sent_final_update(commitment: Commitment) -> bool:
    return commitment.updates.sent().filter(is_final=True).exists()


def last_sent_update(commitment: Commitment) -> ProgressUpdate | None:
    """Return the latest update sent, published or not, or None."""
    return commitment.updates.sent().select_related("period").newest_first().first()


def _final_update(commitment: Commitment, today: date) -> ProgressUpdate | None:
    """Return the final update, on the latest period that has begun; None before the first."""
    period = commitment.periods.filter(starts_on__lte=today).last()
    if period is None:
        return None
    unsent = commitment.updates.unsent()
    update = (
        unsent.filter(is_final=True).first()
        or unsent.filter(submitted_at=None).first()
        or _new_update(commitment)
    )
    update.period, update.is_final = period, True
    return update


def _ordinary_update(commitment: Commitment, today: date) -> ProgressUpdate | None:
    """Return an update before the final one.

    What was returned or taken back keeps its period, even if a later update has been sent.
    """
    unsent = commitment.updates.unsent().select_related("period")
    sent_before = unsent.filter(submitted_at__isnull=False, period__excused_reason="")
    for update in sent_before.order_by("is_final", "period__starts_on"):
        if not (update.is_final and _has_ordinary_update(update.period)):
            update.is_final = False
            return update
    period = schedule.period_to_report(commitment.periods.owed(), today)
    if period is None or period.is_final and _has_sent_ordinary(period):
        return None
    update = unsent.filter(period=period).first() or unsent.first() or _new_update(commitment)
    update.period, update.is_final = period, False
    return update


def _has_ordinary_update(period: ReportingPeriod) -> bool:
    return period.updates.filter(is_final=False).exists()


def _has_sent_ordinary(period: ReportingPeriod) -> bool:
    return period.updates.sent().filter(is_final=False).exists()


def _new_update(commitment: Commitment) -> ProgressUpdate:
    last_update = last_sent_update(commitment)
    assessment = last_update.self_assessment if last_update else Delivery.NOT_STARTED
    return ProgressUpdate(commitment=commitment, self_assessment=assessment)
