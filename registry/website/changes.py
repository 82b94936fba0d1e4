"""What changed, by day, newest first: the log in words."""

from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.db.models import Exists, F, JSONField, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.http import QueryDict
from django.urls import reverse

from registry import clock, codelists
from registry.models import REACHED, Entry, Record
from registry.website import differences, lists, timeline

Item = dict[str, Any]
ROWS = 50
KINDS = ("signatory", "commitment", "update", "success", "notice")
NEW = {
    "signatory": "New signatory",
    "commitment": "New promise",
    "success": "Success told",
    "letter": "Letter of the council",
    "featured": "Example to copy",
    "figures": "Figures of the council",
}
ACTIONS = {
    "publish": "Published",
    "amend": "Changed",
    "correct": "Corrected",
    "confirm": "Confirmed: nothing has changed",
    "close": "Closed",
    "withdraw": "Withdrawn",
    "redact": "Redacted",
}


@dataclass
class Change:
    """One entry in words, and where to read on."""

    number: int
    key: str
    on: date
    kind: str
    action: str
    title: str
    signatory: str
    href: str
    reason: str = ""
    weakened: bool = False
    changes: list[differences.Difference] = field(default_factory=list)


SHOWN = {
    "new": "New promises and signatories",
    "updates": "Updates and successes",
    "backed": "Checks and confirmations",
    "letters": "Letters of the council",
    "moved": "Moved due dates",
    "weakened": "Weakened promises",
    "withdrawn": "Withdrawn promises",
    "overdue": "Became overdue",
    "corrected": "Corrections",
    "redacted": "Redactions",
}


def listed(query: QueryDict, today: date) -> dict[str, Any]:
    """Return a page of changes of one sort or of all, grouped by day."""
    before = query.get("before", "")
    number = int(before) if before.isdecimal() and len(before) < 16 else None
    show = query.get("show", "") if query.get("show", "") in SHOWN else ""
    kept = {"show": show} if show else {}
    following = ""
    if show == "overdue":
        told = became_overdue(today)
    else:
        found = _of(show)
        if number is not None:
            found = found.filter(number__lt=number)
        entries = list(found[: ROWS + 1])
        told = in_words(entries[:ROWS])
        if len(entries) > ROWS:
            following = _address(kept | {"before": entries[ROWS - 1].number})
    return {
        "days": [
            (day, list(changes)) for day, changes in groupby(told, key=lambda change: change.on)
        ],
        "show": show,
        "shows": [(code, text, _address({"show": code})) for code, text in SHOWN.items()],
        "next": following,
        "first": _address(kept) if number is not None else "",
    }


def _address(query: dict[str, Any]) -> str:
    return (
        f"{reverse('website:changes')}?{urlencode(query)}" if query else reverse("website:changes")
    )


def _of(show: str) -> QuerySet[Entry]:
    """Return the entries of one sort."""
    found = notable()
    if show == "new":
        return found.filter(action=Entry.Action.PUBLISH, kind__in=["commitment", "signatory"])
    if show == "updates":
        return found.filter(_first(), action=Entry.Action.PUBLISH, kind__in=["update", "success"])
    if show == "backed":
        return found.filter(~_first(), action=Entry.Action.PUBLISH, kind="update")
    if show == "letters":
        return found.filter(kind="notice", item__contains='"type":"letter"')
    if show == "moved":
        return found.filter(kind="period")
    if show == "weakened":
        weakened = Record.objects.of_kind("commitment").exclude(weakenings=[])
        numbers = {
            way["entry"] for ways in weakened.values_list("weakenings", flat=True) for way in ways
        }
        return found.filter(number__in=numbers)
    action = {
        "withdrawn": Entry.Action.WITHDRAW,
        "corrected": Entry.Action.CORRECT,
        "redacted": Entry.Action.REDACT,
    }.get(show)
    return found.filter(action=action) if action else found


def became_overdue(until: date, after: date = date.min) -> list[Change]:
    """Return the promises whose answer became overdue, newest first. Three queries.

    No entry tells it: it follows from the dates, by the published rule.
    """
    late = Q(received__isnull=True) | Q(received__gte=F("overdue_on"))
    periods = list(
        Record.objects.of_kind("period")
        .filter(
            late,
            REACHED,
            overdue_on__gt=after,
            overdue_on__lte=until,
            asked_on__isnull=False,
            item__excused_reason__isnull=True,
        )
        .order_by("-overdue_on", "key")[:ROWS]
    )
    promises = Record.objects.readable().in_bulk([period.commitment for period in periods])
    known = lists.names(promise.signatory for promise in promises.values())
    return [
        Change(
            number=0,
            key=period.commitment,
            on=period.overdue_on,
            kind="period",
            action="Answered later" if period.received else "Not answered yet",
            title=promises[period.commitment].name or period.commitment,
            signatory=known.get(promises[period.commitment].signatory, ""),
            href=reverse("website:commitment", args=[period.commitment]) + "#periods",
        )
        for period in periods
        if period.overdue_on and period.commitment in promises
    ]


