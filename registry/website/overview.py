"""The charts of the whole register, for the home page and the statistics.

Each has its title, made of the figures, what it counts, the drawing, and its table.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from registry.models import Counted, Record
from registry.open_data.counts import count_each
from registry.open_data.figures import Figures
from registry.open_data.history import MONTHS, Tally, month_ends, tallies, tallies_on, year_before
from registry.schema.code_lists import COUNTED_DELIVERIES, Delivery, LevelOfProof
from registry.website.charts.months import MonthLine, month_line
from registry.website.charts.outcomes import OutcomeBar, outcome_bar
from registry.website.charts.tables import Bar, count_bars
from registry.website.charts.years import Part, YearChart, year_chart
from registry.wording import takeaways
from registry.wording.formatting import count_noun, format_day

# The lines over two years, in the order of the page.
LINES = {
    Counted.REGISTERED: "Registered",
    Counted.MET: "Met",
    Counted.WEAKENED: "Weakened",
    Counted.LATE: "Updates not received",
}


@dataclass(frozen=True)
class Block:
    """A chart with its words. `name` is that of its CSV and of its place on the page."""

    name: str
    title: str
    about: str  # What it counts, in which unit, on which day.
    columns: list[str]
    rows: list[list[str]]
    chart: Any
    note: str = ""


@dataclass(frozen=True)
class ThemePanel:
    """A theme's commitments by outcome, on one scale with the other themes."""

    key: str
    name: str
    outcomes: OutcomeBar
    ended: str
    late: str
    weakened: str


def outcome_block(figures: Figures, today: date) -> Block:
    """Return all commitments by outcome. One query."""
    counts = figures.values_of("counted_as")
    tally = tallies("", [today])[0]
    bar = outcome_bar(counts, list_address())
    return Block(
        name="delivery",
        title=takeaways.outcome_title(
            ended=tally[Counted.ENDED],
            met=tally[Counted.MET],
            others=tally[Counted.REGISTERED] - tally[Counted.ENDED],
            on_track=counts.get(Delivery.ON_TRACK, 0),
        ),
        about=f"{count_noun(figures.total, 'commitment')} by outcome on {format_day(today)}. "
        "Solid: as reported in time. Striped: no recent update, no final update, or withdrawn.",
        columns=["Outcome", "Commitments"],
        rows=[[part.label, f"{part.count:,} of {bar.total:,}"] for part in bar.parts],
        chart=bar,
        note="Assessed by signatories; a figure decides whether a target was met.",
    )


def list_address(**chosen: str) -> Callable[[str], str]:
    """Return the function that makes the address of the commitments with an outcome."""

    def address(code: str) -> str:
        query = urlencode({"counted_as": code} | chosen)
        return f"{reverse('website:commitments')}?{query}"

    return address


def themes_block(today: date) -> Block:
    """Return the outcomes of each theme, on one scale. Four queries."""
    themes = Record.objects.of_kind("theme").readable().order_by("item__position")
    names = dict(themes.values_list("key", "name"))
    counts = theme_counts(names, today)
    found = tallies_on([f"theme:{key}" for key in names], today)
    longest = max((sum(by_code.values()) for by_code in counts.values()), default=0)
    panels = [
        _theme_panel(
            key,
            names[key],
            outcome_bar(by_code, list_address(theme=key), longest=longest),
            found[f"theme:{key}"],
        )
        for key, by_code in counts.items()
        if sum(by_code.values())
    ]
    late = {panel.name: found[f"theme:{panel.key}"][Counted.LATE] for panel in panels}
    return Block(
        name="themes",
        title=takeaways.themes_title(late),
        about=f"Commitments of each theme by outcome on {format_day(today)}, on one scale: the "
        f"longest bar is {count_noun(longest, 'commitment')}. Colours as above.",
        columns=["Theme", "Commitments", "Ended", "Updates", "Weakened"],
        rows=[[p.name, f"{p.outcomes.total:,}", p.ended, p.late, p.weakened] for p in panels],
        chart=panels,
    )


def theme_counts(themes: Iterable[str], today: date) -> dict[str, dict[str, int]]:
    """Return how many commitments of each theme are counted as what. Two queries."""
    given = {f"theme:{key}": key for key in themes}
    tags = {f"counted_as:{code}": code for code in COUNTED_DELIVERIES}
    counts = count_each(given, tags, today)
    return {
        key: {code: counts[tag][name] for name, code in tags.items()} for tag, key in given.items()
    }


