"""Monthly figures about the council's own work, published by the clock."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import F, Q, QuerySet

from charter import acts
from charter.models import Change, Charter, Commitment, Message
from charter.workflow import MessageState
from registry import clock, working_days
from registry.log import as_of, publishing
from registry.models import Entry, Record
from registry.schema.code_lists import NoticeType
from registry.schema.measure_codes import Unit
from reporting import schedule
from reporting.models import MonthlyFigures, ProgressUpdate, Success

LONGEST_REVIEW_WORKING_DAYS = 10


@acts.act("figures.publish")
def publish_due_figures(now: datetime) -> int:
    """Publish the figures of the last full month; return the number of charters with new ones.

    Safe in parallel and when run twice: the charter is locked, and a month is published once. If
    killed: nothing is committed.
    """
    today = clock.local_date(now)
    month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    # A charter published during the month has no figures for a full month.
    last_before = as_of.entry_number_on(month - timedelta(days=1))
    earlier = Record.objects.of_kind("charter").filter(first_entry__lte=last_before)
    entries = []
    for charter in (
        Charter.objects.filter(key__in=earlier.values("key"))
        .exclude(monthly_figures__month=month)
        .select_for_update(of=["self"], no_key=True, skip_locked=True)
        .order_by("pk")
    ):
        row, created = MonthlyFigures.objects.get_or_create(
            charter=charter, month=month, defaults={"published_on": today}
        )
        if created:
            entries.append(publishing.NewEntry("notice", row.key, "publish", _notice_content(row)))
    if entries:
        publishing.publish(entries)
    return len(entries)


def _notice_content(row: MonthlyFigures) -> dict[str, Any]:
    next_month = schedule.add_months(row.month, 1)
    return {
        "charter": row.charter.key,
        "type": NoticeType.FIGURES,
        "title": f"The council’s own work in {row.month:%B %Y}",
        "text": (
            "What it published and when, how often it asked for updates, and what it corrected. "
            f"A review should take no longer than {LONGEST_REVIEW_WORKING_DAYS} working days."
        ),
        "figures": list(
            _monthly_figures(
                row.charter, clock.start_of_day(row.month), clock.start_of_day(next_month)
            )
        ),
        "from": str(row.month),
        "to": str(next_month - timedelta(days=1)),
        "dated_on": str(row.published_on),
    }


def _monthly_figures(charter: Charter, begin: datetime, end: datetime) -> Iterator[dict[str, Any]]:
    reviews = list(_review_dates(charter))
    days_taken = [
        (clock.local_date(decided) - clock.local_date(submitted)).days
        for submitted, decided in reviews
        if decided and begin <= decided < end
    ]
    if days_taken:
        yield _figure_row("Days from sending to publication, median", median(days_taken), "days")
    waiting = [
        submitted
        for submitted, decided in reviews
        if submitted < end and not (decided and decided < end)
    ]
    last_day = clock.local_date(end) - timedelta(days=1)
    late_reviews = [
        submitted
        for submitted in waiting
        if working_days.working_days_after(clock.local_date(submitted), LONGEST_REVIEW_WORKING_DAYS)
        < last_day
    ]
    yield _figure_row(
        "Reviews overdue at the end of the month", len(late_reviews), Unit.COUNT, total=len(waiting)
    )
    requests = Message.objects.filter(
        reminders__period__commitment__signatory__charter=charter,
        state=MessageState.SENT,
        finished_at__gte=begin,
        finished_at__lt=end,
    )
    yield _figure_row("Reminders sent", requests.distinct().count(), Unit.COUNT)
    corrections = Entry.objects.filter(
        action=Entry.Action.CORRECT, at__gte=begin, at__lt=end, key__in=_keys_of(charter)
    )
    yield _figure_row("Corrections made", corrections.count(), Unit.COUNT)


def _keys_of(charter: Charter) -> QuerySet[Record, Any]:
    """Return the keys of a charter's public records, for a subquery."""
    own = Record.objects.filter(charter=charter.key).values("key")
    parts = Q(theme__in=own) | Q(signatory__in=own) | Q(commitment__in=own)
    return Record.objects.filter(Q(key=charter.key) | Q(charter=charter.key) | parts).values("key")


def _review_dates(charter: Charter) -> Iterator[tuple[datetime, datetime | None]]:
    """Yield when each commitment, change, update and success was submitted and published.

    Returned submissions are left out, because they await their author.
    """
    by_commitment = {"commitment__signatory__charter": charter}
    for model, charter_filter in [
        (Commitment, {"signatory__charter": charter}),
        (Change, by_commitment),
        (ProgressUpdate, by_commitment),
        (Success, {"signatory__charter": charter}),
    ]:
        submissions: Any = model._default_manager.filter(
            submitted_at__isnull=False, **charter_filter
        )
        awaiting_review = submissions.filter(status="submitted")
        published = submissions.filter(published_at__gte=F("submitted_at"))
        yield from (awaiting_review | published).values_list("submitted_at", "published_at")


def _figure_row(name: str, value: float, unit: str, total: int = 0) -> dict[str, Any]:
    return {"name": name, "value": f"{value:g}", "unit": unit, "of": str(total) if total else None}