def notable() -> QuerySet[Entry]:
    """Return the entries that tell readers something, newest first.

    Routine facts are left out: a period that began, a standing reached, and the update that only
    says that nothing has changed, which the confirmation of its commitment tells.
    """
    told = Q(kind__in=KINDS) & (~Q(action=Entry.Action.PUBLISH) | _first())
    moved = Q(kind="period", action=Entry.Action.AMEND)
    answered = Q(kind="notice", item__contains='"answer":"')
    return (
        _with_answers()
        .filter(told | moved | answered | _backed())
        .exclude(kind="update", item__contains='"nothing_changed":true')
        .order_by("-number")
    )


def _first() -> Exists:
    return Exists(Record.objects.filter(key=OuterRef("key"), first_entry=OuterRef("number")))


def _backed() -> Q:
    """Match updates published anew with a check, or with an answer of those who were helped."""
    versions: Any = _with_answers()
    earlier = versions.filter(key=OuterRef("key"), number__lt=OuterRef("number"))
    checked = Q(item__contains='"check":{') & ~Exists(earlier.filter(item__contains='"check":{'))
    told = Q(item__contains='"confirmations":[') & ~Exists(earlier.filter(said=OuterRef("said")))
    return Q(kind="update", action=Entry.Action.PUBLISH) & (checked | told)


def _with_answers() -> QuerySet[Entry]:
    """Annotate entries with `said`, the confirmations in their item."""
    return Entry.objects.alias(content=Cast("item", JSONField())).alias(
        said=KT("content__confirmations")
    )


def in_words(entries: list[Entry]) -> list[Change]:
    """Return entries in words. Three queries, however many there are."""
    records = Record.objects.in_bulk([entry.key for entry in entries])
    records |= Record.objects.in_bulk({_about(r) for r in records.values()} - set(records))
    known = lists.names(record.signatory for record in records.values())
    changed = [
        entry.key
        for entry in entries
        if entry.action in (Entry.Action.AMEND, Entry.Action.CORRECT)
        or entry.action == Entry.Action.PUBLISH
        and entry.number != records[entry.key].first_entry
    ]
    versions = (
        Entry.objects.filter(key__in=changed).exclude(action=Entry.Action.REDACT).order_by("number")
    )
    earlier: dict[int, Entry] = {}
    latest: dict[str, Entry] = {}
    for version in versions:
        if version.key in latest:
            earlier[version.number] = latest[version.key]
        latest[version.key] = version
    return [_change(entry, records, known, earlier.get(entry.number)) for entry in entries]


def _about(record: Record) -> str:
    """Return the key of what a record is about: a promise, or what the council speaks of."""
    item = record.item or {}
    told_of: list[str] = item.get("commitments", []) if record.kind == "success" else []
    spoken_of: str = item.get("about", "") if record.kind == "notice" else ""
    return record.commitment or spoken_of or (told_of[0] if told_of else "")


def _change(
    entry: Entry, records: dict[str, Record], known: dict[str, str], earlier: Entry | None
) -> Change:
    record = records[entry.key]
    about = records.get(_about(record))
    firm = known.get(record.signatory or (about.signatory if about else "") or "", "")
    before = timeline.read(earlier) if earlier else None
    after = timeline.read(entry)
    content = after or {}
    name = about.name if about else ""
    title = content.get("title") or record.name or name or entry.key
    if entry.kind == "update":
        title = f"Update on “{title}”"
    elif entry.kind == "notice" and name:
        title = f"{title}: “{name}”"
    change = Change(
        number=entry.number,
        key=entry.key,
        on=clock.local_date(entry.at),
        kind=entry.kind,
        action=_label(entry, after, before, firm),
        title=title,
        signatory=firm,
        href=_read_on(record, about),
        reason=content.get("change_reason") or "",
        weakened=any(way["entry"] == entry.number for way in record.weakenings),
    )
    if before and after:
        change.changes = differences.between(entry.kind, before, after)
    return change


def _label(entry: Entry, after: Item | None, before: Item | None, firm: str) -> str:
    """Return what kind of change an entry is."""
    if entry.kind == "period":
        return "Due date moved"
    if entry.action != Entry.Action.PUBLISH or after is None:
        return ACTIONS[entry.action]
    if entry.kind == "update" and before is None:
        return f"Update: {codelists.DELIVERY[after['self_assessment']].lower()}"
    if entry.kind == "update":
        return timeline.backing(after, before or {}, firm) or ACTIONS[entry.action]
    if entry.kind == "notice" and before is not None:
        return "Letter answered"
    return NEW[after["type"] if entry.kind == "notice" else entry.kind]


def _read_on(record: Record, about: Record | None) -> str:
    """Return where a change is read: on its own page, or at its place on its commitment's."""
    if record.kind == "period":
        return reverse("website:commitment", args=[record.commitment]) + "#periods"
    if record.kind in ("signatory", "commitment", "success"):
        return reverse(f"website:{record.kind}", args=[record.key])
    if about is not None and about.kind == "commitment":
        return f"{reverse('website:commitment', args=[about.key])}#{record.key}"
    return reverse("website:identifier", args=[record.key])
