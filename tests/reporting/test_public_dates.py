"""The sentence on the public page on each day around a due date: Monday 1 June 2026."""

from collections.abc import Callable
from datetime import date

import pytest

from charter.actions import signatories
from charter.mail import bounces
from charter.models import Change, Commitment, Message
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on

pytestmark = pytest.mark.django_db

NOT_YET = "Not due yet. The first update is due on 1 June 2026."
WE_ASKED = "We asked on 5 May, 26 May, 4 June and 15 June."
ALL_ASKED = "We asked on 5 May, 26 May, 4 June, 15 June and 1 September."
UNREACHABLE = "We have not been able to reach this organisation since 20 May 2026."
CLOSED = "Closed: no more updates are expected."
PAUSED = "Paused until 30 September 2026: The kitchen burnt down."
# The days on which somebody is asked, when nothing comes in between.
ASKING = [date(2026, 5, 5), date(2026, 5, 26), date(2026, 6, 4), date(2026, 6, 15)]
LAST_ASKING = date(2026, 9, 1)

Act = Callable[[Commitment], object]
Table = dict[date, str]


def says(client, commitment, day) -> str:
    with on(day):
        page = client.get(f"/commitments/{commitment.key}").content.decode()
    return " ".join(page.split())


def live(client, table: Table, acts: dict[date, Act] | None = None, asked=True) -> None:
    """Let the days pass and compare what the page says on those of the table."""
    commitment, acts = scenarios.commitment(), acts or {}
    asking = [*ASKING, LAST_ASKING] if asked else []
    for day in sorted({*table, *asking, *acts}):
        with on(day, hour=8):
            if day in acts:
                acts[day](commitment)
        with on(day):
            scenarios.tick()
        if day in table:
            assert table[day] in says(client, commitment, day), f"{day}: {table[day]}"


def test_when_nobody_answers(client, sink):
    live(
        client,
        {
            date(2026, 5, 31): NOT_YET,
            date(2026, 6, 1): "Due since 1 June 2026.",
            date(2026, 6, 4): "Due since 1 June 2026. We asked on 5 May, 26 May and 4 June.",
            date(2026, 6, 30): f"Due since 1 June 2026. {WE_ASKED}",
            date(2026, 7, 1): f"Overdue since 1 July 2026. {WE_ASKED} No update yet.",
            date(2026, 8, 29): f"Overdue since 1 July 2026. {WE_ASKED} No update yet.",
            date(
                2026, 8, 30
            ): f"Silent since 30 August 2026, overdue since 1 July 2026. {WE_ASKED}",
            date(
                2026, 9, 2
            ): f"Silent since 30 August 2026, overdue since 1 July 2026. {ALL_ASKED}",
            date(2027, 5, 31): "Silent since 30 August 2026",
        },
    )


def test_when_the_answer_comes_late(client, sink):
    heard = "Up to date. Last heard 10 July 2026"
    live(
        client,
        {
            date(2026, 7, 9): "Overdue since 1 July 2026.",
            date(2026, 7, 10): heard,
            date(2026, 9, 2): heard,
            date(2027, 5, 31): "Next due 1 June 2027.",
            date(2027, 6, 1): "Due since 1 June 2027.",
        },
        {date(2026, 7, 10): scenarios.told},
    )


def test_when_the_mailbox_is_dead(client, sink):
    def dies(commitment):
        bounces.record_bounce(Message(recipient="asha@brookfield.example"))

    live(
        client,
        {
            date(2026, 5, 19): NOT_YET,
            date(2026, 5, 20): UNREACHABLE,
            date(2026, 6, 1): UNREACHABLE,
            date(2026, 7, 1): UNREACHABLE,
            date(2026, 8, 30): UNREACHABLE,
        },
        {date(2026, 5, 20): dies},
    )


def test_when_reporting_is_paused_and_the_day_falls_into_the_pause(client, sink):
    def pause(commitment):
        signatories.pause(
            commitment.signatory,
            by=factories.officer(),
            until=date(2026, 9, 30),
            reason="The kitchen burnt down.",
        )

    live(
        client,
        {
            date(2026, 5, 19): NOT_YET,
            date(2026, 5, 20): PAUSED,
            date(2026, 6, 1): PAUSED,
            date(2026, 7, 1): PAUSED,
            date(2026, 9, 30): PAUSED,
            # What fell due inside the pause was waived: the next day is a year later.
            date(2026, 10, 1): "Not due yet. The first update is due on 1 June 2027.",
        },
        {date(2026, 5, 20): pause},
    )


def test_when_the_commitment_is_withdrawn(client, sink):
    def withdraw(commitment):
        factories.approved_change(
            commitment, action=Change.Action.WITHDRAW, reason="We close down.", values={}
        )

    live(
        client,
        {
            date(2026, 5, 25): NOT_YET,
            date(2026, 5, 26): CLOSED,
            date(2026, 6, 1): CLOSED,
            date(2026, 9, 2): CLOSED,
        },
        {date(2026, 5, 26): withdraw},
    )


def test_when_our_email_never_left_nobody_is_called_overdue(client, settings):
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    live(
        client,
        {
            date(2026, 6, 1): "Due since 1 June 2026. We have not yet asked since then.",
            date(2026, 7, 1): "Due since 1 June 2026. We have not yet asked since then.",
            date(2026, 9, 2): "Due since 1 June 2026. We have not yet asked since then.",
        },
    )


def test_when_the_day_was_moved(client, sink):
    def extend(commitment):
        scenarios.periods.extend_due_dates(
            commitment.periods.all(), by=factories.officer(), days=30, reason="A flood."
        )

    live(
        client,
        {
            date(2026, 5, 27): "Not due yet. The first update is due on 1 July 2026.",
            date(2026, 6, 30): "Not due yet. The first update is due on 1 July 2026.",
            date(2026, 7, 1): "Due since 1 July 2026.",
        },
        {date(2026, 5, 27): extend},
    )


def test_when_the_day_was_moved_after_we_had_asked(client, sink):
    def extend(commitment):
        scenarios.periods.extend_due_dates(
            commitment.periods.all(), by=factories.officer(), days=30, reason="A flood."
        )

    live(
        client,
        {
            date(2026, 6, 16): f"Due since 1 June 2026. {WE_ASKED}",
            date(2026, 6, 17): "4: 5 May, 26 May, 4 June and 15 June",
            date(2026, 7, 1): f"Due since 1 July 2026. {WE_ASKED}",
            date(2026, 7, 6): "4 June, 15 June, 17 June, 1 July and 6 July.",
            date(2026, 7, 31): "Overdue since 31 July 2026. We asked on 5 May, 26 May, 4 June,",
        },
        {date(2026, 6, 17): extend},
    )
