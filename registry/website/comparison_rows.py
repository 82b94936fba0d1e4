"""Read commitments as rows of a comparison, for pages and as CSV."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from registry.models import Record
from registry.open_data.csv_cells import csv_lines
from registry.website import progress
from registry.website import rows as register_rows
from registry.website.comparison_blocks import ComparisonRow, comparison_row
from registry.website.medians import size_median
from registry.wording.weakenings import CORRECTED_DOWNWARDS, WEAKENED

COLUMNS = ("key", "title", "signatory", "signatory_name", "size", "unit", "starting_point",
           "target", "target_by", "value", "change", "on", "reported_on", "level_of_proof",
           "disputed", "delivery", "reporting", "ending", "weakened", "corrected_down", "share",
           "median_share", "median_of", "ended_unanswered", "signatory_standing")  # fmt: skip


def read_in_order(keys: Sequence[str], today: date) -> list[Record]:
    """Return the records of commitments with these keys, in their order. One query."""
    found = Record.objects.with_reporting(today).in_bulk(keys)
    return [found[key] for key in keys]


def comparison_rows(
    commitments: Sequence[Record], today: date, facts: dict[str, Counter[str]] | None = None
) -> list[ComparisonRow]:
    """Return commitments as rows. Two queries.

    `facts` are those of their measure, as `read_facts` has them: then each has the median of its
    size.
    """
    signatories = Record.objects.in_bulk({record.signatory for record in commitments})
    changes = progress.latest_changes(record.key for record in commitments)
    names = {key: signatory.name or key for key, signatory in signatories.items()}
    sizes = {key: (signatory.item or {}).get("size", "") for key, signatory in signatories.items()}
    return [
        replace(
            comparison_row(
                register_rows.commitment_row(record, names, today),
                record,
                changes.get(record.key),
            ),
            size=sizes[record.signatory],
            median=None if facts is None else size_median(record, sizes[record.signatory], facts),
        )
        for record in commitments
    ]


def csv_text(rows: Iterable[ComparisonRow]) -> str:
    """Return the rows of a comparison as CSV."""
    return "".join(csv_lines([COLUMNS, *map(_csv_cells, rows)]))


def _csv_cells(row: ComparisonRow) -> list[Any]:
    """Return the cells of a row in the order of COLUMNS: one fact in each, figures as numbers."""
    headline, figures, of_size = row.commitment.headline, row.figures, row.median
    start, target, value, share = (
        _parse_figure(figures.get(name)) for name in ("start", "target", "value", "share")
    )
    return [
        *(headline.key, headline.title, row.commitment.signatory_key, headline.signatory),
        *(row.size, figures.get("unit"), start, target, row.target_by),
        *(value, row.change.amount if row.change else None, row.on, headline.reported_on),
        *(headline.level_of_proof, headline.disputed, headline.delivery, headline.reporting),
        headline.ending,
        *(WEAKENED in headline.marks, CORRECTED_DOWNWARDS in headline.marks, share),
        *(of_size and of_size.share, of_size and of_size.of),
        *(headline.ended_unanswered, headline.standing),
    ]


def _parse_figure(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
