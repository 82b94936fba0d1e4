"""The totals of some commitments, as pages of themes, measures and places show them."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from registry.open_data import totals
from registry.open_data.figures import Figures
from registry.schema.code_lists import Ending, Reporting
from registry.website.charts.added import MeasureBar, measure_bars
from registry.website.charts.tables import TotalChart, basis_text, total_chart
from registry.website.delivery_counts import count_parts
from registry.wording import sentences
from registry.wording.formatting import count_noun, format_day, join_list
from registry.wording.standings import unanswered_note

MOST_SHARES = 50  # of a measure in per cent, on a page


@dataclass(frozen=True)
class TotalsBlock:
    charts: list[TotalChart]
    bars: list[MeasureBar]  # The same in short, most commitments first.
    left_out: str  # A sentence on the commitments that are not in the totals, or "".


def build_totals(figures: Figures) -> TotalsBlock:
    """Return the totals of commitments by measure. Four queries."""
    measure_totals = totals.totals_by_measure(figures, MOST_SHARES)
    return TotalsBlock(
        charts=[total_chart(total) for total in measure_totals],
        bars=measure_bars(measure_totals),
        left_out=sentences.left_out_sentence(totals.excluded_counts(figures)),
    )


def delivery_summary(figures: Figures, today: date) -> str:
    """Return sentences on delivery, with its total and date, and on unanswered ends."""
    if not figures.total:
        return "No commitments yet"
    counted_as = Counter(figures.values_of("counted_as"))
    basis = basis_text(figures.total, figures.signatories)
    parts = join_list(count_parts(counted_as))
    summary = f"{basis} on {format_day(today)}: {parts}, as last reported."
    return " ".join(filter(None, [summary, unanswered_summary(figures)]))


def unanswered_summary(figures: Figures) -> str:
    """Return how many commitments ended unanswered with a membership, or ""."""
    years = {int(year): number for year, number in figures.values_of("unanswered").items()}
    unanswered = unanswered_note(Counter(years))
    return f"{unanswered}." if unanswered else ""


def register_summary(figures: Figures) -> str:
    """Return "41 signatories have made 252 commitments."."""
    if not figures.total:
        return "No commitments have been published yet."
    signatories = count_noun(figures.signatories, "signatory", "signatories")
    verb = "has" if figures.signatories == 1 else "have"
    return f"{signatories} {verb} made {count_noun(figures.total, 'commitment')}."


def open_summary(figures: Figures, today: date) -> str:
    """Return how many commitments are open, and their reporting on a day; "" without any."""
    counts = figures.values_of("reporting")
    states = {
        state: counts[state]
        for state in Reporting
        if state != Reporting.CLOSED and counts.get(state)
    }
    if not figures.total:
        return ""
    if not states:
        return "It is closed." if figures.total == 1 else "None of them is open."
    parts = [f"{count:,} {state.label.lower()}" for state, count in states.items()]
    is_or_are = _open_clause(sum(states.values()), figures.total)
    passed = _passed_sentence(figures.counts[f"ending:{Ending.FINAL_UPDATE_DUE}"])
    return f"{is_or_are} open. Reporting on {format_day(today)}: {', '.join(parts)}.{passed}"


def _passed_sentence(count: int) -> str:
    """Return a sentence on commitments past their deadline without a final update, or ""."""
    if not count:
        return ""
    verb = "is" if count == 1 else "are"
    noun = count_noun(count, "commitment")
    return f" {noun} {verb} past the deadline without a final update."


def _open_clause(count: int, total: int) -> str:
    """Return "It is", "Both are", "All are" or "230 are"."""
    if count == 1:
        return "It is" if total == 1 else "1 is"
    if count == total:
        return "Both are" if total == 2 else "All are"
    return f"{count:,} are"
