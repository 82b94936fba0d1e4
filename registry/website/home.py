"""The first page: what this is, how it stands, what is new, who was not heard from."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Q
from django.urls import reverse

from registry import codelists
from registry.models import Record, RecordQuerySet
from registry.website import changes, lists, notices, sentences, words

# In the order of the sentence: from heard to not heard.
STATES = ("up_to_date", "due", "overdue", "silent", "unreachable", "paused")


def shown(today: date) -> dict[str, Any]:
    """Return what the first page shows. The number of queries is fixed."""
    promises = Record.objects.of_kind("commitment").readable().with_reporting(today)
    quiet = list(
        promises.filter(Q(reporting__in=lists.BEHIND)).order_by(
            F("open_due_on").asc(nulls_last=True), "key"
        )[:5]
    )
    known = lists.names([key for promise in quiet for key in (promise.signatory, promise.theme)])
    charter = Record.objects.of_kind("charter").live().order_by("-first_entry").first()
    return {
        "charter": charter.name if charter else "",
        "rule": sentences.rule(charter.item) if charter and charter.item else "",
        "totals": totals(today),
        "successes": _successes(),
        "examples": notices.examples()[:2],
        "changes": changes.in_words(list(changes.notable()[:5])),
        "quiet": [lists.row(promise, known) for promise in quiet],
        "quiet_address": f"{reverse('website:commitments')}?"
        + urlencode({"reporting": lists.BEHIND}, doseq=True),
    }


def totals(today: date) -> list[str]:
    """Return the register in two sentences, each with its denominator and date. Three queries."""
    promises = Record.objects.of_kind("commitment").readable().with_reporting(today)
    total = promises.count()
    if not total:
        return ["No commitment has been published yet."]
    signatories = Record.objects.of_kind("signatory").live().count()
    counted = (
        f"{words.counted(total, 'commitment')} "
        f"by {words.counted(signatories, 'signatory', 'signatories')}."
    )
    return [counted, running(promises, today)]


def running(promises: RecordQuerySet, today: date) -> str:
    """Return in a sentence whether those still running are heard of; the promises must carry
    `reporting`. One query.
    """
    counts = promises.aggregate(
        **{
            state: Count("key", filter=Q(status=Record.Status.LIVE, reporting=state))
            for state in STATES
        }
    )
    number = sum(counts.values())
    if not number:
        return "None of them is still running."
    parts = [
        f"{counts[state]:,} {codelists.REPORTING[state].lower()}"
        for state in STATES
        if counts[state]
    ]
    return (
        f"{number:,} of them {'is' if number == 1 else 'are'} still running: "
        f"{words.joined(parts)} in reporting on {words.day(today)}."
    )


def _successes() -> list[dict[str, Any]]:
    """Return the three newest successes. Two queries."""
    newest = Record.objects.of_kind("success").live().order_by("-first_entry")[:3]
    rows = list(newest)
    known = lists.names(row.signatory for row in rows)
    return [lists.story(row, known) for row in rows]
