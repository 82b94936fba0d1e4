"""Build the page of updates not received, by signatory; those without contact are apart."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import F
from django.http import QueryDict
from django.urls import reverse

from registry.models import ListedSignatory, Record
from registry.models.listing import LATE_TAGS
from registry.open_data.charters import current_charters
from registry.open_data.counts import count_each
from registry.open_data.filters import SignatoryFilter
from registry.open_data.signatory_states import moved_states
from registry.schema.code_lists import Reporting
from registry.schema.fields import parse_day
from registry.website.parameters import ParameterError
from registry.website.signatories import SignatoryRow, signatory_rows
from registry.wording.formatting import count_noun, format_day
from registry.wording.sentences import reporting_rule, requests_sentence

ROWS = 25
LATE = [Reporting.OVERDUE, Reporting.SILENT]
OUT_OF_CONTACT = [Reporting.UNREACHABLE, Reporting.NO_CONTACT]


@dataclass(frozen=True)
class MissingRow:
    """A signatory with updates that we have not received, or that we could not ask for."""

    signatory: SignatoryRow
    commitments_url: str
    missing_since: date | None  # The oldest due date without an answer.
    reminders: str


@dataclass(frozen=True)
class MissingUpdates:
    sentence: str
    rules: list[str]  # Of the charters: when an update is overdue, and when a commitment silent.
    late: list[MissingRow]  # Longest missing first.
    out_of_contact: list[MissingRow]
    others_url: str  # All signatories out of contact, if these are not all; else "".
    first: str  # The addresses of the first and the next page, or "".
    next: str


def build_missing_updates(query: QueryDict, today: date) -> MissingUpdates:
    """Return the page, or raise ParameterError for an unknown page. At most thirteen queries."""
    filters = SignatoryFilter(queryset=ListedSignatory.objects.all())
    filters.moved = moved_states(today)
    after = query.get("after", "")
    late = longest_first(filters, LATE, after)
    apart = [] if after else longest_first(filters, OUT_OF_CONTACT)
    path = reverse("website:missing_updates")
    apart_query = urlencode({"reporting": OUT_OF_CONTACT}, doseq=True)
    return MissingUpdates(
        sentence=_sentence(today),
        rules=_reporting_rules(today),
        late=_missing_rows(late[:ROWS], LATE, filters, today),
        out_of_contact=_missing_rows(apart[:ROWS], OUT_OF_CONTACT, filters, today),
        others_url=f"{reverse('website:signatories')}?{apart_query}" if len(apart) > ROWS else "",
        first=path if after else "",
        next=f"{path}?{urlencode({'after': late[ROWS - 1].key})}" if len(late) > ROWS else "",
    )


def longest_first(
    filters: SignatoryFilter, states: list[Reporting], after: str = ""
) -> list[ListedSignatory]:
    """Return the signatories of a page, and one more: those after a key, or the first."""
    found = filters.filter_reporting(filters.queryset, "reporting", list(map(str, states)))
    if not filters.moved:
        found = found.filter(tags__overlap=LATE_TAGS)  # The condition of their index.
    found = found.order_by(F("missing_since").asc(nulls_last=True), "key")
    if not after:
        return list(found[: ROWS + 1])
    previous = ListedSignatory.objects.filter(pk=after, missing_since__isnull=False).first()
    if previous is None:
        raise ParameterError("after", "This is no page of the list.")
    ties = list(found.filter(missing_since=previous.missing_since, key__gt=after)[: ROWS + 1])
    later = found.filter(missing_since__gt=previous.missing_since)
    return [*ties, *later[: ROWS + 1 - len(ties)]]


def _sentence(today: date) -> str:
    """Return "We have not received updates on 27 of 230 open commitments" in parts. Two queries."""
    states = [f"reporting:{state}" for state in Reporting]
    counts = count_each([""], ["", *states], today)[""]
    is_open = counts[""] - counts[f"reporting:{Reporting.CLOSED}"]
    late = sum(counts[tag] for tag in LATE_TAGS)
    if not late:
        return f"On {format_day(today)} no update on an open commitment is overdue."
    parts = [
        f"{counts[f'reporting:{state}']:,} {text}"
        for state, text in (
            (Reporting.SILENT, "silent"),
            (Reporting.OVERDUE, "overdue"),
            (Reporting.UNREACHABLE, "could not be contacted"),
            (Reporting.NO_CONTACT, "without contact"),
        )
        if counts[f"reporting:{state}"]
    ]
    return (
        f"We have not received updates on {late:,} of {count_noun(is_open, 'open commitment')} "
        f"by {format_day(today)}: {', '.join(parts)}."
    )


def _reporting_rules(today: date) -> list[str]:
    """Return the rule of each charter, each once. One query."""
    items = [charter.item for charter in current_charters(today) if charter.item]
    return list(dict.fromkeys(map(reporting_rule, items)))


def _missing_rows(
    listed: list[ListedSignatory], states: list[Reporting], filters: SignatoryFilter, today: date
) -> list[MissingRow]:
    """Return listed signatories as rows. Three queries."""
    reminders = _reminder_sentences([row.key for row in listed], states, today)
    path = reverse("website:commitments")
    return [
        MissingRow(
            signatory=signatory,
            commitments_url=f"{path}?"
            + urlencode({"signatory": row.key, "reporting": states}, doseq=True),
            missing_since=row.missing_since,
            reminders=reminders[row.key],
        )
        for row, signatory in zip(listed, signatory_rows(listed, filters.moved), strict=True)
    ]


def _reminder_sentences(
    signatories: Iterable[str], states: list[Reporting], today: date
) -> dict[str, str]:
    """Return a sentence on our reminders for the oldest missing updates of each. Two queries."""
    commitments: Any = Record.objects.of_kind("commitment").live().with_reporting(today)
    late = commitments.filter(signatory__in=list(signatories), reporting__in=states)
    missing = {row.key: row for row in late.only("key", "signatory", "open_due_on")}
    asked: dict[str, set[date]] = defaultdict(set)
    called: dict[str, set[date]] = defaultdict(set)
    periods: Any = Record.objects.of_kind("period").readable().filter(commitment__in=list(missing))
    for key, item in periods.values_list("commitment", "item"):
        late_commitment = missing[key]
        if parse_day(item["due_on"]) == late_commitment.open_due_on:
            days = item.get("requested_on") or [], item.get("contacted_on") or []
            asked[late_commitment.signatory] |= set(map(date.fromisoformat, days[0]))
            called[late_commitment.signatory] |= set(map(date.fromisoformat, days[1]))
    return {key: requests_sentence(sorted(asked[key]), sorted(called[key])) for key in signatories}
