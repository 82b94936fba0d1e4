"""The first page: what this is, how it stands, what is new, who was not heard from."""

from collections import Counter
from datetime import date
from typing import Any

from django.db.models import Count, F

from registry import kinds, places
from registry.models import Record
from registry.website import changes, lists, sentences, words

# In the order of the sentence: from heard to not heard.
STATES = ("up_to_date", "due", "overdue", "silent", "unreachable", "paused")


def shown(today: date) -> dict[str, Any]:
    """Return what the first page shows. The number of queries is fixed."""
    promises = Record.objects.of_kind("commitment").readable().with_reporting(today)
    quiet = list(
        promises.filter(reporting__in=lists.BEHIND).order_by(F("open_due_on").asc(nulls_last=True), "key")[:5]
    )
    known = lists.names([key for promise in quiet for key in (promise.signatory, promise.theme)])
    charter = Record.objects.of_kind("charter").live().order_by("-first_entry").first()
    return {
        "charter": charter.name if charter else "",
        "rule": sentences.rule(charter.item) if charter and charter.item else "",
        "totals": totals(today),
        "successes": _successes(),
        "changes": changes.in_words(list(changes.notable()[:5])),
        "quiet": [lists.row(promise, known) for promise in quiet],
    }


def totals(today: date) -> list[str]:
    """Return the register in two sentences, each with its denominator and date. Two queries."""
    promises = Record.objects.of_kind("commitment").readable().with_reporting(today)
    counts: Counter[tuple[str, str]] = Counter()
    for status, reporting, count in promises.values_list("status", "reporting").annotate(Count("key")):
        counts[status, reporting] += count
    total = sum(counts.values())
    if not total:
        return ["No commitment has been published yet."]
    signatories = Record.objects.of_kind("signatory").live().count()
    told = [
        f"{words.counted(total, 'commitment')} by {words.counted(signatories, 'signatory', 'signatories')}."
    ]
    states = Counter({state: counts[Record.Status.LIVE, state] for state in STATES})
    if running := sum(states.values()):
        parts = [f"{states[state]:,} {kinds.REPORTING[state].lower()}" for state in STATES if states[state]]
        still = "is" if running == 1 else "are"
        told.append(f"{running:,} of them {still} still running: {words.joined(parts)} in reporting on {words.day(today)}.")
    return told


def _successes() -> list[dict[str, Any]]:
    """Return the three newest successes. Two queries."""
    newest = Record.objects.of_kind("success").live().order_by("-first_entry")[:3]
    rows = [row for row in newest if row.item]
    known = lists.names(row.signatory for row in rows)
    return [
        {
            **kinds.typed("success", row.item),
            "key": row.key,
            "signatory": known.get(row.signatory, ""),
            "place": words.joined([places.name(code) for code in row.item.get("area_codes", [])]),
            "commitment": row.item["commitments"][0],
        }
        for row in rows
    ]
