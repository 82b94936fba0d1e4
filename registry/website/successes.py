"""Successes: the list with its filters, and the pages of one success and of one update."""

from datetime import date
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from registry import codelists, kinds, places
from registry.filters import SuccessFilter
from registry.models import Record
from registry.website import lists, notices, sentences, words

ROWS = 10


def listed(query: QueryDict) -> dict[str, Any]:
    """Return the successes that fit a query, newest first. Four queries."""
    filters = SuccessFilter(query, queryset=Record.objects.of_kind("success").live())
    filters.is_valid()
    found = filters.qs
    total = found.count()
    before = query.get("before", "")
    if before.isdecimal() and len(before) < 16:
        found = found.filter(first_entry__lt=int(before))
    rows = list(found.order_by("-first_entry")[: ROWS + 1])
    choices = lists.choices()
    known = {key: name for options in choices.values() for key, name in options}
    chosen = {
        name: value for name, value in filters.form.cleaned_data.items() if value and name in query
    }
    page = lists.Page(query, reverse("website:successes"), SuccessFilter)
    return {
        "rows": [lists.story(row, known) for row in rows[:ROWS]],
        "sentence": f"{words.counted(total, 'success', 'successes')}."
        if total
        else "No success fits."
        if chosen
        else "None told yet.",
        "chosen": list(page.chosen(chosen, known)),
        "values": lists.values(chosen),
        "choices": {
            **choices,
            "area": places.choices(),
            "size": codelists.SIZES.items(),
            "level_of_proof": codelists.LEVELS_OF_PROOF.items(),
        },
        "next": page.address(before=str(rows[ROWS - 1].first_entry)) if len(rows) > ROWS else "",
        "first": page.address() if "before" in query else "",
    }


def success(key: str, today: date) -> dict[str, Any] | None:
    """Return what is public about a success, or None for an unknown key. Four queries."""
    record = Record.objects.of_kind("success").filter(pk=key).first()
    if record is None:
        return None
    page = lists.foot(record)
    if record.item is None:
        return page
    promises = list(
        Record.objects.readable().with_reporting(today).filter(key__in=record.item["commitments"])
    )
    known = lists.names([record.signatory, *(promise.theme for promise in promises)])
    known |= {promise.signatory: known.get(record.signatory, "") for promise in promises}
    return (
        page
        | lists.story(record, known)
        | {
            "withdrawn": record.status == Record.Status.WITHDRAWN,
            "told_on": record.published_at,
            "rows": [lists.row(promise, known) for promise in promises],
            "met": next((p.key for p in promises if p.delivery == "met"), ""),
            "example": notices.example_of(key),
        }
    )


def update(key: str, today: date) -> dict[str, Any] | None:
    """Return what is public about an update, or None for an unknown key. Three queries."""
    record = Record.objects.of_kind("update").filter(pk=key).first()
    if record is None:
        return None
    page = lists.foot(record)
    if record.item is None:
        return page
    item = kinds.typed("update", record.item)
    promise = Record.objects.with_reporting(today).get(pk=item["commitment"])
    parents = Record.objects.in_bulk([key for key in (promise.signatory, promise.measure) if key])
    signatory, measure = parents.get(promise.signatory), parents.get(promise.measure)
    promised = kinds.typed("commitment", promise.item) if promise.item else {}
    direction = (measure.item or {}).get("direction") if measure else None
    return (
        page
        | item
        | {
            "withdrawn": record.status == Record.Status.WITHDRAWN,
            "starts_on": item["from"],
            "title": promise.name or promise.key,
            "signatory": signatory.name if signatory else "",
            "signatory_key": promise.signatory,
            "planned_evidence": promised["planned_evidence"]["text"] if promised else "",
            "figure": sentences.to_date(item, promised, direction)
            if item["cumulative_value"] is not None and promised
            else "",
        }
    )
