"""The log stays sound for any history, any tampering and any number of writers."""

import threading
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest
from django.db import connections, transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from registry import clock
from registry.log import (
    day_changes,
    folding,
    ledger,
    publishing,
    records,
    refolding,
    verifying,
    whole_log,
)
from registry.log.history import counted_on
from registry.models import DayCount, Entry, Record, WideChange
from tests import databases
from tests.registry import items
from tests.registry.listed import listed_rows

IN_ONE_TEST_DATABASE = [HealthCheck.function_scoped_fixture]
START = datetime(2026, 1, 5, 9, tzinfo=UTC)
COMMITMENTS = ["C-00001", "C-00002", "C-00003"]

commitment_keys = st.sampled_from(COMMITMENTS)
targets = st.integers(0, 40).map(lambda value: {"value": str(value), "by": "2027-06-30"})
reasons = st.sampled_from(["Site closed", "We counted wrongly", "The contract ended"])
acts = st.one_of(
    st.tuples(st.just("amend"), commitment_keys, targets, reasons),
    st.tuples(st.just("correct"), commitment_keys, targets, reasons),
    st.tuples(st.just("confirm"), commitment_keys),
    st.tuples(st.just("close"), commitment_keys, reasons),
    st.tuples(st.just("withdraw"), commitment_keys, reasons),
    st.tuples(st.just("replace"), commitment_keys, commitment_keys),
    st.tuples(st.just("period"), st.integers(1, 3), st.booleans(), st.booleans()),
    st.tuples(
        st.just("update"), st.integers(1, 3), st.sampled_from(["on_track", "met", "off_track"])
    ),
    st.tuples(st.just("signatory"), st.booleans(), st.booleans()),
    st.tuples(st.just("charter"), st.integers(1, 60)),
    st.tuples(st.just("measure"), st.sampled_from(["increase", "decrease"])),
    st.tuples(st.just("recount"), commitment_keys, st.sampled_from(["M-00001", "M-00002"])),
    st.tuples(st.just("success"), commitment_keys, st.booleans()),
    st.tuples(st.just("feature"), st.sampled_from([*COMMITMENTS, "W-00001"])),
    st.tuples(st.just("redact"), st.integers(1, 60)),
)


def perform(act: tuple) -> None:
    """Publish an act; an act refused by the log changes nothing."""
    match act:
        case ["amend" | "correct" as action, key, target, reason]:
            item = items.commitment(key, action, target=target, change_reason=reason)
        case ["confirm", key]:
            item = items.commitment(key, "confirm")
        case ["close", key, reason]:
            item = items.commitment(key, "close", end_reason="expired", change_reason=reason)
        case ["withdraw", key, reason]:
            item = items.commitment(key, "withdraw", end_reason="withdrawn", change_reason=reason)
        case ["replace", key, former]:
            item = items.commitment(key, "correct", supersedes=former, change_reason="Replaced")
        case ["period", number, is_requested, is_received]:
            request = {"requested_on": ["2026-04-04"]} if is_requested else {}
            receipt = {"received_on": "2026-04-20"} if is_received else {}
            item = items.period(number, **request, **receipt)
        case ["update", number, assessment]:
            item = items.update(number, self_assessment=assessment)
        case ["signatory", is_paused, is_unreachable]:
            size = {"size": "small"} if is_paused else {"size": "large", "legal_name": "Larger Ltd"}
            pause = {"pause": {"from": "2026-05-01", "reason": "Flood"}} if is_paused else {}
            absence = {"unreachable_since": "2026-05-03"} if is_unreachable else {}
            item = items.signatory(**size, **pause, **absence)
        case ["measure", direction]:
            item = items.measure(direction=direction)
        case ["recount", key, measure]:
            item = items.commitment(key, "correct", measure=measure, change_reason="Recounted")
        case ["charter", days]:
            item = items.charter(overdue_after_days=days)
        case ["success", key, is_withdrawn]:
            action = "withdraw" if is_withdrawn else "publish"
            item = items.success(action=action, commitments=[key], change_reason="Not ours")
        case ["feature", key]:
            item = items.featured(key)
        case ["redact", number]:
            publishing.redact([number, number + 1], reason_code="error")
            return
    with suppress(publishing.LogError):
        publishing.publish([item])


@pytest.fixture
def tiny_chunks(monkeypatch):
    """Fold two records in a chunk, and leave commitments to the task that refolds."""
    monkeypatch.setattr(whole_log, "CHUNK", 2)
    monkeypatch.setattr(refolding, "CHUNK", 1)
    monkeypatch.setattr(records, "MOST_AT_ONCE", 1)


def folded_at_once() -> tuple[dict[str, tuple], set[tuple[str, int]]]:
    """Return all records, and the changes of those that commitments belong to."""
    folded = folding.fold(Entry.objects.order_by("number"))
    wide = [record for record in folded.values() if record.kind in whole_log.WIDE_KINDS]
    changes = {(record.key, number) for record in wide for number in record.changed_entries}
    return {key: records.column_values(record) for key, record in folded.items()}, changes


def kept_changes() -> set[tuple[str, int]]:
    return set(WideChange.objects.values_list("key", "entry"))


def counted_then(on: date) -> Counter:
    """Return what all entries until the end of a day say of that day."""
    until = Entry.objects.filter(at__lt=clock.end_of_day(on)).order_by("number")
    counts: Counter = Counter()
    for record in folding.fold(until).values():
        if record.kind == "commitment":
            counts.update(product(*counted_on(record, on)))
    return counts


def kept_counts(on: date) -> Counter:
    given = DayCount.objects.values_list("given", flat=True).distinct()
    return +Counter(DayCount.objects.on_day(list(given), on))


