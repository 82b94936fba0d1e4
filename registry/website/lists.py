"""Lists of the register: rows by keyset, never by offset, and the names of what they refer to."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.http import QueryDict
from django.urls import reverse

from registry import kinds, places
from registry.filters import CommitmentFilter
from registry.models import Record, RecordQuerySet
from registry.website import differences, words

ROWS = 25
BEHIND = ("overdue", "silent", "unreachable")


@dataclass(frozen=True)
class Chosen:
    """A chosen filter in words, and the address of the list without it."""

    words: str
    without: str


def names(keys: Iterable[str | None]) -> dict[str, str]:
    """Return the names of records by key. One query."""
    wanted = {key for key in keys if key}
    return dict(Record.objects.filter(key__in=wanted).values_list("key", "name"))


def row(record: Record, known: Mapping[str, str]) -> dict[str, Any]:
    """Return a commitment as a row: promise, signatory, delivery, reporting, due."""
    item = kinds.typed("commitment", record.item or {})
    return {
        "key": record.key,
        "title": item["title"],
        "signatory": known.get(item["signatory"], ""),
        "theme": known.get(item["theme"], ""),
        "place": differences.area(item),
        "target": differences.target(item),
        "delivery": record.delivery,
        "reporting": record.reporting,
        "due": record.next_due_on if record.reporting == "up_to_date" else None,
        "weakened": bool(record.weakenings),
    }


def commitments(query: QueryDict, today: date) -> dict[str, Any]:
    """Return what the register list shows for a query; values that mean nothing are passed over."""
    everything = Record.objects.of_kind("commitment").readable().with_reporting(today)
    filters = CommitmentFilter(query, queryset=everything)
    filters.is_valid()
    found = filters.qs
    choices = _choices()
    known = {key: name for options in choices.values() for key, name in options}
    counts = found.aggregate(
        total=Count("key"),
        behind=Count("key", filter=Q(reporting__in=BEHIND)),
        weakened=Count("key", filter=~Q(weakenings=[])),
    )
    rows = list(_page(found, query)[: ROWS + 1])
    chosen = {
        name: value for name, value in filters.form.cleaned_data.items() if value and name in query
    }
    return {
        "rows": [row(record, known) for record in rows[:ROWS]],
        "sentence": count_sentence(counts),
        "chosen": list(_chosen(query, chosen, known)),
        "values": {
            name: value[0] if isinstance(value, list) else value for name, value in chosen.items()
        },
        "choices": {
            **choices,
            "area": places.choices(),
            "delivery": kinds.DELIVERY.items(),
            "reporting": kinds.REPORTING.items(),
        },
        "next": _address(query, before=str(rows[ROWS - 1].first_entry)) if len(rows) > ROWS else "",
        "first": _address(query) if "before" in query else "",
        "csv": _address(query, reverse("website:commitments_csv")),
    }


def count_sentence(counts: Mapping[str, int]) -> str:
    """Return "48 commitments, 6 of them not heard from in time, 2 weakened"."""
    if not counts["total"]:
        return "No commitment fits."
    parts = [words.counted(counts["total"], "commitment")]
    if counts["behind"]:
        parts.append(f"{counts['behind']:,} not heard from in time")
    if counts["weakened"]:
        parts.append(f"{counts['weakened']:,} weakened")
    return f"{', '.join(parts)}."


def _page(found: RecordQuerySet, query: QueryDict) -> RecordQuerySet:
    """Return the rows from a place in the list on, newest promises first."""
    before = query.get("before", "")
    if before.isdecimal() and len(before) < 16:
        found = found.filter(first_entry__lt=int(before))
    return found.order_by("-first_entry")


def _choices() -> dict[str, list[tuple[str, str]]]:
    """Return themes in the order of the charter and signatories by name. One query."""
    rows = Record.objects.filter(kind__in=["theme", "signatory"]).readable()
    found: dict[str, list[tuple[Any, str, str]]] = {"theme": [], "signatory": []}
    for kind, key, name, position in rows.values_list("kind", "key", "name", "item__position"):
        found[kind].append((position or 0, name, key))
    return {
        kind: [(key, name) for _, name, key in sorted(options)] for kind, options in found.items()
    }


def _chosen(
    query: QueryDict, chosen: Mapping[str, Any], known: Mapping[str, str]
) -> Iterable[Chosen]:
    """Yield each chosen value in words, with the address that takes it away."""
    for name, values in chosen.items():
        for value in values if isinstance(values, list) else [values]:
            rest = query.copy()
            rest.pop("before", None)
            rest.setlist(
                name, [v for v in query.getlist(name) if isinstance(values, list) and v != value]
            )
            yield Chosen(_in_words(name, value, known), _address(rest))


def _in_words(name: str, value: Any, known: Mapping[str, str]) -> str:
    if name == "q":
        return f"“{value}”"
    if name == "weakened":
        return "Weakened promises"
    if name == "area":
        return places.name(value)
    codes = {
        "delivery": kinds.DELIVERY,
        "reporting": kinds.REPORTING,
        "level_of_proof": kinds.LEVELS_OF_PROOF,
    }
    label = codes.get(name, known).get(value, value)
    return f"{name.capitalize()}: {label.lower()}" if name in ("delivery", "reporting") else label


def _address(query: QueryDict, path: str = "", **changes: str) -> str:
    """Return the address of a list with the filters of a query, without its place in it."""
    kept = query.copy()
    for parameter in list(kept):
        if parameter not in CommitmentFilter.base_filters or not any(kept.getlist(parameter)):
            del kept[parameter]
    for parameter, value in changes.items():
        kept[parameter] = value
    path = path or reverse("website:commitments")
    return f"{path}?{kept.urlencode()}" if kept else path
