"""docs/data.md is enough to mirror and verify the log: its vectors and program agree with us."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from registry.api.representation import represent_entry
from registry.log import folding
from registry.log.canonical import HASH_BEFORE_THE_FIRST, canonical, hash_entry, hash_item
from registry.log.documents import represent_record
from registry.models import Entry, Record
from registry.schema import code_lists, kinds, measure_codes

DOCS = Path("docs")
VECTORS = json.loads((DOCS / "log-vectors.json").read_text(encoding="utf-8"))
ENTRIES = [
    Entry(
        **{name: row[name] for name in ("number", "kind", "key", "action", "item_hash", "hash")},
        at=datetime.fromisoformat(row["at"]).astimezone(UTC),
        item=row["item_text"],
    )
    for row in VECTORS["entries"]
]


def test_document_names_the_files_and_every_action_and_has_a_vector_for_each():
    text = (DOCS / "data.md").read_text(encoding="utf-8")
    assert "](log-vectors.json)" in text
    assert "](verify.py)" in text
    assert {entry.action for entry in ENTRIES} == set(Entry.Action.values)
    assert all(f"| `{action}` |" in text for action in Entry.Action.values)


def test_entries_of_the_vectors_have_our_hashes_and_our_form():
    previous = HASH_BEFORE_THE_FIRST
    for entry, row in zip(ENTRIES, VECTORS["entries"], strict=True):
        if entry.item is not None:
            assert canonical(json.loads(entry.item)) == entry.item
            assert hash_item(entry.item) == entry.item_hash
        fields = (entry.number, entry.at, entry.kind, entry.key, entry.action, entry.item_hash)
        assert hash_entry(previous, *fields) == entry.hash
        assert represent_entry(entry) == row
        previous = entry.hash


@pytest.mark.parametrize("state", VECTORS["states"], ids=lambda state: state["note"])
def test_folding_gives_the_records_of_the_vectors(state):
    records = folding.fold(ENTRIES[: state["after"]])
    for key, expected in state["records"].items():
        record = records[key]
        day = date.fromisoformat(state["day"])
        record.reporting = record.state = record.state_on(day)
        record.ending = record.ending_on(day)
        shown = json.loads(json.dumps(represent_record(record, day), default=str))
        assert {name: shown[name] for name in expected} == expected
        assert expected.keys() >= set(kinds.derived_fields(record.kind))


def test_vectors_show_every_state_and_type_of_figure():
    """A program that folds one of them wrongly must differ from a vector."""
    shown = [record for state in VECTORS["states"] for record in state["records"].values()]

    def found(name: str) -> set[str]:
        return {record[name] for record in shown if record.get(name)}

    items = [json.loads(entry.item) for entry in ENTRIES if entry.item]
    figures = [record["progress"] for record in shown if record.get("progress")]
    weakenings = [way for record in shown for way in record.get("weakenings", [])]
    assert found("reporting") == set(code_lists.Reporting.values)
    assert found("state") == set(code_lists.PeriodState.values)
    assert found("ending") == set(code_lists.Ending.values)
    assert found("record_status") == set(Record.Status.values)
    assert {way["what"] for way in weakenings} == set(code_lists.Weakening.values)
    assert {item.get("value_type") for item in items} >= set(measure_codes.ValueType.values)
    assert {figure["direction"] for figure in figures} == set(measure_codes.Direction.values)
    assert {figure["disputed"] for figure in figures} == {True, False}


def run_verifier(*arguments: str) -> tuple[int, str]:
    process = subprocess.run(
        [sys.executable, "-I", DOCS / "verify.py", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
    )
    return process.returncode, process.stdout.strip() + process.stderr.strip()


def test_program_of_the_document_verifies_the_vectors_and_remembered_heads():
    last = ENTRIES[-1]
    heads = [f"{last.number}:{last.hash}", f"5:{ENTRIES[4].hash[:12]}"]
    answer = run_verifier(str(DOCS / "log-vectors.json"), *heads)
    assert answer == (0, f"No faults: {last.number} entries, head {last.hash}")
    answer = run_verifier(str(DOCS / "log-vectors.json"), f"5:{last.hash}")
    assert answer == (1, "entry 5: you kept another hash")


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda rows: rows[4].update(item_text="{}"), "entry 5: the item does not fit its hash"),
        (lambda rows: rows[4].update(key="C-00009"), "entry 5: the entry does not fit its hash"),
        (lambda rows: rows.pop(4), "entry 5 is missing"),
        (lambda rows: rows[4].update(item_text=None), "entry 5: the item is gone"),
    ],
)
def test_program_of_the_document_names_a_changed_entry(tmp_path, change, fault):
    rows = json.loads(json.dumps(VECTORS["entries"]))
    change(rows)
    (tmp_path / "entries.json").write_text(json.dumps(rows), encoding="utf-8")
    status, answer = run_verifier(str(tmp_path / "entries.json"))
    assert status == 1
    assert fault in answer
