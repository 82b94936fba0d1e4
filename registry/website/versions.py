"""The page of all versions of a record: what changed in each, when, and why."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from registry import clock
from registry.log.as_of import Moment
from registry.models import Entry, Record
from registry.schema import kinds
from registry.website.record_pages import RecordPage, record_fields
from registry.wording import differences, timeline
from registry.wording.weakenings import weakened_text


@dataclass(frozen=True)
class Version:
    number: int
    entry: int
    on: date
    action: str
    reason: str
    weakened: str  # "Weakened: target lowered from 20 to 16 people"
    is_redacted: bool
    changes: list[differences.Difference]
    page: str  # The address of the record's page as of this version; "" if it has none.
    data: str


@dataclass(frozen=True)
class VersionsPage(RecordPage):
    title: str
    page: str
    data: str
    versions: list[Version]  # The newest first.


def _weakened_text(record: Record, number: int, item: dict[str, Any] | None) -> str:
    ways = [way for way in record.weakenings if way["entry"] == number]
    return weakened_text(ways, item) if ways and item else ""


def build_versions_page(record: Record) -> VersionsPage:
    """Return the versions of a record, redacted ones included. One query."""
    spec = kinds.KINDS[record.kind]
    page = reverse(f"website:{record.kind}", args=[record.key]) if spec.has_page else ""
    data = f"/api/v1/{spec.plural}/{record.key}/versions"
    entries = Entry.objects.filter(key=record.key).exclude(action=Entry.Action.REDACT)
    versions: list[Version] = []
    before = None
    for number, entry in enumerate(entries.order_by("number"), start=1):
        item = timeline.entry_content(entry)
        on = clock.local_date(entry.at)
        versions.append(
            Version(
                number=number,
                entry=entry.number,
                on=on,
                action=str(entry.get_action_display()),
                reason=(item or {}).get("change_reason") or "",
                weakened=_weakened_text(record, entry.number, item),
                is_redacted=item is None,
                changes=differences.item_differences(record.kind, before, item)
                if before and item
                else [],
                page=f"{page}?{Moment(entry.number, on).query}" if page else "",
                data=f"{data}/{number}",
            )
        )
        before = item or before
    return VersionsPage(
        **record_fields(record),
        title=record.name or record.key,
        page=page,
        data=data,
        versions=versions[::-1],
    )
