"""Find what changes came to: the figure beside its target, and the change since the one before."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from registry.models import Entry, Record
from registry.schema import code_lists, kinds
from registry.wording.differences import target_text
from registry.wording.figures import figure_label, figure_text
from registry.wording.formatting import format_difference

Item = dict[str, Any]
Action = Entry.Action


@dataclass(frozen=True)
class Result:
    """What a change came to: "14 of 16 people (+2), evidence provided", its words and meaning."""

    fact: str
    words: str = ""
    means: str = ""


@dataclass(frozen=True)
class _Report:
    """A published update, as it reads now."""

    first_entry: int
    value: Decimal | None
    self_assessment: str


class ResultFinder:
    """The commitments and updates behind some entries, as they were at each entry. Two queries."""

    def __init__(self, entries: Iterable[Entry], records: Mapping[str, Record]) -> None:
        self.records = records
        keys = {
            records[entry.key].commitment or entry.key
            for entry in entries
            if entry.kind in ("commitment", "update")
        }
        self.reports = _reports_by_commitment(keys)
        self.versions: dict[str, list[tuple[int, str]]] = defaultdict(list)
        versions = Entry.objects.filter(key__in=keys, item__isnull=False).order_by("number")
        for key, number, item in versions.exclude(action=Action.REDACT).values_list(
            "key", "number", "item"
        ):
            self.versions[key].append((number, item or ""))

    def find(self, entry: Entry, content: Item | None, label: str, *, is_first: bool) -> Result:
        """Return what an entry came to; `content` is its typed item, `label` its type."""
        if content is None or entry.action == Action.REDACT:
            return Result(label)
        if entry.kind == "update" and is_first:
            return self._update_result(entry, content)
        if entry.kind == "notice":
            is_reply = content["type"] == code_lists.NoticeType.REPLY
            return Result(label, content["text"] if is_reply else content["answer"] or "")
        if entry.kind == "success" and is_first:
            return Result(label, content["story"])
        if entry.kind != "commitment":
            return Result(label)
        if is_first:
            return Result(": ".join(filter(None, [label, target_text(content)])))
        match entry.action:
            case Action.CONFIRM:
                figure = self._last_figure(entry, content)
                return Result(f"{label}: still {figure}" if figure else label)
            case Action.CLOSE | Action.WITHDRAW:
                return Result(". ".join(self._ending_texts(entry, content, label)))
        return Result(label)

    def _update_result(self, entry: Entry, update: Item) -> Result:
        key, value = update["commitment"], update["cumulative_value"]
        proof = code_lists.LevelOfProof.label_of(update["level_of_proof"]).lower()
        delivery = code_lists.Delivery.label_of(update["self_assessment"])
        words = update["narrative"] or ""
        if value is None:
            return Result(f"{delivery}, {proof}", words)
        item = self._item_before(key, entry.number)
        figure = self._figure_text(value, item, key)
        earlier = self._reports_before(key, entry.number, with_figure=True)
        if earlier and item.get("value_type") != "yes_no":
            change = format_difference(value - (earlier[-1].value or Decimal(0)), item.get("unit"))
            figure = f"{figure} ({change})"
        return Result(f"{figure}, {proof}", words, delivery)

    def _last_figure(self, entry: Entry, item: Item, *, is_over: bool = False) -> str:
        reports = self._reports_before(entry.key, entry.number, with_figure=True)
        value = reports[-1].value if reports else None
        return "" if value is None else self._figure_text(value, item, entry.key, is_over=is_over)

    def _ending_texts(self, entry: Entry, item: Item, label: str) -> Iterator[str]:
        """Yield "Closed: partly met" and "Final figure: 12 of 16", or what was reported last."""
        reports = self._reports_before(entry.key, entry.number)
        delivery = reports[-1].self_assessment if reports else ""
        reported = code_lists.Delivery.label_of(delivery).lower()
        if entry.action == Action.WITHDRAW:
            yield label
        elif delivery in code_lists.Delivery.final_results():
            yield f"{label}: {reported}"
        else:
            reason = code_lists.EndReason.label_of(item["end_reason"])
            yield f"{label}: {reason[:1].lower()}{reason[1:]}" if reason else label
            if reported:
                yield f"Last reported as {reported}"
        if figure := self._last_figure(entry, item, is_over=True):
            yield f"{figure_label(delivery)}: {figure}"

    def _figure_text(self, value: Decimal, item: Item, key: str, *, is_over: bool = False) -> str:
        direction = (self.records[key].progress or {}).get("direction")
        target = (item.get("target") or {}).get("value")
        return figure_text(value, target, item=item, direction=direction, is_over=is_over)

    def _item_before(self, key: str, number: int) -> Item:
        """Return the typed item of a commitment as it was at an entry; empty once removed."""
        texts = [text for version, text in self.versions[key] if version < number]
        return kinds.parse_item("commitment", json.loads(texts[-1])) if texts else {}

    def _reports_before(self, key: str, number: int, *, with_figure: bool = False) -> list[_Report]:
        return [
            report
            for report in self.reports[key]
            if report.first_entry < number and (report.value is not None or not with_figure)
        ]


def _reports_by_commitment(keys: Iterable[str]) -> dict[str, list[_Report]]:
    """Return the published updates of commitments in the order of their days. One query."""
    updates = Record.objects.of_kind("update").live().filter(commitment__in=keys)
    reports: dict[str, list[_Report]] = defaultdict(list)
    columns = ("commitment", "first_entry", "item__cumulative_value", "item__self_assessment")
    rows = updates.order_by("item__to", "first_entry").values_list(*columns)
    for key, first_entry, value, assessment in rows:
        reports[key].append(_Report(first_entry, value and Decimal(value), assessment))
    return reports
