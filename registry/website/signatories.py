"""Build the list of signatories, and the sentences on the commitments of one."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.db.models.functions import Upper
from django.http import QueryDict
from django.urls import reverse

from registry.models import Record, RecordQuerySet
from registry.open_data.filters import LONGEST_QUERY, search_condition
from registry.schema.code_lists import Delivery, Reporting, Standing
from registry.website.parameters import ParameterError
from registry.wording.formatting import count_noun, format_day

ROWS = 50


@dataclass(frozen=True)
class SignatoryRow:
    """A signatory in the list: its charter status, and a sentence on its commitments."""

    key: str
    name: str
    status: str
    sentence: str


@dataclass(frozen=True)
class SignatoryList:
    search: str
    total: str
    rows: list[SignatoryRow]
    next: str  # The address of the next page, or "".


def list_signatories(query: QueryDict, today: date) -> SignatoryList:
    """Return the signatories by name that match a search. Four queries."""
    # PostgreSQL rejects text with a NUL character.
    text = query.get("q", "").replace("\0", "").strip()[:LONGEST_QUERY]
    matches = Record.objects.of_kind("signatory").readable()
    if text:
        matches = matches.filter(search_condition(text))
    total = matches.count()
    records = _signatories_after(matches, query.get("after", ""))
    commitments = _commitments_by_signatory(records[:ROWS], today)
    search = {"q": text} if text else {}
    next_query = search | {"after": records[ROWS - 1].key} if len(records) > ROWS else {}
    return SignatoryList(
        search=text,
        total=count_noun(total, "signatory", "signatories"),
        rows=[_signatory_row(record, commitments[record.key]) for record in records[:ROWS]],
        next=f"{reverse('website:signatories')}?{urlencode(next_query)}" if next_query else "",
    )


def _signatories_after(matches: RecordQuerySet, after: str) -> list[Record]:
    """Return the signatories of a page by name, and one more: those after a key, or the first."""
    if after:
        previous = Record.objects.of_kind("signatory").filter(pk=after).first()
        if previous is None:
            raise ParameterError("after", "This is no page of the list.")
        name = (previous.name or "").upper()
        matches = matches.alias(upper=Upper("name")).filter(
            Q(upper__gt=name) | Q(upper=name, key__gt=previous.key)
        )
    return list(matches.order_by(Upper("name"), "key")[: ROWS + 1])


def _commitments_by_signatory(
    signatories: Iterable[Record], today: date
) -> dict[str, list[Record]]:
    commitments = Record.objects.of_kind("commitment").readable().with_reporting(today)
    by_signatory: dict[str, list[Record]] = {signatory.key: [] for signatory in signatories}
    for commitment in commitments.filter(signatory__in=by_signatory).only(
        "signatory", "delivery", "status", "last_heard_on"
    ):
        by_signatory[commitment.signatory].append(commitment)
    return by_signatory


def _signatory_row(record: Record, commitments: list[Record]) -> SignatoryRow:
    return SignatoryRow(
        key=record.key,
        name=record.name or record.key,
        status=Standing.label_of((record.item or {}).get("standing")),
        sentence=f"{delivery_sentence(commitments)}.{_last_report_sentence(commitments)}",
    )


def delivery_sentence(commitments: list[Record]) -> str:
    """Return "7 commitments: 3 met, 2 on track, 2 not started" or "1 commitment: on track"."""
    counts = Counter(commitment.delivery for commitment in commitments)
    if not commitments:
        return "No commitments yet"
    if len(commitments) == 1:
        return f"1 commitment: {Delivery.label_of(commitments[0].delivery).lower()}"
    parts = [
        f"{counts[delivery]} {delivery.label.lower()}"
        for delivery in Delivery.results_first()
        if counts[delivery]
    ]
    return f"{len(commitments):,} commitments: {', '.join(parts)}"


def signatory_sentence(commitments: list[Record]) -> str:
    """Return the summary of a signatory: delivery, reporting of open commitments, last report."""
    states = Counter(
        commitment.reporting
        for commitment in commitments
        if commitment.status == Record.Status.LIVE
    )
    reporting = f" {_reporting_sentence(states)}." if states else ""
    return f"{delivery_sentence(commitments)}.{reporting}{_last_report_sentence(commitments)}"


def _reporting_sentence(states: Counter[str]) -> str:
    """Return "2 updates overdue, 1 silent" or "1 update is overdue", without a full stop."""
    late = [state for state in (Reporting.DUE, *Reporting.late_states()) if states[state]]
    if not late:
        return "Reporting is up to date"
    [first, *others] = late
    noun = "commitment" if first == Reporting.UNREACHABLE else "update"
    if not others and states[first] == 1:
        return f"1 {noun} is {first.label.lower()}"
    parts = [f"{count_noun(states[first], noun)} {first.label.lower()}"]
    return ", ".join(parts + [f"{states[state]:,} {state.label.lower()}" for state in others])


def _last_report_sentence(commitments: list[Record]) -> str:
    """Return a sentence with the day of a late signatory's last report; "" for others."""
    days = [commitment.last_heard_on for commitment in commitments if commitment.last_heard_on]
    is_late = any(commitment.reporting in Reporting.late_states() for commitment in commitments)
    return f" Progress as reported by {format_day(max(days))}." if days and is_late else ""


def charter_status_text(item: dict[str, Any]) -> str:
    """Return the charter status with certificate and dates."""
    parts = [Standing.label_of(item["standing"])] if item["standing"] else []
    if item["certificate_number"]:
        parts.append(f"certificate {item['certificate_number']}")
    if item["accredited_from"] and item["accredited_to"]:
        parts.append(
            f"{format_day(item['accredited_from'])} to {format_day(item['accredited_to'])}"
        )
    return ", ".join(parts)
