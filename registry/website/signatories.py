"""Build the list of signatories, and the sentences on the commitments of one."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.http import QueryDict
from django.urls import reverse

from registry.models import KindCount, ListedSignatory, Record
from registry.open_data.filters import SignatoryFilter
from registry.open_data.signatory_states import moved_states
from registry.reference_data import sectors
from registry.schema.code_lists import COUNTED_DELIVERIES, Reporting, Size, Standing
from registry.schema.fields import parse_day
from registry.website.basket import PARAMETER, Basket
from registry.website.delivery_counts import count_parts
from registry.website.facets import MOST_COUNTED, Option
from registry.website.parameters import ParameterError, check_filters
from registry.website.rows import ChosenFilter, FilteredList, control_values, search_note
from registry.wording.formatting import count_noun, format_day, join_list
from registry.wording.standings import standing_note, unanswered_note

ROWS = 50
CHOICES: dict[str, list[Option]] = {
    "standing": Standing.choices,
    "sector": list(sectors.section_titles().items()),
    "size": Size.choices,
    "reporting": Reporting.choices,
}
# What a row says of reporting: the first of these that any commitment has.
WORST_FIRST = (
    Reporting.SILENT,
    Reporting.OVERDUE,
    Reporting.UNREACHABLE,
    Reporting.NO_CONTACT,
    Reporting.DUE,
    Reporting.PAUSED,
    Reporting.UP_TO_DATE,
)


@dataclass(frozen=True)
class ReportingNote:
    """The worst reporting state of a signatory: since when, and of how many open commitments."""

    state: str
    since: date | None
    count: str  # "4 of 5 open commitments"


@dataclass(frozen=True)
class SignatoryRow:
    """A signatory in a list: texts that are not known are ""."""

    key: str
    name: str
    standing: str
    sector: str
    size: str
    sentence: str
    unanswered: str  # How many ended unanswered with a membership, or "".
    reporting: ReportingNote | None  # None without an open commitment.
    heard_on: date | None
    former_names: str
    compare_url: str = ""  # Adds it to the comparison that a reader collects.


@dataclass(frozen=True)
class StandingBlock:
    """What stands at the top of a suspended or former signatory; "" for all others."""

    note: str  # "Signatory suspended since 5 November 2026"
    reason: str
    plan: str  # What has to happen before it is reinstated.


@dataclass(frozen=True)
class SignatoryList:
    total: str
    search_note: str
    rows: list[SignatoryRow]
    chosen: list[ChosenFilter]
    values: dict[str, Any]
    basket: Basket | None  # While a reader collects signatories to compare.
    choices: dict[str, list[Option]]
    first: str  # The addresses of the first and the next page, or "".
    next: str


def list_signatories(query: QueryDict, today: date) -> SignatoryList:
    """Return the signatories by name that match the filters. At most six queries."""
    filters = SignatoryFilter(query, queryset=ListedSignatory.objects.all())
    check_filters(filters)
    selection = {
        name: value for name, value in filters.form.cleaned_data.items() if value and name in query
    }
    filters.moved = moved_states(today)
    basket = Basket.from_query(query) if PARAMETER in query else None
    kept = {PARAMETER: basket.text} if basket else {}
    page = FilteredList(query, reverse("website:signatories"), SignatoryFilter, kept)
    listed = _signatories_after(filters.qs, query.get("after", ""))
    return SignatoryList(
        total=_count_text(filters.qs, is_filtered=bool(selection)),
        search_note=search_note(filters.found),
        rows=_to_compare(signatory_rows(listed[:ROWS], filters.moved), basket),
        chosen=list(page.chosen_filters(selection, {})),
        values=control_values(filters, selection),
        basket=basket,
        choices=CHOICES,
        first=page.list_url() if "after" in query else "",
        next=page.list_url(after=listed[ROWS - 1].key) if len(listed) > ROWS else "",
    )


def _to_compare(rows: list[SignatoryRow], basket: Basket | None) -> list[SignatoryRow]:
    """Return rows with the address that adds each to a basket, unless it is full."""
    if basket is None or basket.is_full:
        return rows
    return [
        row if row.key in basket.keys else replace(row, compare_url=basket.url_with(row.key))
        for row in rows
    ]


def _count_text(matches: Any, *, is_filtered: bool) -> str:
    """Return "12 signatories", or "At least 2,000 signatories" of a search. One query."""
    if not is_filtered:
        statuses = set(Record.Status.values) - {Record.Status.REDACTED}
        tags = [f"record_status:{status}" for status in statuses]
        return count_noun(KindCount.objects.total(["signatory"], tags), "signatory", "signatories")
    total = matches[:MOST_COUNTED].count()
    text = count_noun(total, "signatory", "signatories")
    return f"At least {text}" if total == MOST_COUNTED else text


def _signatories_after(matches: Any, after: str) -> list[ListedSignatory]:
    """Return the signatories of a page by name, and one more: those after a key, or the first.

    The rest of those with its name come first, then what is after them: an index leads to each.
    """
    ordered = matches.order_by("place", "key")
    if not after:
        return list(ordered[: ROWS + 1])
    previous = ListedSignatory.objects.filter(pk=after).first()
    if previous is None:
        raise ParameterError("after", "This is no page of the list.")
    namesakes = list(ordered.filter(place=previous.place, key__gt=previous.key)[: ROWS + 1])
    return [*namesakes, *ordered.filter(place__gt=previous.place)[: ROWS + 1 - len(namesakes)]]


def _unanswered_years(listed: ListedSignatory) -> Counter[int]:
    years = {
        int(tag.partition(":")[2]): number
        for tag, number in listed.counts.items()
        if tag.startswith("unanswered:")
    }
    return Counter(years)


def signatory_rows(
    listed: list[ListedSignatory], moved: Mapping[str, Mapping[str, int]]
) -> list[SignatoryRow]:
    """Return listed signatories as rows; `moved` has the states of today of some. One query."""
    items = dict(
        Record.objects.filter(key__in=[row.key for row in listed]).values_list("key", "item")
    )
    return [
        _signatory_row(row, items[row.key] or {}, Counter(moved.get(row.key, row.counts)))
        for row in listed
    ]


def _signatory_row(
    listed: ListedSignatory, item: dict[str, Any], counts: Counter[str]
) -> SignatoryRow:
    deliveries = {code: counts[f"counted_as:{code}"] for code in COUNTED_DELIVERIES}
    sector = item.get("sector", "")
    return SignatoryRow(
        key=listed.key,
        name=listed.name,
        standing=item.get("standing", ""),
        sector=sectors.section_titles().get(sector, sector),
        size=Size.label_of(item.get("size")),
        sentence=counted_sentence(Counter(deliveries)),
        unanswered=unanswered_note(_unanswered_years(listed)),
        reporting=_reporting_note(listed, item, counts),
        heard_on=listed.heard_on,
        former_names=join_list([former["name"] for former in item.get("former_names", ())]),
    )


def _reporting_note(
    listed: ListedSignatory, item: dict[str, Any], counts: Counter[str]
) -> ReportingNote | None:
    states = {state: counts[f"reporting:{state}"] for state in WORST_FIRST}
    worst = next((state for state in WORST_FIRST if states[state]), None)
    if worst is None:
        return None
    since = {
        Reporting.SILENT: listed.silent_on,
        Reporting.OVERDUE: listed.overdue_on,
        Reporting.UNREACHABLE: parse_day(item.get("unreachable_since")),
        Reporting.NO_CONTACT: parse_day(item.get("no_contact_since")),
    }
    is_open = count_noun(sum(states.values()), "open commitment")
    return ReportingNote(worst, since.get(worst), f"{states[worst]:,} of {is_open}")


def delivery_sentence(commitments: list[Record]) -> str:
    """Return "7 commitments: 3 met, 2 on track, 2 not started" or "1 commitment: on track"."""
    return counted_sentence(Counter(commitment.counted_delivery for commitment in commitments))


def counted_sentence(deliveries: Counter[str]) -> str:
    """Return the same of how many commitments are counted as each delivery."""
    total = deliveries.total()
    if not total:
        return "No commitments yet"
    if total == 1:
        [delivery] = deliveries.elements()
        return f"1 commitment: {COUNTED_DELIVERIES[delivery].lower()}"
    return f"{total:,} commitments: {', '.join(count_parts(deliveries))}"


def signatory_sentence(commitments: list[Record], *, has_left: bool) -> str:
    """Return the summary of a signatory: delivery, reporting of open commitments, last reports."""
    if has_left and not commitments:
        return "No commitments were published."
    notes = "".join(f" {note}." for note in reporting_notes(commitments))
    return f"{delivery_sentence(commitments)}.{notes}"


def reporting_notes(commitments: list[Record]) -> list[str]:
    """Return sentences on reporting, old reports and unanswered ends, each without a full stop."""
    states = Counter(
        commitment.reporting
        for commitment in commitments
        if commitment.status == Record.Status.LIVE
    )
    reporting = reporting_sentence(states)
    unanswered = unanswered_note(
        row.ended_on.year for row in commitments if row.ended_unanswered and row.ended_on
    )
    return list(filter(None, [reporting, _last_reports_sentence(commitments), unanswered]))


def reporting_sentence(states: Counter[str]) -> str:
    """Return "2 updates overdue, 1 silent" or "1 update is overdue", without a full stop.

    `states` counts open commitments; without any there is nothing to say.
    """
    if not states:
        return ""
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
