"""What the public may see at one moment: one read-only connection, one state of the database.

A public page or answer reads everything inside `public_snapshot`, so that no entry published
meanwhile shows in a part of it, and nothing private can.
"""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models, transaction

ALIAS = "public"  # in settings.DATABASES
_reads_public: ContextVar[bool] = ContextVar("reads_public", default=False)


class SnapshotRouter:
    """Let models read through the public connection inside `public_snapshot`."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:
        return ALIAS if _reads_public.get() else None

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool | None:
        return False if db == ALIAS else None


@contextmanager
def public_snapshot() -> Iterator[None]:
    """Read inside the block as the public role, and everything from one state of the database."""
    with _public_transaction():
        yield


def hold_snapshot(snapshot: ExitStack, parts: Iterable[bytes]) -> Iterator[bytes]:
    """Return the parts of a download, of which the end, or an abrupt one, ends the snapshot."""

    def read_parts() -> Iterator[bytes]:
        with snapshot:
            yield b""
            yield from parts

    download = read_parts()
    next(download)  # Only a generator that has begun ends its snapshot when it is closed.
    return download


@contextmanager
def _public_transaction() -> Iterator[None]:
    """Run the block in a transaction of the public connection. Tests have one connection only."""
    token = _reads_public.set(True)
    try:
        with transaction.atomic(using=ALIAS):
            yield
    finally:
        _reads_public.reset(token)
