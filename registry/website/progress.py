"""Build what a page says of a commitment's figures: their changes, and the rows of its updates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models.fields.json import KT
from django.db.models.functions import Least

from registry.log.progress import has_starting_point
from registry.models import Record
from registry.schema import code_lists
from registry.schema.measure_codes import Unit
from registry.wording.formatting import format_amount, format_change, format_difference

Item = dict[str, Any]
BACKED_LEVELS = (
    code_lists.LevelOfProof.CHECKED_BY_COUNCIL,
    code_lists.LevelOfProof.CONFIRMED_BY_BENEFICIARY,
)


@dataclass(frozen=True)
class UpdateRow:
    """An update, with its figure and the change since the one before in words."""

    key: str
    reported_on: date
    figure: str
    change: str
    not_measured_reason: str | None
    self_assessment: str  # A code, as level_of_proof.
    nothing_changed: bool
    narrative: str | None
    obstacles: str | None
    lessons: str | None
    sent_on_behalf_by: str | None
    withdrawn: bool
    level_of_proof: str
    disputed: bool
    evidence: list[Item]
    check: Item | None
    confirmations: list[Item]


def change_sentence(measured: list[Item], unit: str | None) -> str:
    """Return the change since the figure before: "Up 3 since November 2025 (from 6 to 9)".

    `measured` are typed updates with a figure, newest first.
    """
    if len(measured) < 2 or unit == Unit.YESNO:
        return ""
    after, before = measured[0]["cumulative_value"], measured[1]["cumulative_value"]
    since = f"{format_change(before, after, unit)} since {_figure_day(measured[1]):%B %Y}"
    if before == after:
        return since
    return f"{since} (from {format_amount(before, unit)} to {format_amount(after, unit)})"


def _figure_day(update: Item) -> date:
    """Return the day of a figure, which is never after its report."""
    day: date = min(update["to"], update["reported_on"])
    return day


def start_sentence(record: Record, item: Item) -> str:
    """Return the starting point, or that it is not known; "" if the measure counts from zero.

    It says so where the target was reached before it was promised.
    """
    counts = (record.progress or {}).get("counts")
    if not record.progress or not has_starting_point(item["value_type"], counts or ""):
        return ""
    start = record.progress["start"]
    if start is None:
        return "Starting point not known."
    amount = format_amount(Decimal(start), item["unit"], item["unit_label"])
    promised = record.progress["promised"]
    beyond = ", already beyond the target" if promised and Decimal(promised) < 0 else ""
    return f"Starting point: {amount}{beyond}."


def backed_part(measured: list[Item], unit: str | None) -> str:
    """Return the backed part of a latest figure that is not itself checked or confirmed.

    For example "12 of the 14 checked by the council"; "" where there is none. `measured` are typed
    updates with a figure, newest first.
    """
    # A percentage or a yes has no part that could be checked on its own.
    if not measured or unit in (Unit.PERCENT, Unit.YESNO):
        return ""
    latest = measured[0]
    if latest["level_of_proof"] in BACKED_LEVELS:
        return ""
    for update in measured[1:]:
        if update["level_of_proof"] in BACKED_LEVELS and update["cumulative_value"]:
            # A figure may fall after its check: no more than all of it can be backed.
            part = min(update["cumulative_value"], latest["cumulative_value"])
            level = code_lists.LevelOfProof.label_of(update["level_of_proof"]).lower()
            whole = format_amount(latest["cumulative_value"], unit)
            return f"{format_amount(part, unit)} of the {whole} {level}"
    return ""


def update_rows(updates: list[tuple[Record, Item]], item: Item) -> list[UpdateRow]:
    """Return the rows of the table of updates, newest first."""
    rows = []
    for position, (record, update) in enumerate(updates):
        earlier = [
            other["cumulative_value"]
            for _, other in updates[position + 1 :]
            if other["cumulative_value"] is not None
        ]
        value, unit = update["cumulative_value"], item["unit"]
        has_change = value is not None and earlier and unit != Unit.YESNO
        figure = "" if value is None else format_amount(value, unit, item["unit_label"])
        change = format_difference(value - earlier[0], unit) if has_change else ""
        rows.append(_update_row(record, update, figure, change))
    return rows


def _update_row(record: Record, update: Item, figure: str, change: str) -> UpdateRow:
    return UpdateRow(
        key=record.key,
        reported_on=update["reported_on"],
        figure=figure,
        change=change,
        not_measured_reason=update["not_measured_reason"],
        self_assessment=update["self_assessment"],
        nothing_changed=update["nothing_changed"],
        narrative=update["narrative"],
        obstacles=update["obstacles"],
        lessons=update["lessons"],
        sent_on_behalf_by=update["sent_on_behalf_by"],
        withdrawn=record.status == Record.Status.WITHDRAWN,
        level_of_proof=update["level_of_proof"],
        disputed=bool(update["disputed"]),
        evidence=update["evidence"] or [],
        check=update["check"],
        confirmations=update["confirmations"] or [],
    )


@dataclass(frozen=True)
class FigureChange:
    """The change from the previous figure to the latest: 3, "Up 3 since November 2025"."""

    amount: Decimal
    text: str


def latest_changes(keys: Iterable[str]) -> dict[str, FigureChange]:
    """Return the change from the previous figure to the latest, by commitment. One query."""
    rows = (
        Record.objects.of_kind("update")
        .live()
        .filter(commitment__in=list(keys), item__has_key="cumulative_value")
        .exclude(item__unit=Unit.YESNO)
        .order_by("item__to", "first_entry")
        .values_list(
            "commitment",
            "item__cumulative_value",
            Least(KT("item__to"), KT("item__reported_on")),
            "item__unit",
        )
    )
    previous: dict[str, tuple[Decimal, date]] = {}
    changes: dict[str, FigureChange] = {}
    for key, figure, day, unit in rows:
        value = Decimal(figure)
        if key in previous:
            before, on = previous[key]
            text = f"{format_change(before, value, unit)} since {on:%B %Y}"
            changes[key] = FigureChange(value - before, text)
        previous[key] = value, date.fromisoformat(day)
    return changes


def value_text(value: str | None, item: Item) -> str:
    """Return a published value with its unit, or a phrase for a missing one."""
    if value is None:
        return "No figure reported yet"
    return format_amount(Decimal(value), item.get("unit"), item.get("unit_label"))
