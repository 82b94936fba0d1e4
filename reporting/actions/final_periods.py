"""The period that ends with the final update: it follows the deadline when that is moved."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import cast

from django.db.models import Exists, F, OuterRef, Q

from charter import acts
from charter.workflow import ReviewStatus
from registry import clock
from reporting.models import ReportingPeriod
from reporting.reminders import steps as reminder_steps


def follow_deadlines(looked_at: Collection[int], today: date) -> list[ReportingPeriod]:
    """Bring the last period of open commitments in line with their deadlines; return the changed.

    A final update that was sent keeps its period, whatever the deadline. The caller has locked the
    commitments and their periods.
    """
    later_periods = ReportingPeriod.objects.filter(
        commitment=OuterRef("commitment"), starts_on__gt=OuterRef("starts_on")
    )
    reaches_deadline = Q(ends_on__gte=F("commitment__end_on"))
    is_too_long = Q(
        ends_on__gt=F("commitment__end_on"), starts_on__lte=F("commitment__end_on"), is_final=True
    )
    differing = Q(is_final=False) & reaches_deadline | Q(is_final=True) & ~reaches_deadline
    periods = list(
        ReportingPeriod.objects.of_open_commitments()
        .filter(differing | is_too_long, ~Exists(later_periods), commitment__in=looked_at)
        .exclude(is_final=True, received_on__isnull=False)
        .select_related("commitment__signatory__charter")
    )
    for period in periods:
        fit_to_deadline(period, today)
    if periods:
        ReportingPeriod.objects.bulk_update(
            periods, ["is_final", "ends_on", "due_on", "steps", "received_on", "excused_reason"]
        )
        acts.changed(*periods)
    return periods


def fit_to_deadline(period: ReportingPeriod, today: date) -> None:
    """Make a period the final one, or an ordinary one, as its commitment's deadline is now.

    A deadline that was moved to the past still leaves the usual time for the final update.
    """
    charter, deadline = period.commitment.signatory.charter, period.commitment.end_on
    period.is_final = period.ends_commitment
    if deadline is None or not period.is_final:
        period.due_on = max(period.ends_on + timedelta(days=1), today)
        period.steps = reminder_steps.without_announcement(period.steps, charter)
        period.received_on = arrival_day(period)
        return
    period.ends_on = max(deadline, period.starts_on)
    days = timedelta(days=charter.final_update_days)
    period.due_on = max(max(deadline, today) + days, period.ends_on + timedelta(days=1))
    period.steps = reminder_steps.with_announcement(period.steps, charter)
    period.received_on, period.excused_reason = None, ""


def arrival_day(period: ReportingPeriod) -> date | None:
    """Return the day on which an update before the final one was sent for a period, or None."""
    update = period.updates.filter(is_final=False).exclude(status=ReviewStatus.DRAFT).first()
    return clock.local_date(cast(datetime, update.submitted_at)) if update else None
