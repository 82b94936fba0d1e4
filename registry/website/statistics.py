"""Build the statistics: a sentence and a table for each subject."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models.fields.json import KT

from registry.models import KindCount, Record, TagSum
from registry.open_data import totals
from registry.open_data.counts import count_each
from registry.open_data.figures import Figures, kept_figures
from registry.schema import code_lists, kinds
from registry.schema.code_lists import COUNTED_DELIVERIES, Ending
from registry.website import overview
from registry.website.charts import tables as charts
from registry.website.commitment_totals import MOST_SHARES
from registry.website.rows import SummaryRow
from registry.wording import sentences
from registry.wording.formatting import count_noun, format_day, format_number

# Tables that the page draws.
DRAWN = ("theme", "delivery", "level_of_proof")
NO_DEADLINE = "no_deadline:true"
OWED = "unanswered"
UPDATE_LABELS = {
    "figure": "A new figure or words",
    "unchanged": "Confirmed: nothing has changed",
}


@dataclass(frozen=True)
class Table:
    """Counts of parts of one total, `of`; `first` is the heading of the first column."""

    name: str
    title: str
    sentence: str
    first: str
    of: int
    rows: list[charts.Bar]


def statistics_context(today: date) -> dict[str, Any]:
    """Return the charts, the other tables and the council's figures. Some fifteen queries."""
    figures = kept_figures("", today)
    return {
        "total": charts.basis_text(figures.total, figures.signatories),
        "outcomes": overview.outcome_block(figures, today),
        "by_theme": overview.themes_block(today),
        "year": overview.year_block(today),
        "months": overview.months_block(today),
        "proof": overview.proof_block(figures, today),
        "tables": [table for table in _all_tables(figures, today) if table.name not in DRAWN],
        "measured": _measured_sentence(figures, today),
        "figures": _council_figures(),
    }


def _measured_sentence(figures: Figures, today: date) -> str:
    counted = [row for row in figures.sums if row["commitments"] and not row["level"]]
    measured = next((row for row in counted if row["measure"] == TagSum.ANY_MEASURE), None)
    commitments = measured["commitments"] if measured else 0
    signatories = measured["signatories"] if measured else 0
    measures = len({row["measure"] for row in counted} - {"", TagSum.ANY_MEASURE})
    return (
        f"{charts.basis_text(commitments, signatories)} are counted "
        f"by {count_noun(measures, 'measure')} on {format_day(today)}."
    )


def find_table(name: str, today: date) -> Table | None:
    """Return the table with a name, or None for an unknown one."""
    return next((table for table in all_tables(today) if table.name == name), None)


def measure_totals_context(today: date) -> dict[str, Any]:
    """Return the totals of every measure, by theme. Eight queries."""
    figures = kept_figures("", today)
    measure_totals = totals.totals_by_measure(figures, MOST_SHARES)
    themes = Record.objects.of_kind("theme").readable().order_by("item__position")
    return {
        "themes": [
            {
                "key": key,
                "title": title,
                "totals": [
                    charts.total_chart(total)
                    for total in measure_totals
                    if total.item["theme"] == key
                ],
            }
            for key, title in themes.values_list("key", "name")
            if any(total.item["theme"] == key for total in measure_totals)
        ],
        "left_out": sentences.left_out_sentence(totals.excluded_counts(figures)),
    }


def all_tables(today: date) -> Iterable[Table]:
    """Yield the tables that count records, in the order of the page."""
    return _all_tables(kept_figures("", today), today)


def _all_tables(figures: Figures, today: date) -> Iterator[Table]:
    yield from _commitment_tables(figures, today)
    yield _left_table(figures, today)
    yield _due_updates_table(today)
    yield _update_contents_table(today)
    yield _proof_table(figures, today)


def _commitment_tables(figures: Figures, today: date) -> Iterable[Table]:
    """Yield the tables that count commitments. Three queries."""
    total = figures.total
    on = format_day(today)
    names = dict(
        Record.objects.of_kind("theme")
        .readable()
        .order_by("item__position")
        .values_list("key", "name")
    )
    total_text = count_noun(total, "commitment")
    yield Table(
        "theme",
        "Commitments by theme",
        f"{total_text} on {on}, closed and withdrawn ones too.",
        "Theme",
        total,
        charts.count_bars(figures.values_of("theme"), names, total, leave_out_empty=False),
    )
    yield Table(
        "delivery",
        "Is it being done?",
        f"Delivery of {total_text} on {on}, as last reported. After its deadline a commitment "
        "without a result is counted as that.",
        "Delivery",
        total,
        charts.count_bars(figures.values_of("counted_as"), COUNTED_DELIVERIES, total),
    )
    reporting = figures.values_of("reporting")
    reporting.pop(code_lists.Reporting.CLOSED, None)
    open_total = sum(reporting.values())
    yield Table(
        "reporting",
        "Reporting: are updates coming in?",
        f"Reporting of the {count_noun(open_total, 'commitment')} still running on {on}.",
        "Reporting",
        open_total,
        charts.count_bars(reporting, dict(code_lists.Reporting.choices), open_total),
    )
    yield _endings_table(figures, today)
    yield from _weakening_tables(figures, on)


