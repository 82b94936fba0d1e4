"""Build the statistics: a sentence and a table for each subject."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q
from django.db.models.fields.json import KT

from registry.models import KindCount, Record, RecordQuerySet
from registry.open_data import totals
from registry.open_data.filters import IS_CORRECTED_DOWNWARDS, IS_WEAKENED
from registry.schema import code_lists, kinds
from registry.schema.code_lists import COUNTED_DELIVERIES, Ending
from registry.website import charts
from registry.website.rows import SummaryRow
from registry.wording import sentences
from registry.wording.formatting import count_noun, format_day, format_number

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

    @property
    def in_short(self) -> str:
        """Return the rows in one line: "Met 2 · On track 17"."""
        return " · ".join(f"{row.label}\u00a0{row.value.split()[0]}" for row in self.rows)


def statistics_context(today: date) -> dict[str, Any]:
    """Return the tables, the sentence on measures and the council's figures. Eight queries."""
    commitments = Record.objects.of_kind("commitment").readable()
    counts = (
        totals.countable_commitments(commitments)
        .filter(measure__isnull=False)
        .aggregate(
            commitments=Count("key"),
            signatories=Count("signatory", distinct=True),
            measures=Count("measure", distinct=True),
        )
    )
    return {
        "tables": list(all_tables(today)),
        "measured": (
            f"{charts.basis_text(counts['commitments'], counts['signatories'])} are counted "
            f"by {count_noun(counts['measures'], 'measure')} on {format_day(today)}."
        ),
        "figures": _council_figures(),
    }


def find_table(name: str, today: date) -> Table | None:
    """Return the table with a name, or None for an unknown one."""
    return next((table for table in all_tables(today) if table.name == name), None)


def measure_totals_context() -> dict[str, Any]:
    """Return the totals of every measure, by theme. Five queries."""
    commitments = Record.objects.of_kind("commitment").readable()
    measure_totals = totals.totals_by_measure(commitments)
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
        "left_out": sentences.left_out_sentence(totals.excluded_counts(commitments)),
    }


def all_tables(today: date) -> Iterable[Table]:
    """Yield the tables that count records, in the order of the page."""
    yield from _commitment_tables(today)
    yield _left_table(today)
    yield _due_updates_table(today)
    yield _update_contents_table(today)
    yield _proof_table(today)


def _commitment_tables(today: date) -> Iterable[Table]:
    """Yield the tables that count commitments. Three queries."""
    commitments = Record.objects.of_kind("commitment").readable()
    total = commitments.count()
    on = format_day(today)
    names = dict(
        Record.objects.of_kind("theme")
        .readable()
        .order_by("item__position")
        .values_list("key", "name")
    )
    with_reporting: Any = commitments.with_reporting(today)
    groups = list(
        with_reporting.values("theme", "counted_as", "reporting", "status")
        .annotate(count=Count("key"))
        .order_by()
    )

    def count_by(column: str, rows: list[dict[str, Any]]) -> dict[str, int]:
        counts: dict[str, int] = {}
        for row in rows:
            counts[row[column]] = counts.get(row[column], 0) + row["count"]
        return counts

    total_text = count_noun(total, "commitment")
    yield Table(
        "theme",
        "Commitments by theme",
        f"{total_text} on {on}, closed and withdrawn ones too.",
        "Theme",
        total,
        charts.count_bars(count_by("theme", groups), names, total, leave_out_empty=False),
    )
    yield Table(
        "delivery",
        "Is it being done?",
        f"Delivery of {total_text} on {on}, as last reported. After its deadline a commitment "
        "without a result is counted as that.",
        "Delivery",
        total,
        charts.count_bars(count_by("counted_as", groups), COUNTED_DELIVERIES, total),
    )
    open_groups = [row for row in groups if row["status"] == Record.Status.LIVE]
    open_total = sum(row["count"] for row in open_groups)
    yield Table(
        "reporting",
        "Reporting: are updates coming in?",
        f"Reporting of the {count_noun(open_total, 'commitment')} still running on {on}.",
        "Reporting",
        open_total,
        charts.count_bars(
            count_by("reporting", open_groups), dict(code_lists.Reporting.choices), open_total
        ),
    )
    yield _endings_table(with_reporting, today)
    yield from _weakening_tables(commitments, total, on)


