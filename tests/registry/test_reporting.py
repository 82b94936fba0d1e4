"""The reporting rule: due, overdue, silent, paused and unreachable, on any day.

Folding is compared with a second implementation of the rule, which walks through the calendar.
"""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st

from registry.log import folding, publishing
from registry.log.reporting import Absence, PeriodFacts, coming_lateness, lateness
from registry.models import Entry, Record
from registry.wording import timeline
from tests.registry import items
from tests.registry.reporting_oracle import OVERDUE, SILENT, Case, PeriodCase, keep_diary

FIRST_DAY, DAYS = date(2026, 1, 5), 160


def on(day: int) -> date:
    return FIRST_DAY + timedelta(day)


@st.composite
def cases(draw) -> Case:
    """Draw up to four periods, and events on and around the days on which a state can change."""
    overdue_after = draw(st.integers(1, 12))
    silent_after = overdue_after + draw(st.integers(0, 25))
    offsets = st.sampled_from([0, overdue_after, silent_after]).flatmap(
        lambda days: st.integers(days - 2, days + 2)
    )
    periods, starts = [], 0
    for _ in range(draw(st.integers(1, 4))):
        first_due = starts + draw(st.integers(2, 25))
        due = first_due + draw(st.sampled_from([0, 0, 0, 30]))
        periods.append(
            PeriodCase(
                starts=starts,
                due=due,
                reminders=tuple(first_due + day for day in draw(st.lists(offsets, max_size=2))),
                received=draw(st.sampled_from([None, None, due])) and due + draw(offsets),
                excused=draw(st.sampled_from([False, False, False, True])),
            )
        )
        starts = first_due
    # An email asks for everything that is missing, so a later one counts for earlier periods too.
    for number, period in enumerate(periods):
        asked = {day for later in periods[number:] for day in later.reminders}
        periods[number] = replace(period, reminders=tuple(sorted(asked)))
    events = st.sampled_from(periods).flatmap(lambda p: offsets.map(lambda day: p.due + day))
    pauses = st.tuples(events, st.none() | st.integers(0, 20))
    return Case(
        periods=tuple(periods),
        overdue_after=overdue_after,
        silent_after=silent_after,
        pause=draw(st.none() | pauses.map(lambda p: (p[0], None if p[1] is None else p[0] + p[1]))),
        unreachable_since=draw(st.none() | st.none() | events),
        no_contact_since=draw(st.none() | events),
        ended=draw(st.none() | st.none() | st.none() | events),
    )


def log_of(case: Case) -> list[publishing.NewEntry]:
    """Return the newest public items of a case."""
    pause = {}
    if case.pause:
        first, last = case.pause
        end = {"to": on(last).isoformat()} if last is not None else {}
        pause = {"pause": {"from": on(first).isoformat(), "reason": "A fire."} | end}
    absence = {
        name: on(since).isoformat()
        for name in ("unreachable_since", "no_contact_since")
        if (since := getattr(case, name)) is not None
    }
    thresholds = {
        "overdue_after_days": case.overdue_after, "silent_after_days": case.silent_after
    }  # fmt: skip
    return [
        items.charter(**thresholds),
        items.signatory(**pause, **absence),
        items.commitment(),
        *(period_item(number, period) for number, period in enumerate(case.periods)),
    ]


def period_item(number: int, period: PeriodCase) -> publishing.NewEntry:
    content = {
        "commitment": "C-00001",
        "from": on(period.starts).isoformat(),
        "to": on(period.due - 1).isoformat(),
        "due_on": on(period.due).isoformat(),
        "requested_on": sorted(on(day).isoformat() for day in period.reminders),
    }
    if period.received is not None:
        content["received_on"] = on(period.received).isoformat()
    if period.excused:
        content["excused_reason"] = "It ended."
    return publishing.NewEntry("period", f"P-{number:05}", "publish", content)


def fold(case: Case) -> dict[str, Record]:
    """Return the records of a case, without a database."""
    published = [(item, FIRST_DAY) for item in log_of(case)]
    if case.ended is not None:
        closed = items.commitment(action="close", end_reason="expired", change_reason="Over.")
        published.append((closed, on(case.ended)))
    return folding.fold(
        Entry(
            number=number,
            at=datetime(day.year, day.month, day.day, 9, tzinfo=UTC),
            kind=item.kind,
            key=item.key,
            action=item.action,
            item=json.dumps(item.content),
        )
        for number, (item, day) in enumerate(published, start=1)
    )


