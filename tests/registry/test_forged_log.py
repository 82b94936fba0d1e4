"""The owner of the database can forge the log, but not the copies of its head that others keep.

The forger changes an old entry, chains all later ones again, rebuilds the records and makes a new
ledger, so that all that the register itself keeps agrees.
"""

import json
from urllib.parse import urlencode

import pytest

from registry.log import freezing, heads, ledger, publishing, verifying
from registry.log.canonical import HASH_BEFORE_THE_FIRST, canonical, hash_entry, hash_item
from registry.models import Entry, Ledger, Verification
from tests import databases
from tests.registry import items
from tests.registry.public_pages import publish, read

pytestmark = pytest.mark.django_db

FORGED = 5  # the commitment
COLUMNS = ["item", "item_hash", "hash"]


@pytest.fixture(autouse=True)
def register(register_home):
    publish("2026-01-05", *items.small_register())
    ledger.catch_up()


def forge_log() -> None:
    """Lower an old target with the owner's connection, and make everything fit again."""
    with databases.without_triggers("registry_entry"):
        _chain_again()
    publishing.rebuild_records()


def _chain_again() -> None:
    previous = HASH_BEFORE_THE_FIRST
    for entry in Entry.objects.order_by("number"):
        if entry.number == FORGED:
            item = json.loads(entry.item)
            item["target"]["value"] = "5"
            entry.item = canonical(item)
            entry.item_hash = hash_item(entry.item)
        fields = (entry.number, entry.at, entry.kind, entry.key, entry.action, entry.item_hash)
        entry.hash = previous = hash_entry(previous, *fields)
        entry.save(update_fields=COLUMNS)


def forge_ledger() -> None:
    """Delete the ledger and, with the owner's connection, what the database knows of it."""
    ledger.ledger_path().unlink()
    with databases.without_triggers("registry_ledger"):
        Ledger.objects.all().delete()
    Ledger.begin_first()
    ledger.catch_up()


def test_ledger_names_a_forged_entry():
    forge_log()
    assert [fault.number for fault in verifying.verify()] == [0, FORGED]


def test_verification_names_a_deleted_ledger():
    forge_log()
    ledger.ledger_path().unlink()
    assert [str(fault) for fault in verifying.verify()] == [
        freezing.Obstacle.MISSING.rstrip("."),
    ]


def test_earlier_verification_names_a_forged_log_without_a_ledger():
    verifying.verify_and_record()
    forge_log()
    forge_ledger()
    last = len(items.small_register())
    assert last in [fault.number for fault in verifying.verify()]


def test_head_of_a_keeper_exposes_a_forged_log(reader):
    kept = heads.sign_head(publishing.head()).as_text()
    publish("2026-01-12", items.update())
    verifying.verify_and_record()
    forge_log()
    forge_ledger()
    with databases.without_triggers("registry_verification"):
        Verification.objects.all().delete()
    publish("2026-01-13", items.commitment(action="confirm"))
    answer = read(reader, f"/verify?{urlencode({'head': kept})}", "2026-01-14")
    last = len(items.small_register())
    assert f"No, the register’s entry {last} has another hash:" in answer
    assert "The register signed this head, with the key in use since" in answer
    assert "so its log was changed after that." in answer
