"""Comparing like with like: one measure, the median of the same size beside; no ranks."""

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
from registry.website import rows as register_rows
from registry.wording.formatting import count_noun

MAX_ROWS = 48
FEWEST_FOR_A_MEDIAN = 3
COLUMNS = ("key", "signatory", "size", "title", "start", "target", "value", "change", "as_of",
           "level", "disputed", "delivery", "reporting", "median")  # fmt: skip


def comparison_context(query: QueryDict, today: date) -> dict[str, Any]:
    """Return the commitments of a measure side by side, or what to choose from. Five queries."""
    measures = Record.objects.of_kind("measure").readable().order_by("code")
    used = set(
        Record.objects.of_kind("commitment")
        .readable()
        .filter(measure__isnull=False)
        .values_list("measure", flat=True)
        .distinct()
    )
    options = [(row.key, row.name or row.key) for row in measures if row.key in used]
    measure = keys.normalise_key(query.get("measure", ""))
    size = query.get("size", "")
    page: dict[str, Any] = {
        "measures": options,
        "measure": measure if measure in used else "",
        "name": dict(options).get(measure, ""),
        "sizes": code_lists.SIZES.items(),
        "size": size if size in code_lists.SIZES else "",
        "rows": [],
    }
    if page["measure"]:
        [direction] = [(row.item or {})["direction"] for row in measures if row.key == measure]
        everything = _comparison_rows(measure, direction, today)
        of_size = [row for row in everything if not page["size"] or row["size"] == page["size"]]
        kept = set(query.getlist("commitment"))
        page["rows"] = [row for row in of_size if not kept or row["key"] in kept][:MAX_ROWS]
        page["chosen"] = kept
        page["more"] = len(of_size) > MAX_ROWS
        page["csv"] = f"{reverse('website:compare_csv')}?{query.urlencode()}"
    return page


def as_csv(query: QueryDict, today: date) -> str:
    """Return the same rows as CSV."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in comparison_context(query, today)["rows"]:
        writer.writerow([_csv_cell(row[column]) for column in COLUMNS])
    return text.getvalue()


def commitment_page_context(key: str, today: date) -> dict[str, Any] | None:
    """Return the page of a commitment with what others reached of its measure, and why the council
    holds it up, if it does. Two queries more.
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
    """Return what organisations of the same size reached of the same measure, in a sentence, and
    where they stand side by side.
    """
    address = f"{reverse('website:compare')}?{urlencode({'measure': measure})}"
    if not size:
        return {
            "sentence": (
                "The size of this organisation was not told, so nothing is picked out as similar."
            ),
            "address": address,
            "link": "All commitments of this measure",
        }
    alike = list(
        filter_by_signatory(
            Record.objects.of_kind("commitment").readable().with_reporting(today), "size", [size]
        )
        .filter(measure=measure)
        .exclude(key=key)
    )
    band = f"organisations of {code_lists.SIZES[size]}"
    if not alike:
        return {"sentence": f"No other commitment of this measure by {band}."}
    shares = [share for other in alike if (share := _target_share(other, direction)) is not None]
    reporting = sum(other.reporting not in register_rows.LATE_STATES for other in alike)
    middle = (
        f"median: {median(shares):.0f}% of target"
        if len(shares) >= FEWEST_FOR_A_MEDIAN
        else "no median where less is better"
        if direction == "decrease"
        else "too few figures for a median"
    )
    return {
        "sentence": f"{count_noun(len(alike), 'similar commitment')}, same measure, {band} "
        f"({middle}, {reporting} of {len(alike)} reporting).",
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
    known = {key: signatory.name or key for key, signatory in signatories.items()}
    sizes = {key: (signatory.item or {}).get("size", "") for key, signatory in signatories.items()}
    shares: dict[str, list[Decimal]] = {}
    for record in commitments:
        if (share := _target_share(record, direction)) is not None:
            shares.setdefault(sizes[record.signatory], []).append(share)
    rows = [
        themes.comparison_row(record, known, changes)
        | {
            "size": sizes[record.signatory],
            "median": _median_text(record, direction, sizes[record.signatory], shares),
        }
        for record in commitments
    ]
    return sorted(rows, key=lambda row: row["signatory"].upper())


def _target_share(record: Record, direction: str | None) -> Decimal | None:
    """Return the share of its target that a commitment has reached, in per cent; None where less is
    better, so that a share would say nothing.
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
    """Return the median beside a commitment, and of how many it is one; a gap in words."""
    if direction == "decrease":
        return "No median where less is better"
    if not size:
        return "Size not told: no median"
    alike = shares.get(size, [])
    if len(alike) < FEWEST_FOR_A_MEDIAN:
        return "Too few of its size for a median"
    own = _target_share(record, direction)
    reached = f"{own:.0f}% of its target; " if own is not None else ""
    return f"{reached}median of {len(alike)} of its size: {median(alike):.0f}%"


def _csv_cell(value: Any) -> str:
    """Return a cell that no spreadsheet runs as a formula."""
    text = value.isoformat() if isinstance(value, date) else str(value or "")
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "'")) else text
