"""Find notices: letters about commitments, replies of signatories, and featured records."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models.fields.json import KT

from registry.log import keys
from registry.models import Record
from registry.schema import kinds
from registry.schema.code_lists import NoticeType
from registry.website import rows
from registry.wording.standings import standing_note

MOST_FEATURED = 100


def notices_about(about: Iterable[str]) -> list[dict[str, Any]]:
    """Return the letters and replies about commitments and signatories, newest first. One query."""
    types = (NoticeType.LETTER, NoticeType.REPLY)
    notices = _live_notices().filter(about__in=list(about)).order_by("-first_entry")
    return [
        kinds.parse_item("notice", notice.item) | {"key": notice.key}
        for notice in notices
        if notice.item and notice.item["type"] in types
    ]


def reply_since(replies: Iterable[dict[str, Any]], since: date | str) -> dict[str, Any] | None:
    """Return the signatory's reply about itself that was sent on a day or later."""
    own = [reply for reply in replies if reply["period"] is None]
    return next((reply for reply in own if str(reply["dated_on"]) >= str(since)), None)


@dataclass(frozen=True)
class FeaturedRecord:
    """A commitment or success featured by the council, and the reason."""

    about: str
    title: str
    signatory: str
    why: str
    chosen_on: date
    standing: str  # "Signatory suspended since 5 November 2026", or "" for most.


def featured_records(**parents: str) -> list[FeaturedRecord]:
    """Return the featured records, newest first; `theme=key` or `measure=key` narrows them.

    Only the latest hundred of the register are among them. Four queries, or one while there are
    none.
    """
    latest = list(_featured_notices().order_by("-first_entry")[:MOST_FEATURED])
    notices = {
        notice.item["about"]: kinds.parse_item("notice", notice.item)
        for notice in reversed(latest)
        if notice.item
    }
    if not notices:
        return []
    current = Record.objects.readable().exclude(status=Record.Status.WITHDRAWN)
    records = current.in_bulk(notices)
    commitments = current.in_bulk(
        [key for record in records.values() for key in _commitment_keys(record)]
    )
    names = rows.record_names(record.signatory for record in records.values())
    return [
        FeaturedRecord(
            about=key,
            title=records[key].name or key,
            signatory=names.get(records[key].signatory or "", ""),
            why=notice["text"],
            chosen_on=notice["dated_on"],
            standing=_standing_of(records[key], commitments.values()),
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


def _standing_of(record: Record, commitments: Iterable[Record]) -> str:
    """Return that the signatory of a featured record is suspended or has left, or ""."""
    notes = [
        standing_note(commitment.signatory_standing, commitment.signatory_standing_since)
        for commitment in commitments
        if commitment.signatory == record.signatory
    ]
    return notes[0] if notes else ""


def featured_notice(key: str) -> dict[str, Any] | None:
    """Return the notice that features a commitment or success, or None. One query."""
    notices = _live_notices().filter(about=key).order_by("-first_entry")
    featured = (
        notice.item
        for notice in notices
        if notice.item and notice.item["type"] == NoticeType.FEATURED
    )
    item = next(featured, None)
    return kinds.parse_item("notice", item) if item else None


def featured_reasons(about: Collection[str]) -> dict[str, str]:
    """Return why the council features some of these records, by key. One query."""
    # The type is looked at here: its index would lead to all that are featured.
    found = _live_notices().filter(about__in=list(about)).order_by("first_entry")
    items = [notice.item for notice in found if notice.item]
    return {item["about"]: item["text"] for item in items if item["type"] == NoticeType.FEATURED}


def featured_successes(number: int) -> list[Record]:
    """Return the latest featured successes, newest first. Two queries.

    Only the latest hundred featured records of the register are among them.
    """
    latest = _featured_notices().order_by("-first_entry")[:MOST_FEATURED]
    about = dict.fromkeys(notice.item["about"] for notice in latest if notice.item)
    successes = [key for key in about if keys.kind_of(key) == "success"]
    found = Record.objects.live().in_bulk(successes)
    return [found[key] for key in successes if key in found][:number]


def _featured_notices() -> Any:
    return _live_notices().filter(type=NoticeType.FEATURED)


def _live_notices() -> Any:
    """Return the notices, found by what they are about or by type: each has an index."""
    notices = Record.objects.of_kind("notice").live()
    return notices.alias(about=KT("item__about"), type=KT("item__type"))


def _commitment_keys(record: Record) -> list[str]:
    """Return the key of a featured commitment, or the keys of a featured success's commitments."""
    return [record.key] if record.kind == "commitment" else (record.item or {})["commitments"]
