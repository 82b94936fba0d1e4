"""The headline: the sentence, and its parts, for a commitment wherever it appears.

Pages, rows, badges, feeds and emails take it from here, so that none leaves a part out.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from registry.log.progress import deadline_of, parse_progress
from registry.models import Record
from registry.schema import code_lists
from registry.wording.differences import target_text
from registry.wording.formatting import format_against_target, format_amount, format_day

Item = dict[str, Any]


@dataclass(frozen=True)
class Headline:
    """A commitment in short.

    `delivery`, `reporting` and `level_of_proof` are codes; the texts are "" where there is none.
    """

    key: str
    title: str
    signatory: str
    target: str  # "20 people by 30 June 2027"
    figure: str  # "14 of 16 people"
    reported_on: date | None  # The day of the report with the figure, or of the latest report.
    level_of_proof: str
    disputed: bool
    delivery: str
    reporting: str
    weakened: bool
    originally: str  # "20 people by 30 June 2026", if it promises less than that now
    deadline_passed_on: date | None  # While there is no final update.

    @property
    def is_current(self) -> bool:
        """Return True if reporting is up to date, so that the figure needs no date beside it."""
        return self.reporting == code_lists.Reporting.UP_TO_DATE

    @property
    def is_over(self) -> bool:
        return self.reporting == code_lists.Reporting.CLOSED

    @property
    def status(self) -> str:
        """Return delivery and figure with their day: "On track: 14 of 16 people, reported on …"."""
        parts = [self.figure or None, self._reported_clause()]
        detail = ", ".join(part for part in parts if part)
        label = code_lists.Delivery.label_of(self.delivery)
        return f"{label}: {detail}" if detail else label

    @property
    def notes(self) -> list[str]:
        """Return what must not be missing beside the status, each without a full stop."""
        notes = []
        if self.originally:
            notes.append(f"Originally promised: {self.originally}")
        if not self.is_current:
            notes.append(f"Reporting: {code_lists.Reporting.label_of(self.reporting).lower()}")
        if self.deadline_passed_on:
            day = format_day(self.deadline_passed_on)
            notes.append(f"Deadline passed on {day}, no final update yet")
        return notes

    @property
    def sentence(self) -> str:
        """Return the whole headline in words, without the title."""
        return f"{'. '.join([self.status, *self.notes])}."

    def _reported_clause(self) -> str:
        if self.reported_on is None:
            return ""
        proof = code_lists.LevelOfProof.label_of(self.level_of_proof).lower()
        disputed = ", disputed" if self.disputed else ""
        return f"reported on {format_day(self.reported_on)}, {proof}{disputed}"


def build_headline(record: Record, item: Item, signatory: str, today: date) -> Headline:
    """Return the headline of a commitment on a day.

    `item` is the record's, with typed values; `record.reporting` is its state on `today`.
    """
    progress, latest = record.progress or {}, record.latest or {}
    shown = progress if progress.get("value") is not None else latest
    is_over = record.status in (Record.Status.CLOSED, Record.Status.WITHDRAWN)
    deadline = deadline_of(item)
    has_passed = deadline is not None and deadline < today
    is_settled = is_over or record.delivery in code_lists.Delivery.final_results()
    reductions = [way for way in record.weakenings if way["what"] != code_lists.Weakening.WITHDRAWN]
    return Headline(
        key=record.key,
        title=item["title"],
        signatory=signatory,
        target=target_text(item),
        figure=progress_text(progress, item, is_over=is_over),
        reported_on=date.fromisoformat(shown["reported_on"]) if shown else None,
        level_of_proof=shown.get("level_of_proof", ""),
        disputed=shown.get("disputed", False),
        delivery=record.delivery,
        reporting=record.reporting,
        weakened=bool(record.weakenings),
        originally=original_text(record, item) if reductions else "",
        deadline_passed_on=deadline if has_passed and not is_settled else None,
    )


def progress_text(published: Item, item: Item, *, is_over: bool = False) -> str:
    """Return the latest figure beside the target; "" before the first figure.

    `published` is the progress of a record.
    """
    if published.get("value") is None:
        return ""
    progress = parse_progress(published)
    return figure_text(
        Decimal(published["value"]),
        progress.target,
        item=item,
        direction=progress.direction,
        is_over=is_over,
    )


def figure_text(
    value: Decimal,
    target: Decimal | None,
    *,
    item: Item,
    direction: str | None,
    is_over: bool = False,
) -> str:
    """Return "14 of 20 apprenticeships", or "14 apprenticeships" without a target.

    `direction` is the measure's.
    """
    unit, label = item.get("unit"), item.get("unit_label")
    if target is None:
        return format_amount(value, unit, label)
    return format_against_target(
        value, target, unit=unit, label=label, direction=direction, is_over=is_over
    )


def original_text(record: Record, item: Item) -> str:
    """Return what was first promised: "20 people by 30 June 2026" or "by 30 June 2026"."""
    original = record.original or {}
    target, end_on = original.get("target"), deadline_of(original)
    deadline = f"by {format_day(date.fromisoformat(end_on))}" if end_on else ""
    if not target:
        return deadline
    amount = format_amount(Decimal(target["value"]), item.get("unit"), item.get("unit_label"))
    return f"{amount} {deadline}".strip()
