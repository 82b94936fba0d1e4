"""Who did what: the search for administrators, one act, one record, and a business's own."""

from collections.abc import Iterable, Iterator
from itertools import islice

from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from charter import activity
from charter.actions import corrections
from charter.forms.activity import ActivitySearchForm
from charter.models import Act
from charter.views.access import SignedInRequest, member_required, staff_required
from charter.views.paging import page_context
from registry.open_data.csv_cells import csv_lines

SECTION = {"section": "activity"}
CSV_COLUMNS = (
    *("number", "at", "who", "act", "what_they_did"),
    *("object", "key", "person", "organisation", "changes"),
)
BATCH = 500


@staff_required("activity.read")
@require_safe
def activity_search(request: SignedInRequest) -> HttpResponse:
    """Search the acts of everyone, newest first."""
    form = ActivitySearchForm(request.GET or None)
    page = page_context(request, _found_acts(request, form).order_by("-number"))
    context = {
        "form": form,
        "page": page,
        "lines": activity.describe_acts(page["rows"]),
        "query": request.GET.urlencode(),
    }
    return render(request, "council/activity.html", context | SECTION)


@staff_required("activity.read")
@require_safe
def activity_csv(request: SignedInRequest) -> HttpResponse:
    """Download the acts that the search finds, oldest first."""
    acts = _found_acts(request, ActivitySearchForm(request.GET or None)).order_by("number")
    return StreamingHttpResponse(  # type: ignore[return-value]
        csv_lines(_csv_rows(acts.iterator(chunk_size=BATCH))),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="activity.csv"'},
    )


@staff_required("activity.read")
@require_safe
def act_detail(request: SignedInRequest, number: int) -> HttpResponse:
    """Show one act with every object it touched, before and after."""
    act = get_object_or_404(activity.acts_for_staff(request.user), number=number)
    [line] = activity.describe_acts([act])
    return render(request, "council/act.html", {"line": line} | SECTION)


@staff_required("desk.read")
@require_safe
def record_activity(request: SignedInRequest, key: str) -> HttpResponse:
    """List the acts on one record, for all staff."""
    acts = activity.search_acts(activity.acts_for_staff(request.user), key=key)
    page = page_context(request, acts.order_by("-number"))
    context = {
        "key": key,
        "may_correct": corrections.may_correct(request.user, key),
        "page": page,
        "lines": activity.describe_acts(page["rows"]),
    }
    return render(request, "council/record_activity.html", context | SECTION)


@member_required("business.read")
@require_safe
def own_activity(request: SignedInRequest) -> HttpResponse:
    """List the acts on the user's own organisations."""
    page = page_context(request, activity.acts_for_member(request.user).order_by("-number"))
    lines = activity.describe_for_member(page["rows"], request.user)
    return render(request, "charter/activity.html", {"page": page, "lines": lines} | SECTION)


def _found_acts(request: SignedInRequest, form: ActivitySearchForm) -> QuerySet[Act]:
    acts = activity.acts_for_staff(request.user)
    return activity.search_acts(acts, **form.cleaned_data) if form.is_valid() else acts


def _csv_rows(acts: Iterable[Act]) -> Iterator[tuple[object, ...]]:
    """Yield the heading and a row for each object of each act."""
    yield CSV_COLUMNS
    for line in (line for batch in _batches(acts) for line in activity.describe_acts(batch)):
        moment = line.act.at.isoformat(timespec="seconds")
        for item in line.items:
            changes = "; ".join(f"{c.name}: {c.before} → {c.after}" for c in item.changes)
            about = (item.noun, item.key, item.person, item.organisation or "", changes)
            yield (line.act.number, moment, line.who, line.act.verb, line.did, *about)


def _batches(acts: Iterable[Act]) -> Iterator[list[Act]]:
    """Yield acts in lists of at most BATCH."""
    remaining = iter(acts)
    while batch := list(islice(remaining, BATCH)):
        yield batch
