"""Sentences on delivery and reporting: pure functions, `today` is an argument."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.log.reporting import NOTICE
from registry.models import Record
from registry.schema import code_lists
from registry.schema.code_lists import Reporting
from registry.wording.figures import figure_text
from registry.wording.formatting import (
    count_noun,
    format_day,
    join_list,
)

Item = dict[str, Any]
# A sentence on reminders lists so many days; beyond them it gives their number and the last one.
MOST_DATES = 6
REPLY_TO = "Reply to "


def reporting_rule(charter: Item) -> str:
    """Return the charter's rule for overdue and silent commitments."""
    return (
        f"Overdue from {charter['overdue_after_days']} days after a due date, "
        f"silent from {charter['silent_after_days']}. "
        f"An email announces each to the signatory at least {NOTICE.days} days before."
    )


def final_update_rule(charter: Item) -> str:
    """Return from when the charter's final updates are due; "" if it does not say."""
    days = charter.get("final_update_days")
    return f"The final update is due {count_noun(days, 'day')} after the deadline." if days else ""


def requests_sentence(days: Iterable[date], contacted_on: Iterable[date] = ()) -> str:
    """Return the days on which we asked for an update, never whom.

    On those of `contacted_on` we wrote by post, called or visited, on the others sent a reminder.
    """
    contacts = sorted(contacted_on)
    reminders = sorted(set(days) - set(contacts))
    if not contacts:
        return _reminders_sentence(reminders)
    contact = f"wrote by post, called or visited on {join_list(_format_series(contacts))}."
    return f"{_reminders_sentence(reminders)} We also {contact}" if reminders else f"We {contact}"


def _reminders_sentence(days: list[date]) -> str:
    if not days:
        return "We have not sent a reminder since the due date."
    if len(days) == 1:
        return f"We sent a reminder on {format_day(days[0])}."
    if len(days) == 2:
        return f"We sent reminders on {' and '.join(_format_series(days))}."
    if len(days) <= MOST_DATES:
        return f"We sent {len(days)} reminders: {', '.join(_format_series(days))}."
    return f"We sent {len(days)} reminders, the last on {format_day(days[-1])}."


def _format_series(days: Sequence[date]) -> list[str]:
    """Return the days in words, each year once: "21 December 2026", "3 May", "12 May 2027"."""
    following = [*days[1:], None]
    return [
        format_day(day, year=after is None or after.year != day.year)
        for day, after in zip(days, following, strict=True)
    ]


@dataclass(frozen=True)
class ReportingDetails:
    """What the reporting sentence tells besides the record's own columns."""

    signatory: Item  # Its public item.
    requests: str  # For the oldest missing update, in a sentence.
    later_missing: int  # Later updates that are due and missing too.
    latest_update: str | None  # In short; None if the council has not published it yet.


def reporting_sentence(record: Record, today: date, details: ReportingDetails) -> str:
    """Return the reporting state of a commitment with its dates, and what we did."""
    state = record.reporting
    if state == Reporting.CLOSED:
        return "Closed. No more updates are due."
    if state == Reporting.PAUSED:
        pause = details.signatory["pause"]
        until = f" until {_format_iso(pause['to'])}" if pause.get("to") else ""
        return f"Reporting paused{until}: {pause['reason'].rstrip('.')}."
    if state == Reporting.UNREACHABLE:
        return unreachable_sentence(date.fromisoformat(details.signatory["unreachable_since"]))
    if state == Reporting.NO_CONTACT and record.open_due_on:
        since = _format_iso(details.signatory["no_contact_since"])
        due = format_day(record.open_due_on)
        return f"No contact since {since}: the update due on {due} has not been received."
    if state == Reporting.UP_TO_DATE or record.open_due_on is None:
        return _up_to_date_sentence(record, today, details.latest_update)
    due_now = f"Due now: an update was due on {format_day(record.open_due_on)}."
    parts = [negative_sentence(record) or due_now, details.requests]
    if details.later_missing:
        verb = "is" if details.later_missing == 1 else "are"
        parts.append(f"{count_noun(details.later_missing, 'later update')} {verb} also missing.")
    return " ".join(parts)


def late_sentence(state: str, since: date, due_on: date) -> str:
    """Return the sentence on an update that is overdue or silent, as announced and as shown."""
    due = format_day(due_on, year=due_on.year != since.year)
    if state == Reporting.SILENT:
        return f"Silent since {format_day(since)}: the update due on {due} has not been received."
    return f"Overdue since {format_day(since)}: an update was due on {due}."


def no_final_update_text(deadline: date) -> str:
    """Return the sentence on a deadline that passed without a final update, without full stop."""
    return f"Deadline passed on {format_day(deadline)}. No final update yet"


