"""Entries that are not published yet, folded with the log: for previews, and checks before it."""

import json
from collections.abc import Sequence
from typing import Any

from registry import clock
from registry.log import canonical, folding, publishing
from registry.models import Entry
from registry.schema import kinds


def unpublished_entries(acts: Sequence[publishing.NewEntry]) -> list[Entry]:
    """Return the acts as unsaved entries, numbered after the head of the log."""
    number = publishing.head().number
    return [
        Entry(
            number=number + position,
            at=clock.now().replace(microsecond=0),
            kind=act.kind,
            key=act.key,
            action=act.action,
            item=canonical.canonical(kinds.clean_item(act.kind, act.content)),
        )
        for position, act in enumerate(acts, start=1)
    ]


def measure_keys(key: str) -> set[str]:
    """Return the measures that any version of a commitment names, by which they are compared."""
    items = Entry.objects.filter(key=key).values_list("item", flat=True)
    measures = (json.loads(item or "{}").get("measure") for item in items)
    return {measure for measure in measures if measure}


def new_weakenings(act: publishing.NewEntry) -> list[dict[str, Any]]:
    """Return the weakenings that publishing a version of a commitment would add. Three queries."""
    [entry] = unpublished_entries([act])
    keys = {act.key, *measure_keys(act.key)}
    keys |= {measure for measure in [act.content["measure"]] if measure}
    entries = [*Entry.objects.filter(key__in=keys).order_by("number"), entry]
    weakenings = folding.fold(entries)[act.key].weakenings
    return [way for way in weakenings if way["entry"] == entry.number]