def record_rows() -> list[dict]:
    return list(Record.objects.order_by("key").values())


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=IN_ONE_TEST_DATABASE)
@given(st.lists(acts, max_size=15))
@example(  # Two commitments supersede the same one, and then one of them no longer does.
    [
        ("replace", "C-00002", "C-00001"),
        ("replace", "C-00003", "C-00001"),
        ("amend", "C-00003", {"value": "0", "by": "2027-06-30"}, "Site closed"),
    ]
)
@example(  # The text of the recount, entry 10, is removed; an update then refolds the commitment.
    [
        ("recount", "C-00001", "M-00002"),
        ("redact", 10),
        ("update", 1, "met"),
    ]
)
@example(  # A success moves to another commitment and is featured; its first text, 10, is removed.
    [
        ("success", "C-00001", False),
        ("success", "C-00002", False),
        ("feature", "W-00001"),
        ("redact", 10),
        ("feature", "C-00003"),
    ]
)
def test_rebuilt_records_are_the_same_rows(tiny_chunks, history):
    # Hypothesis runs all examples in one transaction, so each is undone at its end.
    savepoint = transaction.savepoint()
    try:
        with clock.fixed_at(START):
            other_measure = replace(items.measure(counts="in_a_year"), key="M-00002")
            others = [items.commitment("C-00002"), items.commitment("C-00003")]
            publishing.publish([*items.small_register(), other_measure, *others])
        for day, act in enumerate(history):
            with clock.fixed_at(START + timedelta(days=day)):
                perform(act)
        assert verifying.verify() == []
        with clock.fixed_at(START + timedelta(days=len(history))):
            day_changes.follow_today()
            before = record_rows(), listed_rows()
            in_chunks = {row.key: records.column_values(row) for row in Record.objects.all()}
            folded, changes = folded_at_once()
            assert in_chunks == folded
            # Words that were removed since cannot be read again.
            if not any(act[0] == "redact" for act in history):
                assert kept_changes() == changes
            # As they were read then, words that were removed since cannot be counted again.
            if not any(act[0] == "redact" for act in history):
                for day in range(0, len(history), 4):
                    on = (START + timedelta(days=day)).date()
                    assert counted_then(on) == kept_counts(on)
            publishing.rebuild_records()
        assert (record_rows(), listed_rows()) == before
        assert kept_changes() == changes
    finally:
        transaction.set_rollback(False)
        transaction.savepoint_rollback(savepoint)


TAMPERING = {
    "at": "at + interval '1 second'",
    "kind": "'notice'",
    "key": "'C-ZZZZZ'",
    "action": "'amend'",
    "item": "replace(item, '20', '21')",
    "item_hash": "repeat('0', 64)",
    "hash": "repeat('0', 64)",
    "number": "number + 100",
}


def test_every_public_column_of_an_entry_is_tampered_with():
    # The number of its act is private, so it is outside the hash.
    assert set(TAMPERING) == {field.column for field in Entry._meta.concrete_fields} - {"act"}


def eight_entries() -> None:
    publishing.publish([*items.small_register(), items.update(1)])
    publishing.publish([items.commitment(action="confirm")])


@pytest.mark.django_db
@pytest.mark.parametrize("column", TAMPERING)
@pytest.mark.parametrize("number", range(1, 9))
def test_tampering_with_any_column_of_any_entry_is_found(column, number):
    eight_entries()
    with databases.without_triggers("registry_entry") as cursor:
        cursor.execute(
            f"UPDATE registry_entry SET {column} = {TAMPERING[column]} WHERE number = %s",  # noqa: S608
            [number],
        )
    (fault,) = verifying.verify()
    assert fault.number == number


@pytest.mark.django_db
@pytest.mark.parametrize("number", range(1, 8))
def test_removed_or_emptied_entry_is_found(number):
    eight_entries()
    with databases.without_triggers("registry_entry"):
        entry = Entry.objects.get(number=number)
        entry.item = None
        entry.save()
        assert verifying.verify()[0].number == number
        entry.delete()
    assert verifying.verify()[0].number == number


@pytest.mark.django_db(transaction=True)
def test_entry_published_during_a_verification_neither_waits_nor_is_a_fault(monkeypatch):
    eight_entries()
    ledger.catch_up()
    monkeypatch.setattr(verifying, "STEP", 1)
    published = []

    def publish_beside() -> None:
        published.extend(publishing.publish([items.commitment(action="confirm")]))
        connections.close_all()

    def publish_once(words: str) -> None:
        if not published:
            thread = threading.Thread(target=publish_beside)
            thread.start()
            thread.join(60)

    assert verifying.verify(publish_once) == []
    assert [entry.number for entry in published] == [9]
    assert verifying.verify() == []


WRITERS, ACTS_EACH = 8, 12


@pytest.mark.django_db(transaction=True)
def test_eight_writers_at_once_leave_no_gap_for_a_reader():
    publishing.publish(
        [*items.small_register(), *[items.commitment(f"C-1000{n}") for n in range(WRITERS)]]
    )
    first = publishing.head().number
    last = first + WRITERS * ACTS_EACH
    numbers: list[int] = []
    failures: list[BaseException] = []

    def write(writer: int) -> None:
        try:
            for _ in range(ACTS_EACH):
                publishing.publish([items.commitment(f"C-1000{writer}", "confirm")])
        except BaseException as failure:
            failures.append(failure)
        finally:
            connections.close_all()

    def read() -> None:
        try:
            after = first
            while after < last and not failures:
                new_entries = Entry.objects.filter(number__gt=after).order_by("number")
                numbers.extend(new_entries.values_list("number", flat=True))
                after = numbers[-1] if numbers else first
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=[n]) for n in range(WRITERS)]
    threads.append(threading.Thread(target=read))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert numbers == list(range(first + 1, last + 1))
    assert verifying.verify() == []
