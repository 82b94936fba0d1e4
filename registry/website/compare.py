"""Compare commitments with the same measure, beside the median of their size; no ranks."""

import csv
from datetime import date
from decimal import Decimal
from io import StringIO
from statistics import median
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from registry.log import keys
from registry.models import Record
from registry.open_data.filters import filter_by_signatory
from registry.schema import code_lists
from registry.website import commitment, notices, progress, themes
from registry.wording.formatting import count_noun

MAX_ROWS = 48
# A median of one or two commitments would only repeat their figures.
MIN_FOR_MEDIAN = 3
COLUMNS = ("key", "signatory", "size", "title", "start", "target", "value", "change", "as_of",
           "level", "disputed", "delivery", "reporting", "median")  # fmt: skip


def comparison_context(query: QueryDict, today: date) -> dict[str, Any]:
    """Return the commitments of a measure side by side, or only the options. Five queries."""
    measures = Record.objects.of_kind("measure").readable().order_by("code")
    measure_keys = set(
        Record.objects.of_kind("commitment")
        .readable()
        .filter(measure__isnull=False)
        .values_list("measure", flat=True)
        .distinct()
    )
    options = [(row.key, row.name or row.key) for row in measures if row.key in measure_keys]
    measure = keys.normalise_key(query.get("measure", ""))
    size = query.get("size", "")
    page: dict[str, Any] = {
        "measures": options,
        "measure": measure if measure in measure_keys else "",
        "name": dict(options).get(measure, ""),
        "sizes": code_lists.Size.choices,
        "size": size if size in code_lists.Size.values else "",
        "rows": [],
    }
    if page["measure"]:
        [direction] = [(row.item or {})["direction"] for row in measures if row.key == measure]
        rows = [
            row
            for row in _comparison_rows(measure, direction, today)
            if not page["size"] or row["size"] == page["size"]
        ]
        selection = set(query.getlist("commitment"))
        page["rows"] = [row for row in rows if not selection or row["key"] in selection][:MAX_ROWS]
        page["chosen"] = selection
        page["more"] = len(rows) > MAX_ROWS
        page["csv"] = f"{reverse('website:compare_csv')}?{query.urlencode()}"
    return page


def as_csv(query: QueryDict, today: date) -> str:
    """Return the rows of a comparison as CSV."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in comparison_context(query, today)["rows"]:
        writer.writerow([_csv_cell(row[column]) for column in COLUMNS])
    return text.getvalue()


def commitment_page_context(key: str, today: date) -> dict[str, Any] | None:
    """Return the page of a commitment with similar commitments and the notice that features it.

    Two queries more than the page alone.
    """
    page = commitment.commitment_context(key, today)
    if page and "title" in page:
        page["featured"] = notices.featured_notice(key)
        if page["measure"]:
            page["others"] = _similar_commitments(
                key, page["measure_key"], page["direction"], page["size"], today
            )
    return page


def _similar_commitments(
    key: str, measure: str, direction: str | None, size: str, today: date
) -> dict[str, str]:
    """Return a sentence on similar commitments, with the same measure and size, and a link."""
    address = f"{reverse('website:compare')}?{urlencode({'measure': measure})}"
    if not size:
        return {
            "sentence": (
                "The size of this organisation was not told, so nothing is picked out as similar."
            ),
            "address": address,
            "link": "All commitments of this measure",
        }
    similar = list(
        filter_by_signatory(
            Record.objects.of_kind("commitment").readable().with_reporting(today), "size", [size]
        )
        .filter(measure=measure)
        .exclude(key=key)
    )
    band = f"organisations of {code_lists.Size.label_of(size)}"
    if not similar:
        return {"sentence": f"No other commitment of this measure by {band}."}
    shares = [share for other in similar if (share := _target_share(other, direction)) is not None]
    reporting = sum(other.reporting not in code_lists.Reporting.late_states() for other in similar)
    median_clause = (
        f"median: {median(shares):.0f}% of target"
        if len(shares) >= MIN_FOR_MEDIAN
        else "no median where less is better"
        if direction == "decrease"
        else "too few figures for a median"
    )
    return {
        "sentence": f"{count_noun(len(similar), 'similar commitment')}, same measure, {band} "
        f"({median_clause}, {reporting} of {len(similar)} reporting).",
        "address": f"{address}&{urlencode({'size': size})}",
        "link": "Compare similar commitments",
    }


def _comparison_rows(measure: str, direction: str, today: date) -> list[dict[str, Any]]:
    """Return the commitments of a measure by name of the signatory. Three queries."""
    commitments = list(
        Record.objects.of_kind("commitment")
        .readable()
        .filter(measure=measure)
        .with_reporting(today)
        .order_by("first_entry")
    )
    signatories = Record.objects.in_bulk({record.signatory for record in commitments})
    changes = progress.latest_changes(record.key for record in commitments)
    names = {key: signatory.name or key for key, signatory in signatories.items()}
    sizes = {key: (signatory.item or {}).get("size", "") for key, signatory in signatories.items()}
    shares: dict[str, list[Decimal]] = {}
    for record in commitments:
        if (share := _target_share(record, direction)) is not None:
            shares.setdefault(sizes[record.signatory], []).append(share)
    rows = [
        themes.comparison_row(record, names, changes)
        | {
            "size": sizes[record.signatory],
            "median": _median_text(record, direction, sizes[record.signatory], shares),
        }
        for record in commitments
    ]
    return sorted(rows, key=lambda row: row["signatory"].upper())


def _target_share(record: Record, direction: str | None) -> Decimal | None:
    """Return the share of its target a commitment has reached, in per cent.

    None for a withdrawn commitment or one without a target, and for a measure where less is
    better: there a share would mean nothing.
    """
    latest = record.progress or {}
    target = Decimal(latest.get("of") or 0)
    withdrawn = record.status == Record.Status.WITHDRAWN
    if target <= 0 or withdrawn or direction == "decrease":
        return None
    return Decimal(latest["value"]) * 100 / target


def _median_text(
    record: Record, direction: str, size: str, shares: dict[str, list[Decimal]]
) -> str:
    """Return the median for a commitment's size with its base, or the reason for having none."""
    if direction == "decrease":
        return "No median where less is better"
    if not size:
        return "Size not told: no median"
    size_shares = shares.get(size, [])
    if len(size_shares) < MIN_FOR_MEDIAN:
        return "Too few of its size for a median"
    share = _target_share(record, direction)
    own_clause = f"{share:.0f}% of its target; " if share is not None else ""
    return f"{own_clause}median of {len(size_shares)} of its size: {median(size_shares):.0f}%"


def _csv_cell(value: Any) -> str:
    """Return the text of a cell, safe from being run as a formula by a spreadsheet."""
    text = value.isoformat() if isinstance(value, date) else str(value or "")
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "'")) else text
