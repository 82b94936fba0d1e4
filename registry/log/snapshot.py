"""What the public may see at one moment: one read-only connection, one state of the database.

A public page or answer reads everything inside `public_snapshot`, so that no entry published
meanwhile shows in a part of it, and nothing private can.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction

ALIAS = "public"  # in settings.DATABASES
REPLICA = "replica"  # there too, if the register has one
MAX_IN_MEMORY = 2**20  # bytes of a download
PART = 2**16  # bytes
_reads_from: ContextVar[str] = ContextVar("reads_from", default="")


class SnapshotRouter:
    """Let models read through the public connection inside `public_snapshot`."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:
        return _reads_from.get() or None

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db in (ALIAS, REPLICA) else None


@contextmanager
def public_snapshot(alias: str = ALIAS) -> Iterator[None]:
    """Read inside the block as the public role, and everything from one state of the database."""
    with _public_transaction(alias):
        yield


@contextmanager
def long_snapshot() -> Iterator[None]:
    """Read inside the block as in `public_snapshot`, for as long as it takes."""
    with _public_transaction(ALIAS):
        alias = _reads_from.get() or DEFAULT_DB_ALIAS
        with connections[alias].cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
        yield


def read_download(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Read a whole download now, into a temporary file if it is large; return its parts.

    The snapshot ends with the reading: no slow reader holds it open, and none that leaves can let
    it end in the middle of another query of the same connection.
    """

    def send_parts() -> Iterator[bytes]:
        with SpooledTemporaryFile(MAX_IN_MEMORY) as file:
            file.writelines(parts)
            file.seek(0)
            yield b""
            yield from iter(partial(file.read, PART), b"")

    download = send_parts()
    next(download)  # What follows needs no database.
    return download


@contextmanager
def _public_transaction(alias: str) -> Iterator[None]:
    """Run the block in a transaction of a public connection. Tests have one connection only."""
    token = _reads_from.set(alias)
    try:
        with transaction.atomic(using=alias):
            yield
    finally:
        _reads_from.reset(token)
