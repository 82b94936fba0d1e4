"""Late updates: the oldest first, and members whose emails bounce."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.contrib import messages
from django.db.models import Max, Min, Q, Window
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from charter.mail import bounces
from charter.models import Announcement, Commitment, Membership, Signatory, Theme, User
from charter.models.people import own_organisation_ids
from charter.views.access import SignedInRequest, staff_required
from charter.views.paging import page_context
from charter.workflow import MessageState
from registry import clock
from registry.schema.code_lists import Size
from reporting.actions import letters
from reporting.lost_addresses import list_lost_addresses
from reporting.models import ReportingPeriod
from reporting.models.periods import ReportingPeriodQuerySet
from reporting.reminders import steps as reminder_steps
from reporting.reminders.announcements import (
    ComingSentence,
    coming_sentences,
    sent_announcements,
)
from reporting.reminders.recipients import Recipients
from reporting.requests import note_requests

REMINDER_MESSAGE = "commitment__periods__reminders__message"
SENT_FILTER = Q(**{f"{REMINDER_MESSAGE}__state": MessageState.SENT})


@dataclass(frozen=True)
class LateUpdate:
    """A row of the list."""

    period: ReportingPeriod
    days: int
    stage: reminder_steps.Stage
    unreachable_since: date | None
    contact: Membership | None
    asked_on: date | None
    coming: list[ComingSentence]
    announced: list[Announcement]

    @property
    def signatory(self) -> Signatory:
        return self.period.commitment.signatory


@staff_required("desk.read")
@require_safe
def late_updates(request: SignedInRequest) -> HttpResponse:
    by, today = request.user, clock.today()
    choices = _filter_choices(by)
    values = {name: request.GET.get(name, "") for name in choices}
    filters = {name: value for name, value in values.items() if value in dict(choices[name])}
    owed_periods = (
        _filter_periods(ReportingPeriod.objects.for_staff(by).oldest_owed(), filters)
        .of_open_commitments()
        .not_paused(today)
        .filter(due_on__lt=today)
        .select_related("commitment__signatory__charter", "commitment__signatory__organisation")
        .prefetch_related("contact_attempts")
        .annotate(
            asked_at=Max(f"{REMINDER_MESSAGE}__finished_at", filter=SENT_FILTER),
            since=Window(Min("due_on"), partition_by="commitment__signatory"),
        )
        .order_by("since", "commitment__signatory", "due_on", "pk")
    )
    late_page = page_context(request, owed_periods)
    periods = note_requests(late_page["rows"])
    recipients, announced = Recipients(periods), sent_announcements(periods)
    rows = [
        _late_update(period, recipients.get_owner(period), announced[period.key], today)
        for period in periods
    ]
    late_page["signatories"] = _rows_by_signatory(rows)
    ownerless_signatories = (
        Signatory.objects.for_staff(by).without_owner().select_related("organisation")
    )
    context: dict[str, Any] = {
        "section": "behind",
        "late": late_page,
        "lost_addresses": list_lost_addresses(by),
        "ownerless": ownerless_signatories,
        "own_organisations": own_organisation_ids(by),
    }
    context["silent"] = _letters_by_signatory(
        _filter_periods(letters.periods_without_letter(today).for_staff(by), filters)
    )
    context |= {"choices": choices, "values": values, "is_filtered": bool(filters)}
    return render(request, "council/late_updates.html", context)


def _filter_choices(by: User) -> dict[str, list[tuple[str, str]]]:
    """Return the choices of each filter by its name."""
    commitments = Commitment.objects.for_staff(by).open().exclude(contracts=[])
    contracts = commitments.values_list("contracts", flat=True)
    departments = {
        contract.get("department")
        for commitment_contracts in contracts
        for contract in commitment_contracts
    }
    return {
        "theme": Theme.objects.for_staff(by).labels(),
        "department": [(name, name) for name in sorted(filter(None, departments))],
        "size": list(Size.choices),
    }


def _filter_periods(
    periods: ReportingPeriodQuerySet, filters: dict[str, str]
) -> ReportingPeriodQuerySet:
    """Filter by the commitment's theme, a contract's department and organisation size."""
    if theme := filters.get("theme"):
        periods = periods.filter(commitment__theme__key=theme)
    if department := filters.get("department"):
        periods = periods.filter(commitment__contracts__contains=[{"department": department}])
    if size := filters.get("size"):
        periods = periods.filter(commitment__signatory__organisation__size=size)
    return periods


def _letters_by_signatory(periods: ReportingPeriodQuerySet) -> list[dict[str, Any]]:
    """Return the letters to publish grouped by signatory, longest silent first."""
    periods_by_signatory: dict[Signatory, list[ReportingPeriod]] = defaultdict(list)
    for period in periods:
        periods_by_signatory[period.commitment.signatory].append(period)
    return [
        {"signatory": signatory, "periods": signatory_periods}
        for signatory, signatory_periods in periods_by_signatory.items()
    ]


def _rows_by_signatory(rows: list[LateUpdate]) -> list[dict[str, Any]]:
    """Return the rows grouped by signatory, with the people to call."""
    return [
        {
            "signatory": signatory,
            "contacts": list(dict.fromkeys(row.contact for row in signatory_rows if row.contact)),
            "rows": signatory_rows,
        }
        for signatory, group in groupby(rows, key=attrgetter("signatory"))
        for signatory_rows in [list(group)]
    ]


@staff_required("mailbox.mark_working")
@require_POST
def mark_mailbox_working(request: SignedInRequest, membership: int) -> HttpResponse:
    """Mark a mailbox as working."""
    member = get_object_or_404(Membership.objects.for_staff(request.user), pk=membership)
    bounces.clear_bounce(member, by=request.user)
    messages.success(request, f"Email goes to {member.user.email} again.")
    return redirect("council:late_updates")


def _late_update(
    period: ReportingPeriod,
    contact: Membership | None,
    announced: list[Announcement],
    today: date,
) -> LateUpdate:
    absence = period.commitment.signatory.absence
    asked_days = [
        *(clock.local_date(at) for at in [getattr(period, "asked_at", None)] if at),
        *(attempt.made_on for attempt in period.contact_attempts.all()),
    ]
    return LateUpdate(
        period=period,
        days=(today - period.due_on).days,
        stage=reminder_steps.stage_on(period, today),
        unreachable_since=absence.unreachable_since if absence.is_unreachable(today) else None,
        contact=contact,
        asked_on=max(asked_days, default=None),
        coming=coming_sentences(period, today) if period.requested_on else [],
        announced=announced,
    )
