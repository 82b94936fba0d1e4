"""The council's own word, where it is read: letters beside the commitments that they are about, and
examples to copy.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models.fields.json import KT

from registry.models import Record, RecordQuerySet
from registry.schema import kinds
from registry.website import rows


def letters_about(about: Iterable[str]) -> list[dict[str, Any]]:
    """Return the letters about some commitments, newest first. One query."""
    notices = (
        Record.objects.of_kind("notice")
        .live()
        .annotate(about=KT("item__about"))
        .filter(item__type="letter", about__in=list(about))
        .order_by("-first_entry")
    )
    return [
        kinds.parse_item("notice", notice.item) | {"key": notice.key}
        for notice in notices
        if notice.item
    ]


@dataclass(frozen=True)
class FeaturedRecord:
    """A commitment or success that the council holds up, and its sentence on why."""

    about: str
    title: str
    signatory: str
    why: str
    chosen_on: date


def featured_records(**parents: str) -> list[FeaturedRecord]:
    """Return the examples of a theme or measure (`theme=key`), or all, newest first. Four queries,
    one while there are none.
    """
    notices = {
        notice.item["about"]: kinds.parse_item("notice", notice.item)
        for notice in _featured_notices().order_by("first_entry")
        if notice.item
    }
    if not notices:
        return []
    standing = Record.objects.readable().exclude(status=Record.Status.WITHDRAWN)
    records = standing.in_bulk(notices)
    commitments = standing.in_bulk(
        [key for record in records.values() for key in _commitment_keys(record)]
    )
    known = rows.record_names(record.signatory for record in records.values())
    return [
        FeaturedRecord(
            about=key,
            title=records[key].name or key,
            signatory=known.get(records[key].signatory or "", ""),
            why=notice["text"],
            chosen_on=notice["dated_on"],
        )
        for key, notice in reversed(notices.items())
        if key in records
        and any(
            all(
                getattr(commitments[commitment_key], name) == value
                for name, value in parents.items()
            )
            for commitment_key in _commitment_keys(records[key])
            if commitment_key in commitments
        )
    ]


def featured_notice(key: str) -> dict[str, Any] | None:
    """Return why the council holds a commitment or success up, or None. One query."""
    notice = _featured_notices().filter(item__about=key).order_by("first_entry").last()
    return kinds.parse_item("notice", notice.item) if notice and notice.item else None


def _featured_notices() -> RecordQuerySet:
    return Record.objects.of_kind("notice").live().filter(item__type="featured")


def _commitment_keys(record: Record) -> list[str]:
    """Return the commitments that an example is about: itself, or those that a success came of."""
    return [record.key] if record.kind == "commitment" else (record.item or {})["commitments"]
