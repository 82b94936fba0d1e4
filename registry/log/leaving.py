"""The rule for commitments that end because their signatory's membership ends.

Such an end must not tidy up: an update that was still missing stays visible. Pure functions of
items in the log.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from registry.log.reporting import Absence, first_request
from registry.schema.code_lists import EndReason

Item = dict[str, Any]


def ended_unanswered(
    commitment: Item, ended_on: date | None, signatory: Item, periods: Iterable[Item]
) -> Item | None:
    """Return the day and the missing update of a commitment that ended with the membership.

    None if it ended in another way, or if nothing was owed: no reminder had gone out after a due
    date, or reporting was paused. `periods` are in their order.
    """
    if ended_on is None or commitment.get("end_reason") != EndReason.LEFT_CHARTER:
        return None
    periods = list(periods)
    missing = _unanswered_period(periods)
    if missing is None or Absence.from_item(signatory).is_paused(ended_on):
        return None
    received = [period["received_on"] for period in periods if "received_on" in period]
    return {
        "on": str(ended_on),
        "due_on": missing["due_on"],
        "last_heard_on": max(received, default=None),
    }


def _unanswered_period(periods: Iterable[Item]) -> Item | None:
    """Return the oldest period since the last update whose reminder was not answered."""
    unanswered = None
    for period in periods:
        if "received_on" in period:
            unanswered = None
        elif unanswered is None and _was_requested(period) and "excused_reason" not in period:
            unanswered = period
    return unanswered


def _was_requested(period: Item) -> bool:
    return first_request(period.get("requested_on", []), period["due_on"]) is not None
