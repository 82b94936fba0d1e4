"""Who is behind: what was due and has not come, longest first, and whom we cannot reach."""

from dataclasses import dataclass
from datetime import date

from django.contrib import messages
from django.db.models import Max, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from charter.actions import bounces
from charter.models import Membership, Organisation, Signatory
from charter.views.access import SignedInRequest, council_required
from charter.views.paging import paged
from charter.workflow import MessageState
from registry import clock
from registry.website import words
from reporting import ladder
from reporting.actions import letters
from reporting.contacts import Contacts
from reporting.models import ReportingPeriod

REQUEST = "commitment__periods__reminders__message"
HANDED_OVER = Q(**{f"{REQUEST}__state": MessageState.SENT})


@dataclass(frozen=True)
class Behind:
    """A line of the list; `announcement` is what the public page will say, and from when."""

    period: ReportingPeriod
    days: int
    step: str
    contact: Membership | None
    asked_on: date | None
    announcement: str


@council_required
@require_safe
def behind(request: SignedInRequest) -> HttpResponse:
    today = clock.today()
    owed = (
        ReportingPeriod.objects.oldest_owed()
        .of_open_commitments()
        .not_paused(today)
        .filter(due_on__lt=today)
        .select_related("commitment__signatory__charter", "commitment__signatory__organisation")
        .annotate(asked_at=Max(f"{REQUEST}__finished_at", filter=HANDED_OVER))
        .order_by("due_on", "pk")
    )
    late = paged(request, owed)
    people = Contacts(late["rows"])
    late["rows"] = [_behind(period, people.owner(period), today) for period in late["rows"]]
    bounced = (
        Membership.objects.current()
        .exclude(bounced_at=None)
        .select_related("user", "organisation")
        .order_by("bounced_at")
    )
    ownerless = Signatory.objects.filter(
        left_on=None, organisation__in=Organisation.objects.without_owner()
    ).select_related("organisation")
    context = {"section": "behind", "late": late, "bounced": bounced, "ownerless": ownerless}
    context["silent"] = letters.to_write(today)
    return render(request, "council/behind.html", context)


@council_required
@require_POST
def reached(request: SignedInRequest, membership: int) -> HttpResponse:
    """Note that a mailbox works again, or that its owner was reached."""
    member = get_object_or_404(Membership, pk=membership)
    bounces.clear(member, by=request.user)
    messages.success(request, f"Mail goes to {member.user.email} again.")
    return redirect("council:behind")


def _behind(period: ReportingPeriod, contact: Membership | None, today: date) -> Behind:
    days = (today - period.due_on).days
    second = min(ladder.sponsor_steps(period), default=(period.overdue_on - period.due_on).days)
    announcement = ""
    if today >= period.silent_on:
        step = "Silent"
    elif today >= period.overdue_on:
        step = "Overdue: call, write, or mend the address"
        announcement = f"From {words.day(period.silent_on)} the public page will say “silent”."
    elif days >= second:
        step = "Second notice"
        announcement = f"From {words.day(period.overdue_on)} the public page will say “overdue”."
    else:
        step = "Due"
    asked_at = getattr(period, "asked_at", None)
    return Behind(
        period=period,
        days=days,
        step=step,
        contact=contact,
        asked_on=clock.local_date(asked_at) if asked_at else None,
        announcement=announcement,
    )
