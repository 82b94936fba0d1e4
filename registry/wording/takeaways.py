"""Titles of charts: what one sees, as a full sentence made of the figures."""

from dataclasses import dataclass

from registry.wording.formatting import count_noun, join_list

NOTHING_YET = "No commitments have been published yet"
MANY = 3  # More names than this would make a title too long.


def outcome_title(*, ended: int, met: int, others: int, on_track: int) -> str:
    """Return how many ended commitments were met, and how many of the others are on track."""
    if not ended and not others:
        return NOTHING_YET
    if not ended:
        ended_clause = "No commitment has ended yet"
    elif ended == 1:
        ended_clause = f"The only commitment that has ended was {'' if met else 'not '}met in full"
    else:
        was = "was" if met == 1 else "were"
        number = {0: "None", ended: "Both" if ended == 2 else "All"}.get(met, f"{met:,}")
        of_these = f"{number} of the {ended:,}" if number != "Both" else "Both"
        ended_clause = f"{of_these} commitments that have ended {was} met in full"
    return f"{ended_clause}; {_others_clause(others, on_track)}"


def _others_clause(others: int, on_track: int) -> str:
    if not others:
        return "no other is left"
    if others == 1:
        return f"the only other one is {'' if on_track else 'not '}on track"
    is_or_are = "is" if on_track < 2 else "are"
    number = "none" if not on_track else f"{on_track:,}"
    return f"{number} of {others:,} others {is_or_are} on track"


def late_title(*, late: int, open_: int) -> str:
    """Return how many open commitments have an update that was not received."""
    if not open_:
        return "No commitment is open"
    if not late:
        return "Every update that was due has been received"
    if open_ == 1:
        return "The update of the only open commitment has not been received"
    have = "has" if late == 1 else "have"
    return f"{late:,} of {open_:,} open commitments {have} an update we have not received"


def weakened_title(*, weakened: int, total: int) -> str:
    if not total:
        return NOTHING_YET
    if not weakened:
        return "No commitment has been weakened"
    have = "has" if weakened == 1 else "have"
    return f"{weakened:,} of {count_noun(total, 'commitment')} {have} been weakened"


def proof_title(*, backed: int, total: int) -> str:
    """Return how many figures have more behind them than their signatory's word."""
    if not total:
        return "No figure has been reported yet"
    if total == 1:
        return (
            f"The only figure is {'backed by evidence or a check' if backed else 'self-reported'}"
        )
    if not backed:
        return f"None of the {total:,} latest figures is backed by evidence or a check"
    number = "All" if backed == total else f"{backed:,} of"
    are = "is" if backed == 1 else "are"
    return f"{number} {total:,} latest figures {are} backed by evidence or a check"


def themes_title(late: dict[str, int]) -> str:
    """Return the theme, or the themes, with the most updates that were not received."""
    if not late:
        return "No theme has a commitment yet"
    most = max(late.values())
    if not most:
        return "Every update that was due has been received, in every theme"
    names = [name for name, number in late.items() if number == most]
    number = f"{most:,}{' each' if len(names) > 1 else ''}"
    if len(names) > MANY:
        return f"{len(names)} themes have the most updates not received, {number}"
    have = "has" if len(names) == 1 else "have"
    return f"{join_list(names)} {have} the most updates not received, {number}"


@dataclass(frozen=True)
class Then:
    """A count now and on the same day a year ago."""

    now: int
    before: int

    @property
    def change(self) -> int:
        """Return 1 for more, -1 for less and 0 for as many."""
        return (self.now > self.before) - (self.now < self.before)


def year_title(*, met: Then, late: Then, is_a_year_old: bool) -> str:
    """Return whether more is met, and less is not received, than a year ago."""
    if not is_a_year_old:
        return "A year ago the register had no commitments, so no year can be compared yet"
    # More met is better, more not received is worse.
    is_alike = not met.change or not late.change or met.change == -late.change
    have = "has" if met.now == 1 else "have"
    number = f"{met.now:,}" if met.now else "No"
    noun = "commitment" if met.now == 1 else "commitments"
    updates = f"{late.now:,} {'has' if late.now == 1 else 'have'}" if late.now else "none has"
    return (
        f"{number} {noun} {have} been met, {_compared(met)}, {'and' if is_alike else 'but'} "
        f"{updates} an update missing, {_compared(late)}"
    )


def _compared(then: Then) -> str:
    """Return "up from 5 a year ago", "down from 5 a year ago" or "as a year ago"."""
    if not then.change:
        return "as a year ago"
    return f"{'up' if then.change > 0 else 'down'} from {then.before:,} a year ago"


def months_title(*, months: int, registered: int, met: int, weakened: int) -> str:
    """Return what came in some months."""
    if not any((registered, met, weakened)):
        return f"Nothing was registered, met or weakened in {months} months"
    were = "was" if registered == 1 else "were"
    begun = f"{count_noun(registered, 'commitment')} {were}" if registered else "no commitment was"
    others = [f"{number:,}" if number else "none" for number in (met, weakened)]
    return f"In {months} months {begun} registered, {others[0]} met and {others[1]} weakened"
