"""A second opinion on the reporting rule: a clerk who walks through the calendar, day by day.

Days are whole numbers from 0. What the log knows is given once; the clerk then keeps a diary with
the state of the commitment and of each period on every day. Nothing is shared with
`registry/log/reporting.py`: it computes dates, the clerk counts days and remembers marks.
"""

from dataclasses import dataclass, field

# Marks in the clerk's file on a period.
LATE, OVERDUE, SILENT = "late", "overdue", "silent"


@dataclass(frozen=True)
class PeriodCase:
    """A period from `starts` to before `due` (which may have been moved)."""

    starts: int
    due: int
    reminders: tuple[int, ...] = ()
    received: int | None = None
    excused: bool = False


@dataclass(frozen=True)
class Case:
    """A commitment and its signatory, as the log knows them."""

    periods: tuple[PeriodCase, ...]
    overdue_after: int
    silent_after: int
    pause: tuple[int, int | None] | None = None
    unreachable_since: int | None = None
    no_contact_since: int | None = None
    ended: int | None = None


@dataclass
class Diary:
    """States by day, of the commitment and of each period, and the days on which one turned late.

    `silences` are the days on which a silence began, with the position of its period.
    """

    commitment: list[str] = field(default_factory=list)
    periods: list[list[str]] = field(default_factory=list)
    marked_on: list[dict[str, int]] = field(default_factory=list)
    silences: list[tuple[int, int]] = field(default_factory=list)


def keep_diary(case: Case, days: int) -> Diary:
    """Return the diary of so many days; the periods of the case are in the order of their start."""
    diary = Diary(periods=[[] for _ in case.periods], marked_on=[{} for _ in case.periods])
    receipt_late = _mark_days(case, days, diary)
    needed = [position for position in range(len(case.periods)) if _is_needed(case, position)]
    for day in range(days):
        for position, states in enumerate(diary.periods):
            states.append(_period_today(case, position, day, diary.marked_on, receipt_late))
        oldest = needed[0] if needed else None
        diary.commitment.append(_commitment_today(case, oldest, day, diary.marked_on))
    return diary


def _mark_days(case: Case, days: int, diary: Diary) -> list[bool]:
    """Walk once through the days and mark the periods; return which receipts came late."""
    counters = [-1] * len(case.periods)
    late_files: set[int] = set()
    receipt_late = [False] * len(case.periods)
    for day in range(days):
        by_due_date = sorted(range(len(case.periods)), key=lambda p: (case.periods[p].due, p))
        for position in by_due_date:
            period, marks = case.periods[position], diary.marked_on[position]
            counters[position] += day == period.due or counters[position] >= 0
            if counters[position] >= case.overdue_after and not _paused(case, day):
                late_files.add(position)
            if day == period.received:
                receipt_late[position] = position in late_files
            hushed = _paused(case, day) or _unreachable(case, day)
            # A reminder after the due date has announced it for a week.
            announced = any(reminder <= day - 7 for reminder in _heard(case, position, day))
            if hushed or not announced or period.excused or _settled_before(case, position, day):
                continue
            if counters[position] >= case.overdue_after:
                marks.setdefault(OVERDUE, day)
            if counters[position] >= case.silent_after and SILENT not in marks:
                if not _silence_lasts(case, diary, day):
                    diary.silences.append((day, position))
                marks[SILENT] = day
    return receipt_late


def _silence_lasts(case: Case, diary: Diary, day: int) -> bool:
    """Return True if a period that turned silent earlier is still unsettled."""
    return any(
        SILENT in marks and not _settled_before(case, position, day)
        for position, marks in enumerate(diary.marked_on)
    )


def _paused(case: Case, day: int) -> bool:
    if case.pause is None:
        return False
    first, last = case.pause
    return day in range(first, 10_000 if last is None else last + 1)


def _unreachable(case: Case, day: int) -> bool:
    return case.unreachable_since is not None and day in range(case.unreachable_since, 10_000)


def _heard(case: Case, position: int, day: int) -> list[int]:
    """Return the reminders after the due date that someone there has heard of, seen from a day.

    Once everyone has left, only a letter or call since then counts.
    """
    left, period = case.no_contact_since, case.periods[position]
    all_left = left is not None and day >= left
    return [r for r in period.reminders if r > period.due and not (all_left and r < left)]


def _nobody(case: Case, position: int, day: int) -> bool:
    """Return True if nobody is there, and no letter has come to the door since they left."""
    if case.no_contact_since is None or day < case.no_contact_since:
        return False
    return not any(reminder <= day for reminder in _heard(case, position, day))


def _settled_before(case: Case, position: int, day: int) -> bool:
    """Return True if an update on this or a later period, or the end, came on an earlier day."""
    receipts = [period.received for period in case.periods[position:]]
    return any(end is not None and end < day for end in [*receipts, case.ended])


def _is_needed(case: Case, position: int) -> bool:
    period = case.periods[position]
    return not period.excused and not _settled_before(case, position, 10_000)


def _period_today(
    case: Case, position: int, day: int, marked_on: list[dict[str, int]], receipt_late: list[bool]
) -> str:
    period = case.periods[position]
    if period.excused:
        return "excused"
    if period.received is not None:
        return "received_late" if receipt_late[position] else "received"
    if not _is_needed(case, position):
        return "scheduled" if day < period.due else "not_received"
    if _paused(case, day):
        return "paused"
    for late in (SILENT, OVERDUE):
        if marked_on[position].get(late, 10_000) <= day:
            return late
    if day < period.due:
        return "scheduled"
    if _unreachable(case, day):
        return "unreachable"
    return "no_contact" if _nobody(case, position, day) else "due"


def _commitment_today(
    case: Case, oldest: int | None, day: int, marked_on: list[dict[str, int]]
) -> str:
    if case.ended is not None:
        return "closed"
    if _paused(case, day):
        return "paused"
    if _unreachable(case, day):
        return "unreachable"
    if oldest is None or day < case.periods[oldest].due:
        return "up_to_date"
    reached = [mark for mark in (SILENT, OVERDUE) if marked_on[oldest].get(mark, 10_000) <= day]
    return [*reached, "no_contact" if _nobody(case, oldest, day) else "due"][0]