def check_case(case: Case) -> None:
    """Compare every state on every day, and all events in the timeline, with the diary."""
    records, diary = fold(case), keep_diary(case, DAYS)
    days = [on(day) for day in range(DAYS)]
    assert [records["C-00001"].state_on(day) for day in days] == diary.commitment
    periods = [records[f"P-{number:05}"] for number in range(len(case.periods))]
    for period, states, marks in zip(periods, diary.periods, diary.marked_on, strict=True):
        assert [period.state_on(day) for day in days] == states
        assert index_of(period.overdue_on) == marks.get(OVERDUE)
        assert index_of(period.silent_on) == marks.get(SILENT)
    events = timeline.lateness_events(
        [
            (
                period,
                {
                    "from": on(facts.starts),
                    "due_on": on(facts.due),
                    "received_on": None if facts.received is None else on(facts.received),
                },
            )
            for period, facts in zip(periods, case.periods, strict=True)
        ],
        days[-1],
    )
    silences = [event.on for event in events if event.what.startswith("Became silent")]
    assert silences == [on(day) for day, _ in diary.silences]
    overdue = sorted(event.on for event in events if event.what.endswith("overdue"))
    assert overdue == sorted(on(marks[OVERDUE]) for marks in diary.marked_on if OVERDUE in marks)


def periods_due(*days: int) -> tuple[PeriodCase, ...]:
    """Return periods of 20 days with a reminder on the day after their due date."""
    return tuple(PeriodCase(starts=day - 20, due=day, reminders=(day + 1,)) for day in days)


def steps(case: Case, key: str = "C-00001") -> dict[int, str]:
    """Return the states of a record by the number of the day on which each begins."""
    record = fold(case)[key]
    days = [0, *((day - FIRST_DAY).days for day in record.state_days)]
    return dict(zip(days, record.states, strict=True))


def index_of(day: date | None) -> int | None:
    """Return the number of a day within the diary; None for no day, and for one after it."""
    return (day - FIRST_DAY).days if day and day < on(DAYS) else None


ONE_PERIOD = PeriodCase(starts=0, due=20, reminders=(21,))
ONE_COMMITMENT = Case((ONE_PERIOD,), overdue_after=10, silent_after=30)
SOON_SILENT = {"overdue_after": 10, "silent_after": 15}


@settings(max_examples=200, deadline=None)
@given(cases())
@example(replace(ONE_COMMITMENT, pause=(25, 35)))
@example(replace(ONE_COMMITMENT, periods=(replace(ONE_PERIOD, received=30),)))
@example(  # A second silence begins before the first has ended, and outlasts it.
    Case((replace(ONE_PERIOD, received=60), *periods_due(40, 80)), **SOON_SILENT)
)
@example(  # The update that ends a silence comes on the day on which the next one begins.
    Case((replace(ONE_PERIOD, received=55), *periods_due(40)), **SOON_SILENT)
)
@example(Case((replace(ONE_PERIOD, received=60), *periods_due(50)), **SOON_SILENT))
@example(  # The due date of the first update was moved beyond that of the second.
    Case(
        (PeriodCase(starts=0, due=50, reminders=(51,), received=70), *periods_due(40, 80)),
        **SOON_SILENT,
    )
)
@example(Case(periods_due(20, 40), **SOON_SILENT))
@example(  # The first of two later updates ends the wait.
    Case(
        (
            ONE_PERIOD,
            PeriodCase(starts=20, due=40, received=25),
            PeriodCase(starts=40, due=60, received=90),
        ),
        **SOON_SILENT,
    )
)
def test_every_state_is_the_one_that_a_day_by_day_walk_finds(case):
    check_case(case)


def test_missing_update_is_due_then_overdue_then_silent():
    late = {20: "due", 30: "overdue", 50: "silent"}
    assert steps(ONE_COMMITMENT) == {0: "up_to_date", **late}
    assert steps(ONE_COMMITMENT, "P-00000") == {0: "scheduled", **late}


