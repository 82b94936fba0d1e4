"""What the public may see at one moment: one read-only connection, one state of the database.

A public page or answer reads everything inside `public_snapshot`, so that no entry published
meanwhile shows in a part of it, and nothing private can.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import models, transaction

ALIAS = "public"  # in settings.DATABASES
_reads_public: ContextVar[bool] = ContextVar("reads_public", default=False)


class SnapshotRouter:
    """Let models read through the public connection inside `public_snapshot`."""

    def db_for_read(self, model: type[models.Model], **hints: Any) -> str | None:
        return ALIAS if _reads_public.get() else None


@contextmanager
def public_snapshot() -> Iterator[None]:
    """Read inside the block as the public role, and everything from one state of the database."""
    with _public_transaction():
        yield


@contextmanager
def _public_transaction() -> Iterator[None]:
    """Run the block in a transaction of the public connection. Tests have one connection only."""
    token = _reads_public.set(True)
    try:
        with transaction.atomic(using=ALIAS):
            yield
    finally:
        _reads_public.reset(token)
