"""Write the statistics as CSV: one fact in a cell, with the code of a row beside its name."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from registry.models import Counted, Record
from registry.open_data import totals
from registry.open_data.csv_cells import csv_lines
from registry.open_data.figures import kept_figures
from registry.open_data.history import Tally, month_ends, tallies, year_before
from registry.schema.measure_codes import Unit
from registry.website import overview
from registry.website.statistics import Table, all_tables

# `code` is that of the row, `figure` says what its value is, `of` is the total it is part of.
COLUMNS = ("table", "code", "name", "figure", "level_of_proof", "value", "unit", "of",
           "commitments", "signatories", "on")  # fmt: skip
MEASURES = "measures"
Row = dict[str, Any]


def as_csv(today: date, name: str = "") -> str | None:
    """Return all tables, or the one with a name, as CSV; None for an unknown name."""
    series = {"themes": _theme_rows, "year": _year_rows, "months": _month_rows}
    tables = [table for table in all_tables(today) if name in ("", table.name)]
    if name not in ("", MEASURES, *series) and not tables:
        return None
    rows = [row for table in tables for row in _count_rows(table)]
    rows += [row for own, make in series.items() if name in ("", own) for row in make(today)]
    if name in ("", MEASURES):
        rows += _measure_rows(today)
    lines: list[Sequence[Any]] = [
        [({"on": today} | row).get(column) for column in COLUMNS] for row in rows
    ]
    return "".join(csv_lines([COLUMNS, *lines]))


def _count_rows(table: Table) -> Iterator[Row]:
    for row in table.rows:
        yield {
            "table": table.name,
            "code": row.tone,
            "name": row.label,
            "figure": "count",
            "value": row.count,
            "of": table.of,
        }


def _theme_rows(today: date) -> Iterator[Row]:
    """Yield how many commitments of each theme have each outcome."""
    names = dict(Record.objects.of_kind("theme").readable().values_list("key", "name"))
    for key, counts in overview.theme_counts(names, today).items():
        for code, number in counts.items():
            yield {
                "table": "themes",
                "code": key,
                "name": names[key],
                "figure": code,
                "value": number,
                "of": sum(counts.values()),
            }


def _year_rows(today: date) -> Iterator[Row]:
    yield from _tally_rows("year", tallies("", [year_before(today), today]))


def _month_rows(today: date) -> Iterator[Row]:
    yield from _tally_rows("months", tallies("", month_ends(today)))


def _tally_rows(table: str, found: list[Tally]) -> Iterator[Row]:
    """Yield all that was counted of commitments on each day, as the register said it then."""
    for tally in found:
        for counted in Counted:
            yield {
                "table": table,
                "code": counted.value,
                "name": counted.label,
                "figure": "count",
                "value": tally[counted],
                "of": tally[Counted.REGISTERED],
                "on": tally.day,
            }


def _measure_rows(today: date) -> Iterator[Row]:
    """Yield the figures of each measure, and the shares of those in per cent one by one."""
    for total in totals.totals_by_measure(kept_figures("", today)):
        base = {
            "table": MEASURES,
            "code": total.measure,
            "name": total.name,
            "unit": total.unit,
            "commitments": total.commitments,
            "signatories": total.signatories,
        }
        for figure, value in _total_figures(total):
            yield base | {"figure": figure, "value": value}
        if total.promised is not None:
            for level in total.delivered:
                yield from _level_rows(base, level)
        for share in total.shares:
            yield from _share_rows(share)


def _total_figures(total: totals.Total) -> Iterator[tuple[str, Decimal | int | None]]:
    yield "commitments", total.commitments
    if total.yes_count:
        yield "promised_yes", total.yes_count.promised
        yield "say_yes", total.yes_count.yes
        yield "checked_yes", total.yes_count.checked
    if total.promised is not None:
        yield "first_promised", total.first_promised
        yield "promised", total.promised
        yield "starting_point", total.start
        yield "starting_point_unknown", total.start_unknown


def _level_rows(base: Row, level: totals.Delivered) -> Iterator[Row]:
    """Yield what was gained and what was lost at a level of proof."""
    at_level = base | {"level_of_proof": level.level, "signatories": level.signatories}
    gained = {"figure": "gained", "value": level.gained, "commitments": level.gained_by}
    lost = {"figure": "lost", "value": level.lost, "commitments": level.lost_by}
    yield at_level | gained
    yield at_level | lost


def _share_rows(share: totals.Share) -> Iterator[Row]:
    base = {"table": "shares", "code": share.key, "name": share.title, "unit": Unit.PERCENT}
    yield base | {"figure": "starting_point", "value": share.start}
    yield base | {"figure": "target", "value": share.target}
    yield base | {"figure": "value", "value": share.value, "level_of_proof": share.level_of_proof}