def passed_text(deadline: date, *, is_from_before: bool) -> str:
    """Return the sentence on a deadline that passed without a result, without full stop.

    `is_from_before` is that of `EndingFacts`: nobody here could ask for it then.
    """
    if is_from_before:
        return f"Ended before this register, on {format_day(deadline)}. Result not recorded"
    return no_final_update_text(deadline)


def reply_title(sentence: str) -> str:
    """Return the title of a signatory's reply beside a sentence."""
    return f"{REPLY_TO}“{sentence}”"


def reply_event(title: str, name: str) -> str:
    """Return the event of a reply with a title; `name` is the signatory's."""
    return f"{name} replied to {title.removeprefix(REPLY_TO)}"


def negative_sentence(record: Record) -> str:
    """Return what the page of a commitment says of its oldest missing update; "" if it is not late.

    `record.reporting` is its state on the day of the page.
    """
    is_silent = record.reporting == Reporting.SILENT
    if not is_silent and record.reporting != Reporting.OVERDUE:
        return ""
    since, due_on = record.silent_on if is_silent else record.overdue_on, record.open_due_on
    return late_sentence(record.reporting, since, due_on) if since and due_on else ""


def coming_sentences(record: Record, today: date) -> list[tuple[date, str]]:
    """Return what the page of a commitment will say of a missing update, each with its first day.

    Only sentences that are already decided are included.
    """
    if record.reporting in (Reporting.CLOSED, Reporting.UNREACHABLE) or record.open_due_on is None:
        return []
    # Silent replaces overdue on the same day.
    steps = {record.overdue_on: Reporting.OVERDUE, record.silent_on: Reporting.SILENT}
    return [
        (on, late_sentence(state, on, record.open_due_on))
        for on, state in steps.items()
        if on and on > today
    ]


def find_next_due_day(record: Record, today: date) -> date | None:
    """Return the day after today on which the next update of a commitment is due, if any.

    A moved due date can put the oldest missing update after the start of the next period.
    """
    days = (record.open_due_on, record.next_due_on)
    return min((day for day in days if day and day > today), default=None)


def unreachable_sentence(since: date) -> str:
    """Return the sentence on a signatory that no email reaches, as announced and as shown."""
    return f"We have not been able to contact this organisation since {format_day(since)}."


def _format_iso(day: str) -> str:
    return format_day(date.fromisoformat(day))


def _up_to_date_sentence(record: Record, today: date, latest_update: str | None) -> str:
    next_due_on = find_next_due_day(record, today)
    if record.last_heard_on is None:
        return (
            f"First update due on {format_day(next_due_on)}."
            if next_due_on
            else "No update due yet."
        )
    # After an early update the next due date is public only once its period begins.
    next_due = f" Next due {format_day(next_due_on)}." if next_due_on else ""
    received_on = format_day(record.last_heard_on)
    if latest_update is None:
        return f"Last update received on {received_on}; not yet published by the council.{next_due}"
    summary = f": {latest_update}" if latest_update else ""
    return f"Up to date. Last update {received_on}{summary}.{next_due}"


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
    if item.get("end_reason") == code_lists.EndReason.LEFT_CHARTER:
        return _left_sentence(record, on, name)
    agreed = f"by {name} on {format_day(on)}, with the council’s agreement"
    if record.status == Record.Status.WITHDRAWN:
        return f"Withdrawn {agreed}."
    code = item.get("end_reason") or ""
    # After a merger or a change of name, either organisation may have closed the commitment.
    by = {
        "": f"on {format_day(on)}",
        code_lists.EndReason.ORGANISATION_CHANGED: f"on {format_day(on)}",
    }.get(code, agreed)
    return f"Closed {by}{f': {code_lists.EndReason.label_of(code).lower()}' if code else ''}."


def _left_sentence(record: Record, on: date, name: str) -> str:
    """Return how a commitment ended with its signatory's membership, and what was owed then."""
    how = {
        code_lists.Standing.REMOVED.value: f"the council removed {name} from the charter",
        code_lists.Standing.CEASED.value: f"{name} ceased to exist",
    }.get(record.signatory_standing, f"{name} left the charter")
    ended = f"Ended on {format_day(on)}, because {how}."
    missing = record.ended_unanswered
    if missing is None:
        return f"{ended} No reminder was unanswered then."
    heard_on = missing["last_heard_on"]
    heard = f"The last one came on {_format_iso(heard_on)}." if heard_on else "No update ever came."
    due_on = _format_iso(missing["due_on"])
    return f"{ended} Unanswered: the update due on {due_on} had not been received. {heard}"


def left_out_sentence(counts: dict[str, int]) -> str:
    """Return a sentence on the commitments left out of the totals, or "" if none are."""
    parts = []
    if counts["withdrawn"]:
        parts.append(f"{count_noun(counts['withdrawn'], 'commitment')} withdrawn")
    if counts["replaced"]:
        parts.append(f"{count_noun(counts['replaced'], 'commitment')} replaced by another")
    return f"Not in the totals: {join_list(parts)}." if parts else ""
