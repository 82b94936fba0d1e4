"""May the register go on? It stops while its ledger says otherwise, is gone, or is another."""

import hashlib
import os
from enum import StrEnum
from typing import IO

from django.db.models import Subquery

from registry.log import ledger, ledger_lines
from registry.log.ledger_lines import Line
from registry.models import Entry, Ledger

NOTHING_HAPPENS = "Nothing is published or sent until"
PUT_BACK = f"{NOTHING_HAPPENS} it is back, or someone begins a new one with begin_new_ledger."


class Obstacle(StrEnum):
    """Why the register has stopped, in words."""

    MISSING = f"The ledger of this register is not here. {PUT_BACK}"
    FOREIGN = f"The ledger that is here belongs to another register. {PUT_BACK}"
    SHORTER = f"The ledger is shorter than it was. {PUT_BACK}"
    REMADE = f"The ledger is not the one that was here: it was made again or changed. {PUT_BACK}"
    DIFFERENT = (
        "The latest entry of the log is not the one that the ledger remembers. "
        f"{NOTHING_HAPPENS} someone has found out which is right."
    )
    BEHIND = (
        "The database is behind its ledger, as after a restore. "
        f"{NOTHING_HAPPENS} someone runs put_back_from_ledger."
    )


def find_obstacle() -> Obstacle | None:
    """Return why nothing may be published or sent, or None. One query, and the file's ends."""
    # The ledger's last entry is read first: one published in between must not look missing. What
    # the database has seen of the file is read before the file, which may have grown since.
    last = ledger.last_entry()
    latest = Entry.objects.order_by("-number")
    known = Ledger.objects.order_by("-number").annotate(
        head=Subquery(latest.values("number")[:1]), head_hash=Subquery(latest.values("hash")[:1])
    )
    current = known.first()
    with ledger.open_ledger() as file:
        if current is None:
            return _find_unknown(file)
        changed = _find_changed(current, file)
    return changed or _compare_heads(last, current.head or 0, current.head_hash)


def _find_unknown(file: IO[bytes] | None) -> Obstacle | None:
    """Return what is wrong while the database knows of no ledger: nothing before the first act."""
    if file and file.seek(0, os.SEEK_END):
        return Obstacle.FOREIGN
    return Obstacle.MISSING if Entry.objects.exists() else None


def _find_changed(current: Ledger, file: IO[bytes] | None) -> Obstacle | None:
    """Compare the file with what the database has seen of it."""
    size = file.seek(0, os.SEEK_END) if file else 0
    if not (file and size):
        return Obstacle.MISSING if current.length else None
    first_line = ledger_lines.first_line(file)
    if first_line and first_line.get("identity") != str(current.identity):
        return Obstacle.FOREIGN
    if size < current.length:
        return Obstacle.SHORTER
    if current.length:
        seen = ledger_lines.last_line(file, current.length)
        is_same = hashlib.sha256(seen).hexdigest() == current.line_hash
        # Damage to this one line is reported, and does not stop the register.
        if not is_same and ledger_lines.parse_line(seen):
            return Obstacle.REMADE
    return None


def _compare_heads(last: Line | None, head: int, head_hash: str | None) -> Obstacle | None:
    """Compare the ledger's last entry with the log's, which may be newer."""
    if last and last["number"] > head:
        return Obstacle.BEHIND
    if last and last["number"] == head and last["hash"] != head_hash:
        return Obstacle.DIFFERENT
    return None
