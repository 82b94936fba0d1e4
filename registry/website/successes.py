"""Build the list of successes, and the pages of a success and of an update."""

from datetime import date
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from registry.models import Record
from registry.open_data.filters import SuccessFilter
from registry.reference_data import places
from registry.schema import code_lists, kinds
from registry.schema.code_lists import Delivery
from registry.website import notices, rows
from registry.wording import sentences
from registry.wording.formatting import count_noun

ROWS = 10


def success_list_context(query: QueryDict) -> dict[str, Any]:
    """Return the successes that match a query, newest first. Four queries."""
    filters = SuccessFilter(query, queryset=Record.objects.of_kind("success").live())
    filters.is_valid()
    matches = filters.qs
    total = matches.count()
    before = query.get("before", "")
    # A longer number would not fit the column.
    if before.isdecimal() and len(before) < 16:
        matches = matches.filter(first_entry__lt=int(before))
    records = list(matches.order_by("-first_entry")[: ROWS + 1])
    choices = rows.filter_choices()
    names = {key: name for options in choices.values() for key, name in options}
    selection = {
        name: value for name, value in filters.form.cleaned_data.items() if value and name in query
    }
    page = rows.FilteredList(query, reverse("website:successes"), SuccessFilter)
    return {
        "rows": [rows.success_row(row, names) for row in records[:ROWS]],
        "sentence": f"{count_noun(total, 'success', 'successes')}."
        if total
        else "No success fits."
        if selection
        else "No successes yet",
        "chosen": list(page.chosen_filters(selection, names)),
        "values": rows.control_values(filters, selection),
        "choices": {
            **choices,
            "area": places.grouped_choices(),
            "size": code_lists.Size.choices,
            "level_of_proof": code_lists.LevelOfProof.choices,
        },
        "next": page.list_url(before=str(records[ROWS - 1].first_entry))
        if len(records) > ROWS
        else "",
        "first": page.list_url() if "before" in query else "",
    }


def success_context(key: str, today: date) -> dict[str, Any] | rows.RemovedRecord | None:
    """Return the public page of a success, or None for an unknown key. Four queries."""
    record = Record.objects.of_kind("success").filter(pk=key).first()
    if record is None:
        return None
    page = rows.page_footer(record)
    if record.item is None:
        return rows.RemovedRecord(**page)
    commitments = list(
        Record.objects.readable().with_reporting(today).filter(key__in=record.item["commitments"])
    )
    names = rows.record_names([record.signatory, *(commitment.theme for commitment in commitments)])
    names |= {commitment.signatory: names.get(record.signatory, "") for commitment in commitments}
    return (
        page
        | rows.success_row(record, names)
        | {
            "withdrawn": record.status == Record.Status.WITHDRAWN,
            "published_at": record.published_at,
            "rows": [rows.commitment_row(commitment, names, today) for commitment in commitments],
            "met": next((row.key for row in commitments if row.delivery == Delivery.MET), ""),
            "featured": notices.featured_notice(key),
        }
    )


def update_context(key: str, today: date) -> dict[str, Any] | rows.RemovedRecord | None:
    """Return the public page of an update, or None for an unknown key. Three queries."""
    record = Record.objects.of_kind("update").filter(pk=key).first()
    if record is None:
        return None
    page = rows.page_footer(record)
    if record.item is None:
        return rows.RemovedRecord(**page)
    item = kinds.parse_item("update", record.item)
    commitment = Record.objects.with_reporting(today).get(pk=item["commitment"])
    parents = Record.objects.in_bulk(
        [key for key in (commitment.signatory, commitment.measure) if key]
    )
    signatory, measure = parents.get(commitment.signatory), parents.get(commitment.measure)
    commitment_item = kinds.parse_item("commitment", commitment.item) if commitment.item else {}
    direction = (measure.item or {}).get("direction") if measure else None
    return (
        page
        | item
        | {
            "withdrawn": record.status == Record.Status.WITHDRAWN,
            "starts_on": item["from"],
            "title": commitment.name or commitment.key,
            "signatory": signatory.name if signatory else "",
            "signatory_key": commitment.signatory,
            "planned_evidence": commitment_item["planned_evidence"]["text"]
            if commitment_item
            else "",
            "figure": sentences.figure_to_date(item, commitment_item, direction)
            if item["cumulative_value"] is not None and commitment_item
            else "",
        }
    )
