"""The public page's sentence on each day around the due date, Monday 1 June 2026."""

from collections.abc import Callable
from datetime import date

import pytest

from charter.actions import signatories
from charter.models import Change, Commitment
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on

pytestmark = pytest.mark.django_db

NOT_YET = "First update due on 1 June 2026."
FOUR_REMINDERS = "We sent 4 reminders: 5 May, 26 May, 4 June, 15 June 2026."
FIVE_REMINDERS = "We sent 5 reminders: 5 May, 26 May, 4 June, 15 June, 1 September 2026."
UNREACHABLE = "We have not been able to contact this organisation since 20 May 2026."
CLOSED = "Closed. No more updates are due."
PAUSED = "Reporting paused until 30 September 2026: The kitchen burnt down."
DUE_NOW = "Due now: an update was due on 1 June 2026."
OVERDUE = "Overdue since 1 July 2026: an update was due on 1 June."
SILENT = "Silent since 30 August 2026: the update due on 1 June has not been received."
# The days on which Asha gets a reminder, if nothing comes in between.
REMINDER_DAYS = [date(2026, 5, 5), date(2026, 5, 26), date(2026, 6, 4), date(2026, 6, 15)]
LAST_REMINDER_DAY = date(2026, 9, 1)

Action = Callable[[Commitment], object]
Table = dict[date, str]


def public_page(client, commitment, day) -> str:
    with on(day):
        page = client.get(f"/commitments/{commitment.key}").content.decode()
    return " ".join(page.split())


def check_days(client, table: Table, actions: dict[date, Action] | None = None) -> None:
    """Let the days pass, and compare the public page with the table on each of its days."""
    commitment, actions = scenarios.commitment(), actions or {}
    for day in sorted({*table, *REMINDER_DAYS, LAST_REMINDER_DAY, *actions}):
        with on(day, hour=8):
            if day in actions:
                actions[day](commitment)
        with on(day):
            scenarios.tick()
        if day in table:
            assert table[day] in public_page(client, commitment, day), f"{day}: {table[day]}"


def test_page_without_an_update_becomes_overdue_and_silent(client, sink):
    check_days(
        client,
        {
            date(2026, 5, 31): NOT_YET,
            date(2026, 6, 1): f"{DUE_NOW} We have not sent a reminder since the due date.",
            date(2026, 6, 4): f"{DUE_NOW} We sent 3 reminders: 5 May, 26 May, 4 June 2026.",
            date(2026, 6, 30): f"{DUE_NOW} {FOUR_REMINDERS}",
            date(2026, 7, 1): f"{OVERDUE} {FOUR_REMINDERS}",
            date(2026, 8, 29): f"{OVERDUE} {FOUR_REMINDERS}",
            date(2026, 8, 30): f"{SILENT} {FOUR_REMINDERS}",
            date(2026, 9, 2): f"{SILENT} {FIVE_REMINDERS}",
            date(2027, 5, 31): "Silent since 30 August 2026",
        },
    )


def test_page_after_a_late_update(client, sink):
    up_to_date = "Last update received on 10 July 2026; not yet published by the council."
    check_days(
        client,
        {
            date(2026, 7, 9): OVERDUE,
            date(2026, 7, 10): up_to_date,
            date(2026, 9, 2): up_to_date,
            date(2027, 5, 31): "Next due 1 June 2027.",
            date(2027, 6, 1): "Due now: an update was due on 1 June 2027.",
        },
        {date(2026, 7, 10): scenarios.submitted_update},
    )


def test_page_when_our_emails_bounce(client, sink):
    def bounce(commitment):
        factories.lose_mailbox("asha@brookfield.example")

    check_days(
        client,
        {
            date(2026, 5, 19): NOT_YET,
            date(2026, 5, 20): UNREACHABLE,
            date(2026, 6, 1): UNREACHABLE,
            date(2026, 7, 1): UNREACHABLE,
            date(2026, 8, 30): UNREACHABLE,
        },
        {date(2026, 5, 20): bounce},
    )


def test_page_when_the_due_date_is_inside_a_pause(client, sink):
    def pause(commitment):
        signatories.pause(
            commitment.signatory,
            by=factories.officer(),
            until=date(2026, 9, 30),
            reason="The kitchen burnt down.",
        )

    check_days(
        client,
        {
            date(2026, 5, 19): NOT_YET,
            date(2026, 5, 20): PAUSED,
            date(2026, 6, 1): PAUSED,
            date(2026, 7, 1): PAUSED,
            date(2026, 9, 30): PAUSED,
            # The period due inside the pause is excused, so the next is due a year later.
            date(2026, 10, 1): "First update due on 1 June 2027.",
        },
        {date(2026, 5, 20): pause},
    )


def test_page_when_the_day_it_would_be_overdue_is_inside_a_pause(client, sink):
    def pause(commitment):
        signatories.pause(
            commitment.signatory, by=factories.officer(), until=date(2026, 7, 10), reason="A flood."
        )

    check_days(
        client,
        {
            date(2026, 6, 19): f"{DUE_NOW} {FOUR_REMINDERS}",
            date(2026, 6, 22): "Reporting paused until 10 July 2026: A flood.",
            date(2026, 7, 10): "Reporting paused until 10 July 2026: A flood.",
            date(2026, 7, 11): "Overdue since 11 July 2026: an update was due on 1 June.",
            date(2026, 8, 30): SILENT,
        },
        {date(2026, 6, 22): pause},
    )


def test_page_after_the_commitment_is_withdrawn(client, sink):
    def withdraw(commitment):
        factories.published_change(
            commitment, action=Change.Action.WITHDRAW, reason="We close down.", values={}
        )

    check_days(
        client,
        {
            date(2026, 5, 25): NOT_YET,
            date(2026, 5, 26): CLOSED,
            date(2026, 6, 1): CLOSED,
            date(2026, 9, 2): CLOSED,
        },
        {date(2026, 5, 26): withdraw},
    )


def test_page_never_says_overdue_if_our_emails_were_not_sent(client, settings):
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    unsent = f"{DUE_NOW} We have not sent a reminder since the due date."
    check_days(
        client,
        {
            date(2026, 6, 1): unsent,
            date(2026, 7, 1): unsent,
            date(2026, 9, 2): unsent,
        },
    )


def test_page_after_the_due_date_was_moved(client, sink):
    def extend(commitment):
        scenarios.periods.extend_due_dates(
            commitment.periods.all(), by=factories.officer(), days=30, reason="A flood."
        )

    check_days(
        client,
        {
            date(2026, 5, 27): "First update due on 1 July 2026.",
            date(2026, 6, 30): "First update due on 1 July 2026.",
            date(2026, 7, 1): "Due now: an update was due on 1 July 2026.",
        },
        {date(2026, 5, 27): extend},
    )


def test_page_after_the_due_date_was_moved_with_reminders_sent(client, sink):
    def extend(commitment):
        scenarios.periods.extend_due_dates(
            commitment.periods.all(), by=factories.officer(), days=30, reason="A flood."
        )

    check_days(
        client,
        {
            date(2026, 6, 16): f"{DUE_NOW} {FOUR_REMINDERS}",
            date(2026, 6, 17): "4: 5 May, 26 May, 4 June and 15 June",
            date(2026, 7, 1): f"Due now: an update was due on 1 July 2026. {FOUR_REMINDERS}",
            date(2026, 7, 6): "We sent 7 reminders, the last on 6 July 2026.",
            date(2026, 7, 31): "Overdue since 31 July 2026: an update was due on 1 July.",
        },
        {date(2026, 6, 17): extend},
    )
