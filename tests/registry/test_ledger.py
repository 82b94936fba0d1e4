"""A register stops, in words, while its ledger is missing, foreign, shorter or made again."""

import json
from time import sleep

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

from charter.models import Act
from registry.log import freezing, ledger, ledger_lines, publishing, verifying
from registry.models import Ledger, LedgerReading, SentKey
from registry.operations import broker
from tests import databases, factories
from tests.charter.test_concurrent_edits import run_concurrently
from tests.charter.test_outbox import queue_message
from tests.registry import items
from tests.visitors import officer_client, signed_in, with_second_factor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def written_ledger(db):
    """Publish seven entries, and write them to the ledger."""
    publishing.publish(items.small_register())
    ledger.catch_up()
    return ledger.ledger_path()


def rewrite(path, lines):
    path.write_bytes(b"".join(line + b"\n" for line in lines))


def remove(path, lines):
    path.unlink()


def replace_by_another_registers(path, lines):
    first = json.loads(lines[0]) | {"identity": "7d9a4f0e-1111-4222-8333-444455556666"}
    rewrite(path, [json.dumps(first).encode(), *lines[1:]])


def cut(path, lines):
    rewrite(path, lines[:-2])


def make_again(path, lines):
    """Write the same entries into a new file, as from a forged log, and some more."""
    path.unlink()
    with databases.superuser():
        Ledger.objects.update(length=Ledger.get_current().length + 1)
    rewrite(path, [*lines[:-1], lines[-1].replace(b'"kind":', b'"kind": '), *lines[-2:]])


def forge_the_log(path, lines):
    last = json.loads(lines[-1]) | {"hash": "f" * 64}
    ledger.append_line(last)


WRONG_LEDGERS = [
    (remove, freezing.Obstacle.MISSING),
    (replace_by_another_registers, freezing.Obstacle.FOREIGN),
    (cut, freezing.Obstacle.SHORTER),
    (make_again, freezing.Obstacle.REMADE),
    (forge_the_log, freezing.Obstacle.DIFFERENT),
]


@pytest.mark.parametrize(("spoil", "obstacle"), WRONG_LEDGERS)
def test_register_stops_and_says_why(spoil, obstacle, written_ledger, client, sink):
    message = queue_message()
    spoil(written_ledger, written_ledger.read_bytes().splitlines())

    with pytest.raises(publishing.FrozenError, match=obstacle):
        publishing.publish([items.commitment(action="confirm")])
    with pytest.raises(publishing.FrozenError, match=obstacle):
        publishing.restore_from_ledger()
    with pytest.raises(CommandError, match=obstacle):
        call_command("tick")
    assert str(obstacle) in client.get("/health").json()["problems"]
    assert obstacle.rstrip(".") in [str(fault) for fault in verifying.verify()]
    assert client.get("/commitments/C-00001").status_code == 200
    message.refresh_from_db()
    assert message.state == "queued"
    assert sink.count() == 0


def test_worker_writes_no_new_ledger_in_place_of_a_lost_one(written_ledger):
    written_ledger.unlink()
    with pytest.raises(ledger.LedgerError, match="is not here"):
        ledger.catch_up()
    assert freezing.find_obstacle() == freezing.Obstacle.MISSING


def test_officer_reads_why_the_register_has_stopped(written_ledger):
    desk = officer_client()
    written_ledger.unlink()
    assert "The ledger of this register is not here" in desk.get("/council/health").text


def test_ledger_may_grow_between_two_notes_of_its_length(written_ledger):
    ledger.append_line({"what": "sent", "key": "returned:1"})
    assert written_ledger.stat().st_size > Ledger.get_current().length
    assert freezing.find_obstacle() is None
    ledger.catch_up()
    assert written_ledger.stat().st_size == Ledger.get_current().length


def test_database_forgets_no_ledger_and_how_far_it_came():
    for change in (
        lambda: Ledger.objects.all().delete(),
        lambda: Ledger.objects.update(length=0),
        lambda: Ledger.objects.update(identity="7d9a4f0e-1111-4222-8333-444455556666"),
    ):
        refusal = pytest.raises(DatabaseError, match="rows of registry_ledger are never changed")
        with refusal, transaction.atomic(), databases.superuser():
            change()


@pytest.mark.parametrize("damage", [b"{half a line", b"[]", b'{"what":"entry"}', b"\xff\xfe"])
@pytest.mark.parametrize("position", [0, 3, -1])
def test_line_that_cannot_be_read_is_named_and_passed_over(
    damage, position, written_ledger, client, sink
):
    lines = written_ledger.read_bytes().splitlines()
    number = range(len(lines))[position] + 1
    lines[position] = damage.ljust(len(lines[position]))
    rewrite(written_ledger, lines)
    sentence = f"Line {number} of the ledger cannot be read"

    assert [str(fault) for fault in verifying.verify()] == [sentence]
    with broker.broker_client() as redis:
        redis.delete(broker.LAST_TICKS)
    assert f"{sentence}." in client.get("/health").json()["problems"]
    assert sentence in officer_client().get("/council/health").text
    publishing.publish([items.commitment(action="confirm")])
    ledger.catch_up()
    message = queue_message()
    call_command("tick")
    message.refresh_from_db()
    assert message.state == "sent"
    assert ledger.find_sent([message.key])
    assert [str(fault) for fault in verifying.verify()] == [sentence]


