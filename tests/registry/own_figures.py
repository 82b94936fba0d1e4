"""The figures of a register worked out once more, from the items of its log alone.

The code is its own: it shares no rule with the product, and counts in fractions.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from statistics import median
from typing import Any

from registry.schema import code_lists

Item = dict[str, Any]
Get = Callable[[str], Any]
ADDED = ("count", "fte", "weeks", "hours", "person_hours", "gbp", "days", "tco2e", "kwh", "tonnes",
         "km", "sqm")  # fmt: skip
CHECKED = ("checked_by_council", "confirmed_by_beneficiary")


@dataclass
class Case:
    """A commitment with its first and its present terms, its measure and its latest figure."""

    key: str
    item: Item
    first: Item
    measure: Item
    signatory: Item
    latest: Item | None
    is_counted: bool  # Neither withdrawn nor replaced.
    replaces_same_measure: bool

    @property
    def has_way(self) -> bool:
        return self.item["value_type"] in ("quantity", "money", "percentage")

    @property
    def now(self) -> Fraction | None:
        return Fraction(self.latest["cumulative_value"]) if self.latest else None

    @property
    def start(self) -> Fraction | None:
        return self._start_of(self.item)

    @property
    def target(self) -> Fraction | None:
        return _value_of(self.item.get("target"))

    @property
    def promised(self) -> Fraction | None:
        return self._gain(self.start, self.target)

    @property
    def first_promised(self) -> Fraction | None:
        return self._gain(self._start_of(self.first), _value_of(self.first.get("target")))

    @property
    def delivered(self) -> Fraction | None:
        return self._gain(self.start, self.now)

    @property
    def way(self) -> Fraction | None:
        if self.delivered is None or not self.promised or self.promised < 0:
            return None
        return self.delivered / self.promised

    @property
    def is_met(self) -> bool | None:
        if self.now is None or self.target is None:
            return None
        return self.now <= self.target if self._sign < 0 else self.now >= self.target

    @property
    def bar(self) -> tuple[float, ...] | None:
        """Return where start, target, present and first target are, in per cent of the drawing."""
        if self.way is None or self.promised is None:
            return None
        first = self._first_way or Fraction(1)
        left, right = min(self.way, Fraction(0)), max(self.way, first)
        return tuple(
            float((place - left) / (right - left) * 100)
            for place in (Fraction(0), Fraction(1), self.way, first)
        )

    @property
    def _first_way(self) -> Fraction | None:
        """Return how far the first target is from start to target, if more was promised first."""
        names = ("unit", "unit_label")
        if any(self.first.get(name) != self.item.get(name) for name in names):
            return None
        gain = self._gain(self.start, _value_of(self.first.get("target")))
        return gain / self.promised if gain and self.promised and gain > self.promised else None

    @property
    def _sign(self) -> int:
        return -1 if self.measure["direction"] == "decrease" else 1

    def _start_of(self, item: Item) -> Fraction | None:
        if not self.has_way:
            return None
        if self.measure["counts"] == "since_promise":
            return Fraction(0)
        return _value_of(item.get("baseline"))

    def _gain(self, start: Fraction | None, value: Fraction | None) -> Fraction | None:
        return None if start is None or value is None else self._sign * (value - start)


def _value_of(item: Item | None) -> Fraction | None:
    return Fraction(item["value"]) if item else None


class OwnFigures:
    """A register as its log tells it; `get` opens an address of it."""

    def __init__(self, get: Get) -> None:
        self.get = get
        self.versions: dict[str, list[tuple[str, Item | None]]] = defaultdict(list)
        self.first_numbers: dict[str, int] = {}
        for entry in self._entries():
            if entry["action"] != "redact":
                self.versions[entry["key"]].append((entry["action"], entry["item"]))
                self.first_numbers.setdefault(entry["key"], entry["number"])
        self.cases = list(self._cases())

    def _entries(self) -> Iterator[Item]:
        after = 0
        while page := self.get(f"/api/v1/changes?after={after}&limit=500").json()["data"]:
            yield from page
            after = page[-1]["number"]

    def _latest(self, key: str | None) -> Item:
        return (self.versions[key][-1][1] or {}) if key else {}

    def _is_live(self, key: str) -> bool:
        ends = [action for action, _ in self.versions[key] if action in ("withdraw", "amend")]
        return not ends or ends[-1] != "withdraw"

    def _cases(self) -> Iterator[Case]:
        keys = [key for key in self.versions if key.startswith("C-")]
        updates: dict[str, list[Item]] = defaultdict(list)
        live = [key for key in self.versions if key.startswith("U-") and self._is_live(key)]
        live.sort(key=lambda key: (self._latest(key).get("to", ""), self.first_numbers[key]))
        for key in live:
            update = self._latest(key)
            if update.get("cumulative_value") is not None:
                updates[update["commitment"]].append(update)
        replaced = {self._latest(key).get("supersedes") for key in keys}
        for key in keys:
            item = self._latest(key)
            if not item or not item.get("measure"):
                continue
            other = self._latest(item.get("supersedes"))
            yield Case(
                key=key,
                item=item,
                first=self._first(key),
                measure=self._latest(item["measure"]),
                signatory=self._latest(item["signatory"]),
                latest=updates[key][-1] if updates[key] else None,
                is_counted=self._is_live(key) and key not in replaced,
                replaces_same_measure=other.get("measure") == item["measure"],
            )

    def _first(self, key: str) -> Item:
        """Return the terms of the first version that has its text."""
        return next((item for _, item in self.versions[key] if item), {})

    def groups(self, cases: list[Case]) -> list[tuple[str, str, list[Case]]]:
        """Return the cases by measure and unit, in the order of a page."""
        groups: dict[tuple[str, str, str], list[Case]] = defaultdict(list)
        for case in cases:
            order = case.measure["code"], case.item["measure"], case.item["unit"]
            groups[order].append(case)
        return [(key, unit, group) for (_, key, unit), group in sorted(groups.items())]

    def total_rows(self, cases: list[Case]) -> list[tuple[str, Fraction | None]]:
        """Return the expected rows of totals: the label and the number of each."""
        rows: list[tuple[str, Fraction | None]] = []
        for _, unit, group in self.groups(cases):
            counted = [case for case in group if case.is_counted]
            if unit == "yesno":
                rows += _yes_rows(counted)
            elif unit == "percent":
                by_name = sorted(counted, key=lambda case: (name_of(case), self.order(case)))
                rows += [(f"{case.item['title']} {name_of(case)}", case.now) for case in by_name]
            elif unit in ADDED:
                rows += _added_rows(group, counted)
            else:
                rows.append(("Promised", None))
                rows += [(f"Delivered: {label}", None) for label, _ in _by_level(counted)]
        return rows

    def order(self, case: Case) -> int:
        return self.first_numbers[case.key]

    def median_of(self, case: Case) -> tuple[Fraction, int] | None:
        size = case.signatory.get("size")
        ways = [
            other.way
            for other in self.cases
            if other.item["measure"] == case.item["measure"] and other.is_counted
            and other.signatory.get("size") == size and other.way is not None
        ]  # fmt: skip
        return (median(ways), len(ways)) if size and len(ways) >= 3 else None

    def median_of_measure(self, measure: str) -> Fraction | None:
        ways = [
            case.way
            for case in self.cases
            if case.item["measure"] == measure and case.is_counted and case.way is not None
        ]
        return median(ways) if len(ways) >= 3 else None


def name_of(case: Case) -> str:
    return case.signatory.get("trading_name") or case.signatory["legal_name"]


def _yes_rows(counted: list[Case]) -> list[tuple[str, Fraction | None]]:
    yes = [case for case in counted if case.is_met]
    checked = [case for case in yes if case.latest and case.latest["level_of_proof"] in CHECKED]
    promised = [case for case in counted if case.target is not None]
    numbers = [len(promised), len(yes), len(checked)]
    labels = ["Promised", "Say yes", "Checked or confirmed"]
    return list(zip(labels, map(Fraction, numbers), strict=True))


def _added_rows(group: list[Case], counted: list[Case]) -> list[tuple[str, Fraction | None]]:
    firsts = [case.first_promised for case in group if not case.replaces_same_measure]
    first, promised = add(firsts), add(case.promised for case in counted)
    rows: list[tuple[str, Fraction | None]] = [("Promised", promised)]
    if first != promised:
        rows.insert(0, ("First promised", first))
    is_cut = group[0].measure["direction"] == "decrease"
    gained, lost = ("Cut", "Grown") if is_cut else ("Delivered", "Lost")
    for label, cases in _by_level(counted):
        changes = [case.delivered or Fraction(0) for case in cases]
        rows.append((f"{gained}: {label}", add(change for change in changes if change > 0)))
        if losses := add(change for change in changes if change < 0):
            rows.append((f"{lost}: {label}", -losses))
    return rows


def _by_level(counted: list[Case]) -> Iterator[tuple[str, list[Case]]]:
    for level in reversed(code_lists.LevelOfProof):
        cases = [c for c in counted if c.latest and c.latest["level_of_proof"] == level]
        if cases:
            yield level.label.lower(), cases


def add(numbers: Any) -> Fraction:
    return sum((number for number in numbers if number is not None), Fraction(0))
