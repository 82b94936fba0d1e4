"""Read what the page of a commitment is built from: its public state, or a preview of acts."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from registry.log import as_of, folding, publishing
from registry.log.unpublished import measure_keys, unpublished_entries
from registry.models import Entry, Record
from registry.schema import kinds
from registry.website import notices
from registry.website.commitment_blocks import build_page
from registry.website.commitment_page import CommitmentPage

Item = dict[str, Any]
TIMELINE_KINDS = [spec.name for spec in kinds.KINDS.values() if spec.in_timeline]


def public_page(record: Record, today: date) -> CommitmentPage:
    """Return the page of a commitment. Three queries, or four if it is met."""
    record.set_states(today)
    related = list(_related_records(record, today))
    entries = _timeline_entries([record, *related])
    page = build_page(record, related, entries, today)
    return replace(page, featured=notices.featured_notice(record.key))


def preview_page(acts: Sequence[publishing.NewEntry], *, key: str, today: date) -> CommitmentPage:
    """Return the page of a commitment as if these acts were published now.

    The acts are appended to the log's entries in memory and folded like them.
    """
    entries_to_come = unpublished_entries(acts)
    record = Record.objects.filter(pk=key).first()
    public = record.item if record and record.item else {}
    content = next((act.content for act in acts if act.key == key), public)
    parents = [content[name] for name in kinds.commitment_parents() if name in content]
    about = as_of.records_about(key, content["signatory"])
    related_keys = about.values_list("key", flat=True)
    keys = {key, *parents, *related_keys, *(entry.key for entry in entries_to_come)}
    keys |= measure_keys(key)
    entries = [*Entry.objects.filter(key__in=keys).order_by("number"), *entries_to_come]
    records = folding.fold(entries)
    record = records.pop(key)
    record.set_states(today)
    for other in records.values():
        other.set_states(today)
    related = [other for other in records.values() if other.item is not None]
    timeline_entries = [entry for entry in entries if entry.kind in TIMELINE_KINDS]
    return build_page(record, related, timeline_entries, today)


def _related_records(record: Record, today: date) -> Iterable[Record]:
    parents = [getattr(record, name) for name in kinds.commitment_parents()]
    rows = as_of.records_about(record.key, record.signatory) | Record.objects.filter(
        key__in=[key for key in parents if key]
    )
    return rows.exclude(status=Record.Status.WITHDRAWN, kind="success").with_state(today)


def _timeline_entries(records: Sequence[Record]) -> list[Entry]:
    timeline_keys = [record.key for record in records if record.kind in TIMELINE_KINDS]
    return list(Entry.objects.filter(key__in=timeline_keys).order_by("number"))
