"""Sentences on delivery and reporting: pure functions, `today` is an argument."""

from datetime import date
from decimal import Decimal
from typing import Any

from registry.models import Record
from registry.schema import code_lists
from registry.wording.formatting import (
    count_noun,
    format_amount,
    format_day,
    format_days,
    join_list,
)
from registry.wording.headline import figure_text

Item = dict[str, Any]


def reporting_rule(charter: Item) -> str:
    """Return the charter's rule for overdue and silent commitments."""
    return (
        f"Overdue from {charter['overdue_after_days']} days after a due date, "
        f"silent from {charter['silent_after_days']}."
    )


def request_sentence(dates: list[date], year: int | None = None) -> str:
    """Return the dates of our requests, never their recipients."""
    return (
        f"We asked on {format_days(sorted(dates), year=year)}."
        if dates
        else "We have not yet asked since then."
    )


def reporting_sentence(
    record: Record,
    today: date,
    *,
    request_dates: list[date],
    later: list[Item],
    latest_update: str,
    signatory: Item,
) -> str:
    """Return the reporting state with its date and the reason in one clause.

    `request_dates` are those for the oldest missing update, `later` the periods after it with a
    missing update, `latest_update` a clause on the latest update and `signatory` its public item.
    """
    state = record.reporting
    if state == "closed":
        return "Closed: no more updates are expected."
    if state == "paused":
        pause = signatory["pause"]
        until = f" until {_format_iso(pause['to'])}" if pause.get("to") else ""
        return f"Paused{until}: {pause['reason'].rstrip('.')}."
    if state == "unreachable":
        since = _format_iso(signatory["unreachable_since"])
        return f"We have not been able to reach this organisation since {since}."
    also = _later_updates_clause(later)
    if state == "silent" and record.silent_on and record.overdue_on:
        requests = request_sentence(request_dates, record.silent_on.year)
        silent, overdue = (
            format_day(record.silent_on),
            format_day(record.overdue_on),
        )
        return f"Silent since {silent}, overdue since {overdue}. {requests} No answer yet.{also}"
    if state == "overdue" and record.overdue_on:
        requests = request_sentence(request_dates, record.overdue_on.year)
        return f"Overdue since {format_day(record.overdue_on)}. {requests} No update yet.{also}"
    if state == "due" and record.open_due_on:
        requests = request_sentence(request_dates, record.open_due_on.year)
        return f"Due since {format_day(record.open_due_on)}. {requests}{also}"
    return _up_to_date_sentence(record, today, latest_update)


def _format_iso(day: str) -> str:
    return format_day(date.fromisoformat(day))


def _later_updates_clause(later: list[Item]) -> str:
    """Return the number of later missing updates and the date of our last request for one."""
    if not later:
        return ""
    missing = count_noun(len(later), "later update has", "later updates have")
    requests = [day for period in later for day in period["requested_on"] or []]
    last_request = f"; we last asked on {format_day(max(requests))}" if requests else ""
    return f" {missing} not come either{last_request}."


def _up_to_date_sentence(record: Record, today: date, latest_update: str) -> str:
    # A moved due date can put the oldest missing update after the start of the next period.
    next_due_on = min(
        (day for day in (record.open_due_on, record.next_due_on) if day and day > today),
        default=None,
    )
    if record.last_heard_on is None:
        return (
            f"Not due yet. The first update is due on {format_day(next_due_on)}."
            if next_due_on
            else "Not due yet."
        )
    # After an early update the next due date is public only once its period begins.
    next_due = f" Next due {format_day(next_due_on)}." if next_due_on else ""
    return f"Up to date. Last heard {format_day(record.last_heard_on)}{latest_update}.{next_due}"


def update_summary(update: Item, commitment: Item, direction: str | None) -> str:
    """Return an update in a few words: "14 of 20 apprenticeships"."""
    if update.get("nothing_changed"):
        return "nothing has changed"
    if update.get("cumulative_value") is None:
        return code_lists.Delivery.label_of(update["self_assessment"]).lower()
    return figure_to_date(update, commitment, direction)


def figure_to_date(update: Item, commitment: Item, direction: str | None) -> str:
    """Return the figure of a typed update beside the target; `direction` is the measure's."""
    target = (commitment.get("target") or {}).get("value")
    value = update["cumulative_value"]
    return figure_text(value, target, item=commitment, direction=direction)


def ending_sentence(record: Record, item: Item, on: date, name: str) -> str:
    """Return the date, reason and author of a commitment's end; `name` is the signatory's."""
    agreed = f"by {name} on {format_day(on)}, with the council’s agreement"
    if record.status == Record.Status.WITHDRAWN:
        return f"Withdrawn {agreed}."
    code = item.get("end_reason") or ""
    # After a merger or a change of name, either organisation may have closed the commitment.
    by = {
        "": f"on {format_day(on)}",
        code_lists.EndReason.ORGANISATION_CHANGED: f"on {format_day(on)}",
        code_lists.EndReason.LEFT_CHARTER: f"by the council on {format_day(on)}",
    }.get(code, agreed)
    return f"Closed {by}{f': {code_lists.EndReason.label_of(code).lower()}' if code else ''}."


def left_out_sentence(counts: dict[str, int]) -> str:
    """Return a sentence on the commitments left out of the totals, or "" if none are."""
    parts = []
    if counts["withdrawn"]:
        parts.append(f"{count_noun(counts['withdrawn'], 'commitment')} withdrawn")
    if counts["replaced"]:
        parts.append(f"{count_noun(counts['replaced'], 'commitment')} replaced by another")
    return f"Not in the totals: {join_list(parts)}." if parts else ""


def weakening_text(way: dict[str, Any], item: Item, *, is_again: bool = False) -> str:
    """Return a weakening in words: "target lowered from 25 to 20 apprenticeships".

    `is_again` says that the deadline had been moved before.
    """
    before, after = way["before"], way["after"]
    if way["what"] == code_lists.Weakening.WITHDRAWN:
        return "the commitment was withdrawn"
    if way["what"] == code_lists.Weakening.DATE_LATER:
        return _moved_deadline_text(date.fromisoformat(before), after, is_again)
    unit, label = item.get("unit"), item.get("unit_label")
    if after is None:
        return f"target of {format_amount(Decimal(before), unit, label)} removed"
    # Where less is better, a weaker target is a higher one.
    verb = "lowered" if Decimal(after) < Decimal(before) else "raised"
    amount = format_amount(Decimal(after), unit, label)
    return f"target {verb} from {format_amount(Decimal(before), unit)} to {amount}"


def _moved_deadline_text(before: date, after: str | None, is_again: bool) -> str:
    if after is None:
        return f"deadline of {format_day(before)} removed"
    later = date.fromisoformat(after)
    again = "again, " if is_again else ""
    first = format_day(before, year=before.year != later.year)
    return f"deadline moved {again}from {first} to {format_day(later)}"
