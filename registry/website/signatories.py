"""Build the list of signatories, and the sentences on the commitments of one."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Value
from django.db.models.functions import Upper
from django.http import QueryDict
from django.urls import reverse

from registry.models import KindCount, Record, RecordQuerySet
from registry.open_data.filters import LONGEST_QUERY
from registry.open_data.search import search_condition
from registry.schema.code_lists import COUNTED_DELIVERIES, Reporting, Standing
from registry.website.delivery_counts import count_parts
from registry.website.facets import MOST_COUNTED
from registry.website.parameters import ParameterError
from registry.wording.formatting import count_noun, format_day
from registry.wording.standings import standing_note, unanswered_note

ROWS = 50


@dataclass(frozen=True)
class SignatoryRow:
    """A signatory in the list: its charter status, and a sentence on its commitments."""

    key: str
    name: str
    status: str
    sentence: str


@dataclass(frozen=True)
class StandingBlock:
    """What stands at the top of a suspended or former signatory; "" for all others."""

    note: str  # "Signatory suspended since 5 November 2026"
    reason: str
    plan: str  # What has to happen before it is reinstated.


@dataclass(frozen=True)
class SignatoryList:
    search: str
    total: str
    rows: list[SignatoryRow]
    next: str  # The address of the next page, or "".


def list_signatories(query: QueryDict, today: date) -> SignatoryList:
    """Return the signatories by name that match a search. At most five queries."""
    # PostgreSQL rejects text with a NUL character.
    text = query.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY]
    matches = Record.objects.of_kind("signatory").readable()
    if text:
        matches = matches.filter(search_condition(text))
    records = _signatories_after(matches, query.get("after", ""))
    commitments = _commitments_by_signatory(records[:ROWS], today)
    search = {"q": text} if text else {}
    next_query = search | {"after": records[ROWS - 1].key} if len(records) > ROWS else {}
    return SignatoryList(
        search=text,
        total=_count_text(matches, is_search=bool(text)),
        rows=[_signatory_row(record, commitments[record.key]) for record in records[:ROWS]],
        next=f"{reverse('website:signatories')}?{urlencode(next_query)}" if next_query else "",
    )


def _count_text(matches: RecordQuerySet, *, is_search: bool) -> str:
    """Return "12 signatories", or "At least 2,000 signatories" of a search. One query."""
    if not is_search:
        statuses = set(Record.Status.values) - {Record.Status.REDACTED}
        tags = [f"record_status:{status}" for status in statuses]
        return count_noun(KindCount.objects.total(["signatory"], tags), "signatory", "signatories")
    total = matches[:MOST_COUNTED].count()
    text = count_noun(total, "signatory", "signatories")
    return f"At least {text}" if total == MOST_COUNTED else text


def _signatories_after(matches: RecordQuerySet, after: str) -> list[Record]:
    """Return the signatories of a page by name, and one more: those after a key, or the first.

    The rest of those with its name come first, then what is after them: an index leads to each.
    """
    ordered = matches.alias(upper=Upper("name")).order_by("upper", "key")
    if not after:
        return list(ordered[: ROWS + 1])
    previous = Record.objects.of_kind("signatory").filter(pk=after).first()
    if previous is None:
        raise ParameterError("after", "This is no page of the list.")
    name = Upper(Value(previous.name or ""))
    namesakes = list(ordered.filter(upper=name, key__gt=previous.key)[: ROWS + 1])
    return [*namesakes, *ordered.filter(upper__gt=name)[: ROWS + 1 - len(namesakes)]]


def _commitments_by_signatory(
    signatories: Iterable[Record], today: date
) -> dict[str, list[Record]]:
    commitments = Record.objects.of_kind("commitment").readable().with_reporting(today)
    by_signatory: dict[str, list[Record]] = {signatory.key: [] for signatory in signatories}
    for commitment in commitments.filter(signatory__in=by_signatory).only(
        "signatory", "delivery", "status", "latest", "ended_on", "ended_unanswered"
    ):
        by_signatory[commitment.signatory].append(commitment)
    return by_signatory


def _signatory_row(record: Record, commitments: list[Record]) -> SignatoryRow:
    return SignatoryRow(
        key=record.key,
        name=record.name or record.key,
        status=Standing.label_of((record.item or {}).get("standing")),
        sentence=signatory_sentence(commitments),
    )


def delivery_sentence(commitments: list[Record]) -> str:
    """Return "7 commitments: 3 met, 2 on track, 2 not started" or "1 commitment: on track"."""
    counts = Counter(commitment.counted_delivery for commitment in commitments)
    if not commitments:
        return "No commitments yet"
    if len(commitments) == 1:
        return f"1 commitment: {COUNTED_DELIVERIES[commitments[0].counted_delivery].lower()}"
    return f"{len(commitments):,} commitments: {', '.join(count_parts(counts))}"


def signatory_sentence(commitments: list[Record]) -> str:
    """Return the summary of a signatory: delivery, reporting of open commitments, last reports."""
    notes = "".join(f" {note}." for note in reporting_notes(commitments))
    return f"{delivery_sentence(commitments)}.{notes}"


def reporting_notes(commitments: list[Record]) -> list[str]:
    """Return sentences on reporting, old reports and unanswered ends, each without a full stop."""
    states = Counter(
        commitment.reporting
        for commitment in commitments
        if commitment.status == Record.Status.LIVE
    )
    reporting = _reporting_sentence(states) if states else ""
    unanswered = unanswered_note(
        row.ended_on.year for row in commitments if row.ended_unanswered and row.ended_on
    )
    return list(filter(None, [reporting, _last_reports_sentence(commitments), unanswered]))


def _reporting_sentence(states: Counter[str]) -> str:
    """Return "2 updates overdue, 1 silent" or "1 update is overdue", without a full stop."""
    others = [Reporting.DUE, *Reporting.late_states(), Reporting.PAUSED]
    not_current = [state for state in others if states[state]]
    if not not_current:
        return "Reporting is up to date"
    [first, *others] = not_current
    of_commitment = (Reporting.UNREACHABLE, Reporting.NO_CONTACT, Reporting.PAUSED)
    noun = "commitment" if first in of_commitment else "update"
    adjectives = {state: state.label.lower() for state in not_current}
    adjectives[Reporting.NO_CONTACT] = "without contact"
    if not others and states[first] == 1:
        return f"1 {noun} is {adjectives[first]}"
    parts = [f"{count_noun(states[first], noun)} {adjectives[first]}"]
    return ", ".join(parts + [f"{states[state]:,} {adjectives[state]}" for state in others])


def _last_reports_sentence(commitments: list[Record]) -> str:
    """Return the days of the last reports on open commitments that are not up to date, or ""."""
    live = [commitment for commitment in commitments if commitment.status == Record.Status.LIVE]
    days = sorted(
        date.fromisoformat(commitment.latest["reported_on"])
        for commitment in live
        if commitment.latest and commitment.reporting != Reporting.UP_TO_DATE
    )
    if not days:
        return ""
    subject = "Progress" if len(days) == len(live) else f"Progress of {len(days):,} of them"
    if days[0] == days[-1]:
        return f"{subject} as reported on {format_day(days[0])}"
    return f"{subject} as reported between {format_day(days[0])} and {format_day(days[-1])}"


def standing_block(item: dict[str, Any]) -> StandingBlock:
    """Return the banner of a signatory, from its typed item."""
    note = standing_note(item["standing"] or "", item["standing_since"])
    if not note:
        return StandingBlock("", "", "")
    return StandingBlock(note, item["standing_reason"] or "", item["standing_plan"] or "")
