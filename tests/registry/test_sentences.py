"""Generated sentences on reporting: none, one, two and many, and every state."""

from datetime import date, timedelta

import pytest

from registry.models import Record
from registry.schema.code_lists import Reporting
from registry.wording.sentences import (
    ReportingDetails,
    reporting_sentence,
    requests_sentence,
)

APRIL_21, MAY_12, MAY_18 = date(2026, 4, 21), date(2026, 5, 12), date(2026, 5, 18)
MARCH_24, JUNE_17, AUGUST_16 = date(2026, 3, 24), date(2026, 6, 17), date(2026, 8, 16)
A_REMINDER = "We sent a reminder on 26 May 2026."


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([], "We have not sent a reminder since the due date."),
        ([APRIL_21], "We sent a reminder on 21 April 2026."),
        ([MAY_12, APRIL_21], "We sent reminders on 21 April and 12 May 2026."),
        (
            [date(2025, 12, 21), date(2026, 1, 12)],
            "We sent reminders on 21 December 2025 and 12 January 2026.",
        ),
        (
            [APRIL_21, MAY_12, JUNE_17],
            "We sent 3 reminders: 21 April, 12 May, 17 June 2026.",
        ),
        (
            [date(2025, 11, 3), date(2025, 12, 21), date(2026, 1, 12), date(2026, 2, 1)],
            "We sent 4 reminders: 3 November, 21 December 2025, 12 January, 1 February 2026.",
        ),
        (
            [APRIL_21 + timedelta(7 * week) for week in range(12)],
            "We sent 12 reminders, the last on 7 July 2026.",
        ),
    ],
)
def test_reminders_are_counted_and_dated(days, expected):
    assert requests_sentence(days) == expected


def test_letters_and_calls_are_not_called_reminders():
    call = "wrote by post, called or visited on 12 May 2026."
    assert requests_sentence([MAY_12], [MAY_12]) == f"We {call}"
    assert requests_sentence([APRIL_21, MAY_12], [MAY_12]) == (
        f"We sent a reminder on 21 April 2026. We also {call}"
    )


def sentence(
    state, *, today=date(2026, 9, 1), pause=None, later_missing=0, latest="9 of 15 FTE", **columns
):
    """Return the sentence of a commitment with an update due on 18 May 2026."""
    dates = {"open_due_on": MAY_18, "next_due_on": MAY_18, "last_heard_on": MARCH_24}
    record = Record(
        **dates | {"overdue_on": JUNE_17, "silent_on": AUGUST_16} | columns,
    )
    record.reporting = state
    details = ReportingDetails(
        signatory={
            "pause": pause,
            "unreachable_since": "2026-05-03",
            "no_contact_since": "2026-05-04",
        },
        requests=requests_sentence([date(2026, 5, 26)]),
        later_missing=later_missing,
        latest_update=latest,
    )
    return reporting_sentence(record, today, details)


LATE = {
    Reporting.DUE: "Due now: an update was due on 18 May 2026.",
    Reporting.OVERDUE: "Overdue since 17 June 2026: an update was due on 18 May.",
    Reporting.SILENT: (
        "Silent since 16 August 2026: the update due on 18 May has not been received."
    ),
}


@pytest.mark.parametrize("state", LATE)
def test_missing_update_is_dated_with_the_reminders_sent(state):
    assert sentence(state) == f"{LATE[state]} {A_REMINDER}"


@pytest.mark.parametrize(
    ("later_missing", "expected"),
    [(1, "1 later update is also missing."), (2, "2 later updates are also missing.")],
)
def test_later_missing_updates_are_counted(later_missing, expected):
    for state in LATE:
        assert sentence(state, later_missing=later_missing) == (
            f"{LATE[state]} {A_REMINDER} {expected}"
        )


def test_due_date_in_another_year_has_its_own_year():
    assert "due on 20 December 2026." in sentence(
        Reporting.OVERDUE, open_due_on=date(2026, 12, 20), overdue_on=date(2027, 1, 19)
    )


def test_received_update_is_dated_with_the_next_due_date():
    up_to_date, today = "Up to date. Last update 24 March 2026: 9 of 15 FTE.", date(2026, 4, 1)
    assert sentence(Reporting.UP_TO_DATE, today=today) == f"{up_to_date} Next due 18 May 2026."
    nothing_due = {"open_due_on": None, "next_due_on": None}
    assert sentence(Reporting.UP_TO_DATE, **nothing_due) == up_to_date


def test_update_that_the_council_has_not_published_is_named():
    assert sentence(Reporting.UP_TO_DATE, today=date(2026, 4, 1), latest=None) == (
        "Last update received on 24 March 2026; not yet published by the council. "
        "Next due 18 May 2026."
    )


def test_first_update_has_its_due_date():
    early = {"today": date(2026, 4, 1), "last_heard_on": None}
    assert sentence(Reporting.UP_TO_DATE, **early) == "First update due on 18 May 2026."
    nothing_due = {"open_due_on": None, "next_due_on": None}
    assert sentence(Reporting.UP_TO_DATE, **early | nothing_due) == "No update due yet."


def test_pause_has_its_end_and_reason():
    pause = {"from": "2026-03-03", "reason": "We move house."}
    assert sentence(Reporting.PAUSED, pause=pause) == "Reporting paused: We move house."
    assert sentence(Reporting.PAUSED, pause=pause | {"to": "2026-05-03"}) == (
        "Reporting paused until 3 May 2026: We move house."
    )


def test_unreachable_and_closed_commitments_have_a_sentence():
    assert sentence(Reporting.UNREACHABLE) == (
        "We have not been able to contact this organisation since 3 May 2026."
    )
    assert sentence(Reporting.NO_CONTACT) == (
        "No contact since 4 May 2026: the update due on 18 May 2026 has not been received."
    )
    assert sentence(Reporting.CLOSED) == "Closed. No more updates are due."