def _weakening_tables(commitments: RecordQuerySet, total: int, on: str) -> Iterator[Table]:
    """Yield the tables of commitments weakened and corrected downwards. One query."""
    counts = commitments.aggregate(
        any_weakened=Count("key", filter=IS_WEAKENED),
        any_corrected=Count("key", filter=IS_CORRECTED_DOWNWARDS),
        **{
            code: Count("key", filter=Q(weakenings__contains=[{"what": code, "correction": None}]))
            for code in code_lists.Weakening.values
        },
        **{
            code: Count("key", filter=Q(weakenings__contains=[{"correction": code}]))
            for code in code_lists.CorrectionGround.values
        },
    )
    total_text = count_noun(total, "commitment")
    none_yet = "No commitment has been published yet."
    yield Table(
        "weakened",
        "Weakened and withdrawn",
        f"{counts['any_weakened']:,} of {total_text} promise less than they did at first, on {on}. "
        "One commitment may have been weakened in more than one way."
        if total
        else none_yet,
        "In what way",
        total,
        charts.count_bars(counts, dict(code_lists.Weakening.choices), total, leave_out_empty=False),
    )
    yield Table(
        "corrected",
        "Corrected downwards",
        f"{counts['any_corrected']:,} of {total_text} had been corrected by {on}, and promise less "
        "than was first published."
        if total
        else none_yet,
        "On what ground",
        total,
        charts.count_bars(
            counts, dict(code_lists.CorrectionGround.choices), total, leave_out_empty=False
        ),
    )


def _left_table(today: date) -> Table:
    """Return the table of commitments that ended with a membership, by year. One query.

    What was owed is never among the closed alone: removing the silent must not improve a figure.
    """
    left: Any = (
        Record.objects.of_kind("commitment")
        .readable()
        .filter(status=Record.Status.CLOSED, item__end_reason=code_lists.EndReason.LEFT_CHARTER)
        .annotate(is_owed=Q(ended_unanswered__isnull=False))
        .values_list("ended_on__year", "is_owed")
        .annotate(count=Count("key"))
        .order_by("ended_on__year", "-is_owed")
    )
    groups, counts, labels = list(left), {}, {}
    for year, is_owed, count in groups:
        state = "unanswered" if is_owed else "nothing unanswered"
        code = f"{year}_{state.replace(' ', '_')}"
        counts[code], labels[code] = count, f"{year}, {state}"
    total = sum(counts.values())
    unanswered = sum(count for _, is_owed, count in groups if is_owed)
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
        charts.count_bars(counts, labels, total),
    )


def _endings_table(commitments: Any, today: date) -> Table:
    """Return the table of endings; open commitments without a deadline are apart. One query."""
    has_deadline = Q(item__target__by__isnull=False) | Q(item__end_on__isnull=False)
    counts = commitments.aggregate(
        no_deadline=Count("key", filter=Q(ending=Ending.OPEN) & ~has_deadline),
        **{code: Count("key", filter=Q(ending=code)) for code in Ending.values},
    )
    counts[Ending.OPEN] -= counts["no_deadline"]
    total = sum(counts.values())
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


def _proof_table(today: date) -> Table:
    """Return the table of the latest figures by level of proof. One query."""
    counts = dict(
        totals.with_figure(
            totals.countable_commitments(Record.objects.of_kind("commitment").readable())
        )
        .values_list("progress__level_of_proof")
        .annotate(count=Count("key"))
        .order_by()
    )
    total = sum(counts.values())
    return Table(
        "level_of_proof",
        "How far figures are backed",
        f"The latest figure of {count_noun(total, 'commitment')} with a figure on "
        f"{format_day(today)}.",
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
