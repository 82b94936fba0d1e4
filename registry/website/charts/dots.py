"""Where signatories are with one measure: a line each from the start to now, beside its target.

The lines are in the order of names, never of results: who starts low would look bad for it. The
strip below says how far the middle is, as shares of the way from start to target.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from registry.log.progress import Progress
from registry.schema.measure_codes import Unit
from registry.wording.formatting import count_noun, format_amount, format_difference

MOST_TICKS = 5
STEPS = (Decimal(1), Decimal(2), Decimal(5), Decimal(10))
MIN_FOR_MEDIAN = 3  # A median of one or two would only repeat their figures.
ROOM = Decimal("0.03")  # Of the scale, left and right of the first and the last dot.


@dataclass(frozen=True)
class DotFact:
    """What is drawn of a commitment: its progress, and how its figure is known."""

    key: str
    progress: Progress
    unit: str
    is_recent: bool
    is_backed: bool  # By evidence, a check or a confirmation.


@dataclass(frozen=True)
class DotLine:
    """Positions in per cent, None for what is not known, and the way in words."""

    start_at: float | None
    now_at: float | None
    target_at: float | None
    is_recent: bool
    is_backed: bool
    target: str  # "95% or less"
    way: str  # "7 of 8 points, from 90%"


@dataclass(frozen=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True)
class DotPlot:
    """The lines by key of the commitment, on one scale; `finding` is what one sees."""

    lines: dict[str, DotLine]
    ticks: list[Tick]
    finding: str


@dataclass(frozen=True)
class StripDot:
    at: float
    level: int  # From 0: dots at the same place are put on each other.
    is_backed: bool

    @property
    def y(self) -> int:
        """Return the height of its centre in pixels, from that of the lowest dots upwards."""
        return -18 * self.level


@dataclass(frozen=True)
class MedianStrip:
    """The shares of the way that are done, and their median; `of` counts them."""

    dots: list[StripDot]
    ticks: list[Tick]
    target_at: float
    median_at: float
    text: str  # "75%"
    of: int

    @property
    def height(self) -> int:
        """Return the height of the drawing in pixels."""
        return 74 + 18 * max(dot.level for dot in self.dots)

    @property
    def base(self) -> int:
        """Return where the line is that the dots are on."""
        return self.height - 30


def dot_plot(facts: Sequence[DotFact]) -> DotPlot | None:
    """Return the plot of commitments in one unit; None for a yes or no, and without numbers."""
    figures = [figure for fact in facts for figure in _figures(fact)]
    if not figures or any(fact.unit == Unit.YESNO for fact in facts):
        return None
    ticks = _nice_ticks(min(figures), max(figures))
    room = (ticks[-1] - ticks[0]) * ROOM
    lowest, width = ticks[0] - room, ticks[-1] - ticks[0] + 2 * room

    def position(figure: Decimal | None) -> float | None:
        return None if figure is None else round(float((figure - lowest) * 100 / width), 1)

    return DotPlot(
        lines={
            fact.key: DotLine(
                start_at=position(fact.progress.start),
                now_at=position(fact.progress.now),
                target_at=position(fact.progress.target),
                is_recent=fact.is_recent,
                is_backed=fact.is_backed,
                target=_target_text(fact),
                way=_way_text(fact),
            )
            for fact in facts
        },
        ticks=[Tick(position(tick) or 0, format_amount(tick, facts[0].unit)) for tick in ticks],
        finding=finding_text([fact.progress for fact in facts]),
    )


def finding_text(all_progress: Sequence[Progress]) -> str:
    """Return "7 of 8 moved towards their targets; 2 reached them", for any numbers."""
    reported = [progress for progress in all_progress if progress.now is not None]
    if not reported:
        return "No figures reported yet"
    met = sum(bool(progress.is_met) for progress in reported)
    moved = sum(
        bool(progress.is_met or (progress.delivered and progress.delivered > 0))
        for progress in reported
    )
    total = len(reported)
    if total == 1:
        only = "reaches its target" if met else f"is {'' if moved else 'no '}closer to its target"
        return f"The only figure reported {only}"
    all_of_them = "Both reported figures" if total == 2 else f"All {total} reported figures"
    of_all = all_of_them if moved == total else f"{moved or 'None'} of {total} reported figures"
    verb = "are" if moved != 1 or moved == total else "is"
    reached = "" if not met else "; all reach them" if met == total else f"; {met} {_reach(met)}"
    return f"{of_all} {verb} closer to {_their(moved, total)} than at the start{reached}"


def _reach(count: int) -> str:
    return "reaches it" if count == 1 else "reach them"


def _their(moved: int, total: int) -> str:
    return "its target" if moved == 1 and moved != total else "their targets"


def median_strip(facts: Iterable[DotFact], middle: Decimal | None = None) -> MedianStrip | None:
    """Return the strip of the shares of the way that are known; None for fewer than three.

    `middle` is the median of more commitments than are drawn.
    """
    known = sorted(
        ((fact.progress.way, fact) for fact in facts if fact.progress.way is not None),
        key=lambda pair: pair[0],
    )
    if len(known) < MIN_FOR_MEDIAN:
        return None
    ways = [way for way, _ in known]
    middle = middle if middle is not None else median(ways)
    lowest, highest = min(ways[0], Decimal(0)), max(ways[-1], Decimal(1))
    room = (highest - lowest) * ROOM

    def position(way: Decimal) -> float:
        return round(float((way - lowest + room) * 100 / (highest - lowest + 2 * room)), 1)

    return MedianStrip(
        dots=list(_stacked((position(way), fact.is_backed) for way, fact in known)),
        ticks=[Tick(position(Decimal(q) / 4), f"{25 * q}%") for q in (0, 2, 4)],
        target_at=position(Decimal(1)),
        median_at=position(middle),
        text=percent_text(middle),
        of=len(known),
    )


def percent_text(share: Decimal) -> str:
    return format_amount(round(share * 100, 0), Unit.PERCENT)


def _stacked(placed: Iterable[tuple[float, bool]]) -> Iterator[StripDot]:
    """Yield dots on the lowest level where they touch no other on a phone."""
    last: list[float] = []
    for at, is_backed in placed:
        level = next((i for i, before in enumerate(last) if at - before > 5), len(last))
        last[level:] = [at, *last[level + 1 :]]
        yield StripDot(at, level, is_backed)


def _figures(fact: DotFact) -> list[Decimal]:
    progress = fact.progress
    return [f for f in (progress.start, progress.now, progress.target) if f is not None]


def _nice_ticks(lowest: Decimal, highest: Decimal) -> list[Decimal]:
    """Return round numbers around some figures: at most six, and at least two."""
    if lowest == highest:
        lowest, highest = min(lowest, Decimal(0)), max(highest, Decimal(1))
    rough = (highest - lowest) / MOST_TICKS
    power = Decimal(10) ** rough.adjusted()
    step = next(power * each for each in STEPS if power * each >= rough)
    first = (lowest / step).to_integral_value("ROUND_FLOOR")
    last = (highest / step).to_integral_value("ROUND_CEILING")
    return [step * number for number in range(int(first), int(last) + 1)]


def _target_text(fact: DotFact) -> str:
    limit = " or less" if fact.progress.less_is_better else ""
    target = fact.progress.target
    return "" if target is None else f"{format_amount(target, fact.unit)}{limit}"


def _way_text(fact: DotFact) -> str:
    """Return "7 of 8 points, from 90%", or what is missing for it."""
    progress = fact.progress
    if progress.start is None:
        return "Starting point not known"
    start = format_amount(progress.start, fact.unit)
    if progress.keeps_start:
        return f"to keep {start}"
    if progress.delivered is None or progress.promised is None:
        return f"from {start}"
    if progress.delivered < 0:
        return f"moved away from the target, from {start}"
    unit = Unit.PERCENT if fact.unit == Unit.PERCENT else None
    noun = " points" if unit else ""
    delivered, promised = (
        format_difference(value, None).lstrip("+") if value else "0"
        for value in (progress.delivered, progress.promised)
    )
    beyond = ": beyond target" if progress.is_met and progress.now != progress.target else ""
    return f"{delivered} of {promised}{noun}, from {start}{beyond}"


def yes_text(facts: Sequence[DotFact]) -> str:
    """Return the answers to a yes or no: "4 promised, 4 say yes, 3 of them backed"."""
    yes = [fact for fact in facts if fact.progress.now]
    backed = sum(fact.is_backed for fact in yes)
    return f"{count_noun(len(facts), 'commitment')}: {len(yes)} say yes, {backed} of them backed"