def test_entries_return_unless_the_only_line_of_one_cannot_be_read(written_ledger):
    with transaction.atomic():
        publishing.publish([items.commitment(action="confirm"), items.update()])
        ledger.catch_up()
        lines = written_ledger.read_bytes().splitlines()
        rewrite(written_ledger, [*lines[:-1], lines[-1][:-1]])
        ledger.catch_up()  # writes the last entry again
        transaction.set_rollback(True)
    lines = written_ledger.read_bytes().splitlines()
    rewrite(written_ledger, [*lines[:-3], lines[-3][:-1], *lines[-2:]])
    with pytest.raises(publishing.SequenceError, match="no readable line for entry 7"):
        publishing.restore_from_ledger()
    rewrite(written_ledger, lines)
    assert publishing.restore_from_ledger() == 2


def test_changed_line_is_found_by_the_hash_in_the_next_one(written_ledger):
    lines = written_ledger.read_bytes().splitlines()
    lines[2] = lines[2].replace(b'"action":"publish"', b'"action":"confirm"')
    rewrite(written_ledger, lines)
    assert [str(fault) for fault in verifying.verify()] == [
        "Line 4 of the ledger does not follow the line before"
    ]


def test_operator_begins_a_new_ledger_on_record(
    written_ledger, capsys, django_capture_on_commit_callbacks
):
    ledger.append_line({"what": "sent", "key": "returned:1"})
    first = Ledger.get_current()
    written_ledger.rename(written_ledger.with_name("lost"))

    with pytest.raises(CommandError, match="add --yes"):
        call_command("begin_new_ledger")
    assert "may be sent again" in capsys.readouterr().out
    assert Ledger.get_current() == first
    with django_capture_on_commit_callbacks(execute=True):
        call_command("begin_new_ledger", yes=True)

    assert Ledger.get_current().number == 2
    assert freezing.find_obstacle() is None
    assert ledger.last_entry()["number"] == publishing.head().number
    assert not ledger.find_sent(["returned:1"])
    assert verifying.verify() == []
    act = Act.objects.latest("number")
    assert (act.verb, act.cause) == ("ledger.begin", Act.Cause.COMMAND_LINE)
    desk = signed_in(with_second_factor(factories.administrator()))
    assert "began a new ledger" in desk.get("/council/activity").text


def test_ledger_set_aside_is_kept(written_ledger, django_capture_on_commit_callbacks):
    content = written_ledger.read_bytes()
    with django_capture_on_commit_callbacks(execute=True):
        call_command("begin_new_ledger", yes=True)
    [kept] = written_ledger.parent.glob("set-aside-*.jsonl")
    assert kept.read_bytes() == content


def sent(number: int) -> dict[str, str]:
    return {"what": "sent", "key": f"returned:{number}"}


def test_database_knows_what_was_sent_without_reading_the_ledger_again(
    written_ledger, django_assert_num_queries
):
    ledger.append_line(sent(1))
    ledger.note_new_lines()
    ledger.append_line(sent(2))
    lines = written_ledger.read_bytes().replace(b"returned:1", b"overdrawn1")
    written_ledger.write_bytes(lines)
    with django_assert_num_queries(2):
        found = ledger.find_sent(["returned:1", "returned:2", "returned:3"])
    assert found == {"returned:1", "returned:2"}


def test_threads_that_read_new_lines_at_once_read_each_once(written_ledger, monkeypatch):
    parse_line = ledger_lines.parse_line

    def parse_slowly(text):
        sleep(0.01)
        return parse_line(text)

    monkeypatch.setattr(ledger_lines, "parse_line", parse_slowly)
    unread = LedgerReading()
    run_concurrently(lambda: ledger._read_tail(unread))
    for number in range(20):
        ledger.append_line(sent(number))
    tail = ledger._read_tail(unread)
    assert (tail.unreadable_lines, len(tail.sent_keys)) == ([], 20)


def test_restored_database_learns_from_the_ledger_what_was_sent_since(written_ledger):
    ledger.append_line(sent(1))
    ledger.note_new_lines()
    with transaction.atomic():
        ledger.append_line(sent(2))
        ledger.note_new_lines()
        transaction.set_rollback(True)
    ledger.append_line(sent(3))
    emails = [f"returned:{number}" for number in (1, 2, 3, 4)]
    assert ledger.find_sent(emails) == set(emails[:3])
    ledger.note_new_lines()
    assert SentKey.objects.count() == 3
    assert LedgerReading.objects.get().position == written_ledger.stat().st_size


def test_long_ledger_is_written_and_noted_some_lines_at_a_time(written_ledger, monkeypatch):
    written_ledger.unlink()
    monkeypatch.setattr(ledger, "ENTRIES_AT_ONCE", 2)
    monkeypatch.setattr(ledger, "LINES_AT_ONCE", 2)
    with databases.without_triggers("registry_ledger"):
        Ledger.objects.all().delete()
    Ledger.begin_first()
    assert ledger.catch_up() == publishing.head().number
    ledger.append_line(sent(1))
    ledger.note_new_lines()
    assert LedgerReading.objects.get().line_count == publishing.head().number + 2
    assert verifying.verify() == []
