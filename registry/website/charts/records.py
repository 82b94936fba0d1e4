"""The reporting record: one square for each reporting period, oldest first, and its sentence."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from registry.schema.code_lists import PeriodState
from registry.wording.formatting import join_list


class Square(NamedTuple):
    """A shape of shapes.svg, and what it says."""

    shape: str
    words: str


RECEIVED = Square("period_received", "received")
LATE = Square("period_late", "received late")
MISSING = Square("period_missing", "not received")
DUE = Square("period_due", "due now")
NOT_REQUIRED = Square("period_excused", "not required, or nobody could be contacted")
SCHEDULED = Square("period_scheduled", "not due yet")
SQUARES = {
    PeriodState.RECEIVED: RECEIVED,
    PeriodState.RECEIVED_LATE: LATE,
    PeriodState.NOT_RECEIVED: MISSING,
    PeriodState.OVERDUE: MISSING,
    PeriodState.SILENT: MISSING,
    PeriodState.DUE: DUE,
    PeriodState.EXCUSED: NOT_REQUIRED,
    PeriodState.PAUSED: NOT_REQUIRED,
    PeriodState.UNREACHABLE: NOT_REQUIRED,
    PeriodState.NO_CONTACT: NOT_REQUIRED,
    PeriodState.SCHEDULED: SCHEDULED,
}


@dataclass(frozen=True)
class RecordStrip:
    """The squares, oldest first, each different one once, and how often each in a sentence."""

    squares: list[Square]
    legend: list[Square]
    sentence: str


def record_strip(states: Iterable[str]) -> RecordStrip:
    """Return the record of reporting periods, from their states, oldest first."""
    squares = [SQUARES[PeriodState(state)] for state in states]
    legend = [square for square in dict.fromkeys(SQUARES.values()) if square in squares]
    return RecordStrip(squares, legend, _sentence(squares))


def _sentence(squares: Sequence[Square]) -> str:
    """Return "8 updates received, 3 of them late; 3 not received and 1 due now."."""
    counts = Counter(squares)
    received = counts[RECEIVED] + counts[LATE]
    texts = []
    if received:
        noun = "update" if received == 1 else "updates"
        texts.append(f"{received} {noun} received{_late_clause(counts[LATE], received)}")
    others = [
        f"{counts[square]} {square.words}"
        for square in (MISSING, DUE, NOT_REQUIRED)
        if counts[square]
    ]
    if others:
        texts.append(join_list(others))
    return f"{'; '.join(texts)}." if texts else "No update has been due yet."


def _late_clause(late: int, received: int) -> str:
    if not late:
        return ""
    if late < received:
        return f", {late} of them late"
    return " late" if received == 1 else ", all of them late"
