"""The bar of a commitment, from its starting point to its target; right is towards the target.

It never starts at zero, unless that is the starting point: what was there before is not drawn as
done. Where less is better it is drawn in the same direction, and its labels say so.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from registry import clock
from registry.log.progress import Progress, deadline_of, parse_progress
from registry.models import Record
from registry.schema.code_lists import Delivery, LevelOfProof
from registry.schema.measure_codes import Unit
from registry.website.text_widths import text_width
from registry.wording.formatting import format_amount
from registry.wording.headline import Headline

Item = dict[str, Any]
ENDED = "ended"  # The tone of a bar without a result: grey.
# Pixels: the width of the drawing on the smallest phone, and the size of the widest usual font in
# which a label is as wide as in our own of 16 pixels.
NARROWEST, LABEL_SIZE = 290, 12
LABEL_MARGIN = 8


@dataclass(frozen=True)
class Label:
    """A text below or above the bar: its place in per cent, and its line from 0.

    `anchor` is start, middle or end; `name` is start, target, first or now.
    """

    name: str
    text: str
    at: float
    anchor: str
    line: int = 0

    @property
    def y(self) -> int:
        """Return the baseline in the large drawing; the first line is below the bar."""
        return 68 + 22 * self.line

    @property
    def extent(self) -> tuple[float, float]:
        """Return where it begins and ends on the smallest phone, in pixels, with its margin."""
        width = text_width(self.text, LABEL_SIZE) + LABEL_MARGIN
        shift = {"start": 0.0, "middle": width / 2, "end": width}[self.anchor]
        left = self.at * NARROWEST / 100 - shift
        return left, left + width


@dataclass(frozen=True)
class CommitmentBar:
    """Positions in per cent of the drawing, and its words.

    `now_at` is None before the first figure, `first_at` unless more was promised first, `pace_at`
    where there is no even pace. A yes or no has an answer and no positions, and to keep what was
    there has a dot on the target.
    """

    tone: str  # A delivery, or ENDED.
    is_recent: bool  # Otherwise it is striped.
    is_backed: bool  # By evidence, a check or a confirmation: the dot is filled.
    start_at: float = 0
    target_at: float = 100
    now_at: float | None = None
    first_at: float | None = None
    pace_at: float | None = None
    is_yes_no: bool = False
    is_yes: bool | None = None
    keeps: bool = False
    labels: tuple[Label, ...] = ()
    now_label: Label | None = None
    pace: str = ""  # The even pace in a sentence.
    description: str = ""

    @property
    def is_loss(self) -> bool:
        """Return True if the figure moved away from the target."""
        if self.now_at is None:
            return False
        return self.now_at < (self.target_at if self.keeps else self.start_at)

    @property
    def done_from(self) -> float:
        """Return the left end of what is coloured; below the start for a loss."""
        anchor = self.target_at if self.keeps else self.start_at
        return anchor if self.now_at is None else min(anchor, self.now_at)

    @property
    def done_width(self) -> float:
        anchor = self.target_at if self.keeps else self.start_at
        return 0 if self.now_at is None else round(abs(self.now_at - anchor), 1)

    @property
    def track_width(self) -> float:
        return round(self.target_at - self.start_at, 1)

    @property
    def given_up_width(self) -> float:
        """Return the width of what was promised first and given up."""
        return 0 if self.first_at is None else round(self.first_at - self.target_at, 1)

    @property
    def height(self) -> int:
        """Return the height of the large drawing in pixels."""
        return max((label.y for label in self.labels), default=52) + 8


def commitment_bar(
    record: Record, item: Item, headline: Headline, today: date
) -> CommitmentBar | None:
    """Return the bar of a commitment on a day.

    None without a number, without a known starting point, and where the target was reached before
    it was promised. `item` is the record's, with typed values.
    """
    if not record.progress or not item["target"]:
        return None
    progress = parse_progress(record.progress)
    look = _Look(
        tone=ENDED if _has_no_result(headline) else headline.delivery,
        is_recent=not headline.is_stale and headline.delivery != Delivery.WITHDRAWN,
        is_backed=headline.level_of_proof not in ("", LevelOfProof.SELF_REPORTED),
    )
    texts = _Texts(item, progress, is_over=headline.is_over or not look.is_recent)
    if item["unit"] == Unit.YESNO:
        is_yes = None if progress.now is None else bool(progress.now)
        return look.bar(is_yes_no=True, is_yes=is_yes, description=headline.figure)
    if progress.keeps_start:
        return _keep_bar(progress, look, texts)
    if progress.start is None or not progress.promised or progress.promised < 0:
        return None
    pace = None if not look.is_recent or headline.is_over else _even_pace(record, item, today)
    return _way_bar(progress, look, texts, marks=_Marks(_first_promised(record, item), pace))


@dataclass(frozen=True)
class _Look:
    tone: str
    is_recent: bool
    is_backed: bool

    def bar(self, **positions: Any) -> CommitmentBar:
        return CommitmentBar(
            tone=self.tone, is_recent=self.is_recent, is_backed=self.is_backed, **positions
        )


@dataclass(frozen=True)
class _Marks:
    """What was first promised, as a figure, and the even pace as a share of the way."""

    first: Decimal | None
    pace: Decimal | None


@dataclass(frozen=True)
class _Texts:
    item: Item
    progress: Progress
    is_over: bool

    def amount(self, value: Decimal) -> str:
        return format_amount(value, self.item["unit"])

    @property
    def start(self) -> str:
        return f"{self.amount(self.progress.start or Decimal(0))} at the start"

    @property
    def target(self) -> str:
        limit = " or less" if self.progress.less_is_better else ""
        return f"target {self.amount(self.progress.target or Decimal(0))}{limit}"

    @property
    def now(self) -> str:
        if self.progress.now is None:
            return ""
        return f"{self.amount(self.progress.now)}{'' if self.is_over else ' now'}"

    def pace(self, share: Decimal) -> str:
        """Return what an even pace would have come to: a straight line, never a judgement."""
        start, target = self.progress.start or Decimal(0), self.progress.target or Decimal(0)
        value = start + (target - start) * share
        places = Decimal(1) if abs(target - start) >= 10 else Decimal("0.1")
        return f"An even pace would be {self.amount(value.quantize(places))} by now (▲)."

    def describe(self, first: Decimal | None = None) -> str:
        """Return the drawing in a sentence: its ends, and how much of the way is done."""
        progress = self.progress
        reported = f"Reported: {self.amount(progress.now)}" if progress.now is not None else ""
        if progress.way is not None:
            share = format_amount((progress.way * 100).quantize(Decimal(1)), Unit.PERCENT)
            moved = "moved away from the target" if progress.way < 0 else f"{share} of the way"
            reported = f"{reported}, {moved}"
        parts = [
            f"From {self.start} to the {self.target}",
            reported or "No figure yet",
            f"First promised: {self.amount(first)}" if first is not None else "",
        ]
        return f"{'. '.join(filter(None, parts))}."


def _has_no_result(headline: Headline) -> bool:
    """Return True if it has ended, or its deadline has passed, and no result is known."""
    is_open = not headline.is_over and headline.deadline_passed_on is None
    return not is_open and headline.delivery not in Delivery.final_results()


def _way_bar(progress: Progress, look: _Look, texts: _Texts, marks: _Marks) -> CommitmentBar:
    way, first_way = progress.way, _way_to(progress, marks.first)
    first_way = first_way if first_way is not None and first_way > 1 else None
    ways = [way for way in (Decimal(0), Decimal(1), way, first_way) if way is not None]
    lowest, highest = min(ways), max(ways)

    def position(way: Decimal) -> float:
        return round(float((way - lowest) * 100 / (highest - lowest)), 1)

    start_at, target_at = position(Decimal(0)), position(Decimal(1))
    now_at = None if way is None else position(way)
    first_at = None if first_way is None else position(first_way)
    first = None if first_way is None else marks.first
    labels = [_label("start", texts.start, start_at), _label("target", texts.target, target_at)]
    if first is not None and first_at is not None:
        labels.append(_label("first", f"first promised {texts.amount(first)}", first_at))
    return look.bar(
        start_at=start_at,
        target_at=target_at,
        now_at=now_at,
        first_at=first_at,
        pace_at=None if marks.pace is None else position(marks.pace),
        pace="" if marks.pace is None else texts.pace(marks.pace),
        labels=tuple(_in_lines(labels)),
        now_label=None if now_at is None else _label("now", texts.now, now_at),
        description=texts.describe(first),
    )


def _keep_bar(progress: Progress, look: _Look, texts: _Texts) -> CommitmentBar:
    """Return the bar of a target to keep what was there: a dot on the target, or before it.

    No way says how far a loss goes, so that is its share of the target.
    """
    target, now = progress.target or Decimal(0), progress.now
    lost = Decimal(0)
    if now is not None and not progress.is_met:
        lost = abs(now - target) / abs(target) if target else Decimal(1)
    now_at = None if now is None else round(float(100 - min(lost, Decimal(1)) * 100), 1)
    keep = texts.target.replace("target", "keep", 1)
    return look.bar(
        keeps=True,
        now_at=now_at,
        labels=(_label("target", keep, 100),),
        now_label=None if now_at is None else _label("now", texts.now, now_at),
        description=texts.describe(),
    )


def _label(name: str, text: str, at: float) -> Label:
    """Return a label that stays inside the drawing, also on a phone."""
    half = text_width(text, LABEL_SIZE) / 2 * 100 / NARROWEST
    if at < half:
        return Label(name, text, at, "start")
    if name in ("target", "first") or at > 100 - half:
        return Label(name, text, at, "end")
    return Label(name, text, at, "middle")


def _in_lines(labels: Iterable[Label]) -> Iterator[Label]:
    """Yield labels, each in the first line where it touches no other on the smallest phone."""
    taken: list[tuple[int, float, float]] = []
    for label in labels:
        left, right = label.extent
        line = 0
        while any(line == other and left < end and right > begin for other, begin, end in taken):
            line += 1
        taken.append((line, left, right))
        yield Label(label.name, label.text, label.at, label.anchor, line)


def _way_to(progress: Progress, value: Decimal | None) -> Decimal | None:
    """Return how far a figure is from start to target: 1 at the target."""
    return Progress(progress.start, value, progress.target, progress.direction).way


def _first_promised(record: Record, item: Item) -> Decimal | None:
    """Return the first target, if it is of the same unit and measure."""
    first = record.original or {}
    is_same = first.get("unit") == item["unit"] and first.get("unit_label") == item["unit_label"]
    return Decimal(first["target"]["value"]) if is_same and first.get("target") else None


def _even_pace(record: Record, item: Item, today: date) -> Decimal | None:
    """Return the share of the time from start to deadline that has passed; None outside it."""
    began_on = item["start_on"] or clock.local_date(record.published_at)
    deadline: date | None = deadline_of(item)
    if deadline is None or not began_on < today <= deadline:
        return None
    return Decimal((today - began_on).days) / Decimal((deadline - began_on).days)