def test_update_without_a_reminder_since_its_due_date_stays_due():
    unrequested = replace(ONE_COMMITMENT, periods=(replace(ONE_PERIOD, reminders=(19, 20)),))
    assert steps(unrequested) == {0: "up_to_date", 20: "due"}


def test_nothing_becomes_overdue_during_a_pause():
    paused = replace(ONE_COMMITMENT, pause=(25, 35))
    assert steps(paused) == {
        0: "up_to_date", 20: "due", 25: "paused", 36: "overdue", 50: "silent"
    }  # fmt: skip
    received = replace(paused, periods=(replace(ONE_PERIOD, received=33),))
    assert steps(received, "P-00000") == {0: "received"}
    assert steps(replace(ONE_COMMITMENT, pause=(25, None))) == {
        0: "up_to_date", 20: "due", 25: "paused"
    }  # fmt: skip


def test_unreachable_signatory_is_never_called_overdue_or_silent():
    unreachable = replace(ONE_COMMITMENT, unreachable_since=40)
    assert steps(unreachable) == {
        0: "up_to_date", 20: "due", 30: "overdue", 40: "unreachable"
    }  # fmt: skip
    # The period was overdue while we could still contact the signatory.
    assert steps(unreachable, "P-00000") == {0: "scheduled", 20: "due", 30: "overdue"}
    assert steps(replace(unreachable, unreachable_since=30), "P-00000") == {
        0: "scheduled", 20: "due", 30: "unreachable"
    }  # fmt: skip


def test_nobody_to_ask_is_not_called_overdue_until_a_letter_or_call_has_asked():
    asked = replace(ONE_PERIOD, reminders=(22,))
    lost = replace(ONE_COMMITMENT, periods=(asked,), no_contact_since=25)
    assert steps(lost) == {0: "up_to_date", 20: "due", 25: "no_contact"}
    assert steps(lost, "P-00000") == {0: "scheduled", 20: "due", 25: "no_contact"}
    called = replace(lost, periods=(replace(asked, reminders=(22, 40)),))
    assert steps(called) == {
        0: "up_to_date", 20: "due", 25: "no_contact", 40: "due", 47: "overdue", 50: "silent"
    }  # fmt: skip
    # What was overdue before the last person left stays so.
    assert steps(replace(lost, no_contact_since=35)) == {0: "up_to_date", 20: "due", 30: "overdue"}
    # Before an update is due, nobody has to be asked.
    never_asked = replace(lost, periods=(replace(ONE_PERIOD, reminders=()),), no_contact_since=5)
    assert steps(never_asked) == {0: "up_to_date", 20: "no_contact"}


def test_update_missing_when_the_commitment_ends_is_never_overdue_later():
    ended = replace(ONE_COMMITMENT, ended=25)
    assert steps(ended) == {0: "closed"}
    assert steps(ended, "P-00000") == {0: "scheduled", 20: "not_received"}
    assert fold(ended)["P-00000"].overdue_on is None


def test_late_states_to_come_are_known_by_date():
    facts = PeriodFacts(on(20), 10, 30, Absence(), requested_on=on(21))
    states = [lateness(facts, on(day)) for day in (19, 20, 30, 50)]
    assert states == [None, "due", "overdue", "silent"]
    assert coming_lateness(facts, on(20)) == [(on(30), "overdue"), (on(50), "silent")]
    assert coming_lateness(facts, on(30)) == [(on(50), "silent")]
    assert coming_lateness(facts, on(50)) == []
    # Nothing announces “overdue” for a day on which the page says “silent” already.
    assert coming_lateness(replace(facts, requested_on=on(60)), on(60)) == [(on(67), "silent")]


def test_page_says_overdue_or_silent_a_week_after_the_reminder_that_announced_it():
    late_reminder = replace(ONE_COMMITMENT, periods=(replace(ONE_PERIOD, reminders=(19, 28)),))
    assert steps(late_reminder) == {0: "up_to_date", 20: "due", 35: "overdue", 50: "silent"}
    after_months = replace(ONE_COMMITMENT, periods=(replace(ONE_PERIOD, reminders=(60, 75)),))
    assert steps(after_months) == {0: "up_to_date", 20: "due", 67: "silent"}
