"""Build the home page: what was promised, what came of it, where, and whose updates are missing."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode

from registry.models import Counted, EntryList, ListedEntry, ListedSignatory, Record
from registry.open_data.charters import current_charters
from registry.open_data.counts import count_each
from registry.open_data.figures import Figures, kept_figures
from registry.open_data.filters import SignatoryFilter
from registry.open_data.history import Tally, tallies
from registry.open_data.signatory_states import moved_states
from registry.reference_data import places
from registry.schema.code_lists import Reporting, Weakening
from registry.website import maps, notices, overview
from registry.website.changes import Change, describe_entries
from registry.website.commitment_totals import (
    open_summary,
    register_summary,
    unanswered_summary,
)
from registry.website.missing_updates import longest_first
from registry.website.signatories import SignatoryRow, signatory_rows
from registry.website.success_cards import SuccessCard, success_cards
from registry.wording import sentences, takeaways
from registry.wording.formatting import join_list

LATE, SUCCESSES, CHANGES, FEATURED = 7, 3, 5, 2


@dataclass(frozen=True)
class LargeFigure:
    """A number with its total. `share` is the part of it in per cent, for a bar."""

    name: str
    number: int
    of: int
    words: str
    share: float
    parts: str  # "5 with a lower target, 4 with a later deadline", or "".
    href: str
    link: str


@dataclass(frozen=True)
class LateBlock:
    """The signatories with updates not received, longest missing first."""

    title: str
    rule: str  # From when an update is overdue; "" without a charter, or if charters differ.
    rows: list[SignatoryRow]


@dataclass(frozen=True)
class HomePage:
    charter: str  # Its title, or whose charters there are; "" before there is one.
    summary: str
    figures: list[LargeFigure]  # None before the first commitment.
    outcomes: overview.Block
    year: overview.Block
    map: dict[str, Any] | None
    successes: list[SuccessCard]
    changes: list[Change]
    featured: list[notices.FeaturedRecord]
    late: LateBlock


def build_home_page(today: date) -> HomePage:
    """Return the home page. The number of queries is fixed."""
    figures = kept_figures("", today)
    charters = current_charters(today)
    (tally,) = tallies("", [today])
    summaries = [
        register_summary(figures),
        open_summary(figures, today),
        unanswered_summary(figures),
    ]
    return HomePage(
        charter=_charter_title(charters),
        summary=" ".join(filter(None, summaries)),
        figures=list(_large_figures(figures, tally)) if figures.total else [],
        outcomes=overview.outcome_block(figures, today),
        year=overview.year_block(today),
        map=_ward_map(today),
        successes=_latest_successes(today),
        changes=describe_entries(ListedEntry.objects.newest(EntryList.ALL, CHANGES)),
        featured=notices.featured_records()[:FEATURED],
        late=_late_block(tally, charters, today),
    )


def _large_figures(figures: Figures, tally: Tally) -> list[LargeFigure]:
    ended, met, weakened = tally[Counted.ENDED], tally[Counted.MET], tally[Counted.WEAKENED]
    is_open = tally[Counted.OPEN]
    late_tags = {state: figures.counts[f"reporting:{state}"] for state in Reporting.late_states()}
    late = sum(late_tags.values())
    ways = {way: figures.counts[f"weakening:{way}"] for way in Weakening}
    commitments = reverse("website:commitments")
    return [
        LargeFigure(
            "met", met, ended, "commitments that have ended were met in full",
            _share(met, ended), _in_parts(_ended_parts(tally)),
            f"{commitments}?{urlencode({'reporting': 'closed'})}", "All closed commitments",
        ),
        LargeFigure(
            "weakened", weakened, figures.total,
            "commitments were weakened after they were made",
            _share(weakened, figures.total),
            _in_parts({way.label: number for way, number in ways.items()}),
            f"{reverse('website:changes')}?show=weakened", "Before, after and reasons",
        ),
        LargeFigure(
            "late", late, is_open, "open commitments have an update we have not received",
            _share(late, is_open),
            _in_parts({state.label: number for state, number in late_tags.items()}),
            reverse("website:missing_updates"),
            "All updates we have not received",
        ),
    ]  # fmt: skip


def _ended_parts(tally: Tally) -> dict[str, int]:
    return {
        "partly met": tally[Counted.PARTLY_MET],
        "not met": tally[Counted.NOT_MET],
        "withdrawn": tally[Counted.WITHDRAWN],
        "without a final update": tally[Counted.NO_RESULT],
    }


def _in_parts(parts: dict[str, int]) -> str:
    """Return "5 target lowered · 4 deadline moved later"."""
    return " · ".join(f"{number:,} {label.lower()}" for label, number in parts.items() if number)


def _share(part: int, total: int) -> float:
    return round(part * 100 / total, 1) if total else 0


def _ward_map(today: date) -> dict[str, Any] | None:
    """Return the map of the city with the most commitments in its wards. Two queries."""
    wards = [code for code in places.ward_boundaries() if places.get_place(code)]
    counted = count_each([f"area:{code}" for code in wards], [""], today)
    counts = {code: counted[f"area:{code}"][""] for code in wards}
    cities: Counter[str] = Counter()
    for code, number in counts.items():
        cities[places.all_places()[code].parent] += number
    if not cities:
        return None
    ((city, number),) = cities.most_common(1)
    drawing = maps.count_map(city, counts) if number else None
    return drawing and {**drawing, "city": places.place_name(city)}


def _latest_successes(today: date) -> list[SuccessCard]:
    """Return the latest successes. Four queries."""
    latest = Record.objects.of_kind("success").live().order_by("-first_entry")
    return success_cards(latest[:SUCCESSES], today)


def _charter_title(charters: list[Record]) -> str:
    """Return the title of the charter, or whose charters there are; "" before there is one."""
    if len(charters) == 1:
        return charters[0].name or ""
    owners = dict.fromkeys((charter.item or {})["owner"]["name"] for charter in charters)
    return f"charters of {join_list(list(owners))}" if owners else ""


def _late_block(tally: Tally, charters: list[Record], today: date) -> LateBlock:
    """Return the signatories that are late on a day. Four queries."""
    rules = {sentences.reporting_rule(charter.item) for charter in charters if charter.item}
    filters = SignatoryFilter(queryset=ListedSignatory.objects.all())
    filters.moved = moved_states(today)
    late = longest_first(filters, list(Reporting.late_states()))[:LATE]
    return LateBlock(
        title=takeaways.late_title(late=tally[Counted.LATE], open_=tally[Counted.OPEN]),
        rule=rules.pop() if len(rules) == 1 else "",
        rows=signatory_rows(late, filters.moved),
    )