def _weakening_tables(figures: Figures, on: str) -> Iterator[Table]:
    """Yield the tables of commitments weakened and corrected downwards."""
    total = figures.total
    weakened, corrected = figures.counts["weakened:true"], figures.counts["corrected_down:true"]
    total_text = count_noun(total, "commitment")
    none_yet = "No commitment has been published yet."
    yield Table(
        "weakened",
        "Weakened and withdrawn",
        f"{weakened:,} of {total_text} promise less than they did at first, on {on}. "
        "One commitment may have been weakened in more than one way."
        if total
        else none_yet,
        "In what way",
        total,
        charts.count_bars(
            figures.values_of("weakening"),
            dict(code_lists.Weakening.choices),
            total,
            leave_out_empty=False,
        ),
    )
    yield Table(
        "corrected",
        "Corrected downwards",
        f"{corrected:,} of {total_text} had been corrected by {on}, and promise less "
        "than was first published."
        if total
        else none_yet,
        "On what ground",
        total,
        charts.count_bars(
            figures.values_of("correction"),
            dict(code_lists.CorrectionGround.choices),
            total,
            leave_out_empty=False,
        ),
    )


def _left_table(figures: Figures, today: date) -> Table:
    """Return the table of commitments that ended with a membership, by year.

    What was owed is never among the closed alone: removing the silent must not improve a figure.
    """
    left, labels = Counter(figures.values_of("left")), {}
    for year in sorted({code.partition("_")[0] for code in left}):
        labels[f"{year}_{OWED}"] = f"{year}, {OWED}"
        labels[f"{year}_nothing_{OWED}"] = f"{year}, nothing {OWED}"
    total = left.total()
    unanswered = sum(
        number for code, number in left.items() if not code.endswith(f"nothing_{OWED}")
    )
    return Table(
        "left",
        "Ended because the membership ended",
        f"By {format_day(today)}, {count_noun(total, 'commitment')} had ended because the "
        f"membership of the signatory ended: {unanswered:,} unanswered, after a reminder that no "
        f"update followed, and {total - unanswered:,} with nothing unanswered."
        if total
        else f"By {format_day(today)}, no commitment had ended because a membership ended.",
        "Year and state",
        total,
        charts.count_bars(left, labels, total),
    )


def _endings_table(figures: Figures, today: date) -> Table:
    """Return the table of endings; open commitments without a deadline are apart. Two queries."""
    counts = Counter(figures.values_of("ending"))
    total = counts.total()
    is_open = f"ending:{Ending.OPEN}"
    counts["no_deadline"] = count_each([NO_DEADLINE], [is_open], today)[NO_DEADLINE][is_open]
    counts[Ending.OPEN] -= counts["no_deadline"]
    labels = {"open": "Open, before the deadline", "no_deadline": "Open, without a deadline"}
    labels |= {code: label for code, label in Ending.choices if code != Ending.OPEN}
    return Table(
        "ending",
        "Deadlines and results",
        f"{count_noun(total, 'commitment')} on {format_day(today)}. A final update is due some "
        "weeks after a deadline, and closes the commitment with its result.",
        "Ending",
        total,
        charts.count_bars(counts, labels, total, leave_out_empty=False),
    )


def _due_updates_table(today: date) -> Table:
    """Return the table of due updates by state. One query."""
    counts = KindCount.objects.period_states(today)
    total = sum(counts.values())
    return Table(
        "answers",
        "Updates that fell due",
        f"{count_noun(total, 'update')} fell due up to {format_day(today)}.",
        "What came of it",
        total,
        charts.count_bars(counts, dict(code_lists.PeriodState.choices), total),
    )


def _update_contents_table(today: date) -> Table:
    """Return the table of updates with and without a change. One query."""
    by_value = KindCount.objects.by_value("update", "nothing_changed")
    counts = {"unchanged": by_value.get("true", 0), "figure": by_value.get("false", 0)}
    total = sum(counts.values())
    return Table(
        "news",
        "What updates said",
        f"{count_noun(total, 'update')} published up to {format_day(today)}.",
        "Update",
        total,
        charts.count_bars(counts, UPDATE_LABELS, total),
    )


def _proof_table(figures: Figures, today: date) -> Table:
    """Return the table of the latest figures by level of proof."""
    counts = figures.values_of("proof")
    total = sum(counts.values())
    return Table(
        "level_of_proof",
        "How far figures are backed",
        f"The latest figure of {count_noun(total, 'commitment')} with a figure on "
        f"{format_day(today)}. Withdrawn and replaced commitments are not counted here.",
        "Level of proof",
        total,
        charts.count_bars(
            counts, dict(code_lists.LevelOfProof.choices), total, leave_out_empty=False
        ),
    )


def _council_figures() -> dict[str, Any] | None:
    """Return the newest figures published by the council, or None. One query."""
    notice = (
        Record.objects.of_kind("notice")
        .live()
        .alias(type=KT("item__type"))
        .filter(type=code_lists.NoticeType.FIGURES)
        .order_by("-first_entry")
    ).first()
    if notice is None or notice.item is None:
        return None
    item = kinds.parse_item("notice", notice.item)
    return {
        **item,
        "rows": [
            SummaryRow(
                figure["name"],
                format_number(figure["value"])
                + (f" of {format_number(figure['of'])}" if figure["of"] else ""),
            )
            for figure in item["figures"] or []
        ],
    }