def _theme_panel(key: str, name: str, outcomes: OutcomeBar, tally: Tally) -> ThemePanel:
    ended, late, weakened = (
        tally[each] for each in (Counted.ENDED, Counted.LATE, Counted.WEAKENED)
    )
    is_open = tally[Counted.OPEN]
    return ThemePanel(
        key=key,
        name=name,
        outcomes=outcomes,
        ended=f"{tally[Counted.MET]:,} of {ended:,} ended were met" if ended else "None ended yet",
        late=f"{late:,} of {is_open:,} updates not received" if is_open else "None open",
        weakened=f"{weakened:,} weakened" if weakened else "None weakened",
    )


def year_block(today: date) -> Block:
    """Return what was counted today and on the same day a year ago. One query."""
    before, now = tallies("", [year_before(today), today])
    rows = [
        (Counted.MET, "Ended and met", _of_all(Counted.MET), True),
        (Counted.NOT_STARTED, "Not started", _of_all(Counted.NOT_STARTED), False),
        (Counted.WEAKENED, "Weakened", _of_all(Counted.WEAKENED), False),
        (Counted.LATE, "Updates not received", _late_of_open, False),
    ]
    chart: YearChart = year_chart(
        [(code, name, part(before), part(now), is_better) for code, name, part, is_better in rows]
    )
    return Block(
        name="year",
        title=takeaways.year_title(
            met=takeaways.Then(now[Counted.MET], before[Counted.MET]),
            late=takeaways.Then(now[Counted.LATE], before[Counted.LATE]),
            is_a_year_old=before[Counted.REGISTERED] > 0,
        ),
        about=f"Share of all commitments; of updates not received, share of the open ones. "
        f"{format_day(before.day)} and {format_day(now.day)}.",
        columns=["What", format_day(before.day), format_day(now.day)],
        rows=[[row.name, row.before.text, row.now.text] for row in chart.rows],
        chart=chart,
        note="Figures of earlier days are those the register said then.",
    )


def _of_all(counted: Counted) -> Callable[[Tally], Part]:
    return lambda tally: Part(tally[counted], tally[Counted.REGISTERED])


def _late_of_open(tally: Tally) -> Part:
    return Part(tally[Counted.LATE], tally[Counted.OPEN])


def months_block(today: date) -> Block:
    """Return lines over two years, for each of four counts. One query."""
    found = tallies("", month_ends(today))
    first, last = found[0], found[-1]
    lines: list[MonthLine] = [
        month_line(code, name, [t.day for t in found], [t[code] for t in found])
        for code, name in LINES.items()
    ]
    return Block(
        name="months",
        title=takeaways.months_title(
            months=MONTHS,
            registered=last[Counted.REGISTERED] - first[Counted.REGISTERED],
            met=last[Counted.MET] - first[Counted.MET],
            weakened=last[Counted.WEAKENED] - first[Counted.WEAKENED],
        ),
        about="Number of commitments at the end of each month, and today. Each panel has its own "
        "scale, which begins at zero.",
        columns=["Day", *LINES.values()],
        rows=[
            [format_day(tally.day), *(f"{tally[code]:,}" for code in LINES)]
            for tally in reversed(found)
        ],
        chart=lines,
        note="Figures of earlier days are those the register said then.",
    )


def proof_block(figures: Figures, today: date) -> Block:
    """Return the latest figures by level of proof."""
    counts = figures.values_of("proof")
    total = sum(counts.values())
    bars: list[Bar] = count_bars(counts, dict(LevelOfProof.choices), total, leave_out_empty=False)
    return Block(
        name="level_of_proof",
        title=takeaways.proof_title(
            backed=total - counts.get(LevelOfProof.SELF_REPORTED, 0), total=total
        ),
        about=f"The latest figure of {count_noun(total, 'commitment')} on {format_day(today)}. "
        "Withdrawn and replaced commitments are not counted here.",
        columns=["Level of proof", "Figures"],
        rows=[[bar.label, bar.value] for bar in bars],
        chart=bars,
    )
