"""Making a day of the demonstration at once, which is several times as fast as act by act."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest import mock

from django.db import connection, transaction

from registry.log import publishing
from registry.models import Entry


@contextmanager
def publish_at_end() -> Iterator[None]:
    """Append everything published inside the block at its end: one lock, one folding.

    Code inside the block must not read the entries it publishes. If the block fails, nothing is
    written. `publishing.publish` itself is replaced meanwhile, for this process and its threads, so
    that the product has no such switch.
    """
    collected: list[publishing.NewEntry] = []

    def collect(items: Sequence[publishing.NewEntry]) -> list[Entry]:
        collected.extend(publishing.with_act(items))
        return []

    with mock.patch.object(publishing, "publish", collect):
        yield
    publishing.publish(collected)


@contextmanager
def whole_transaction() -> Iterator[None]:
    """Make everything inside the block one transaction, in which no action can fail alone.

    So actions need no savepoints of their own, which are a fifth of all statements.
    """
    with transaction.atomic(), mock.patch.object(connection.features, "uses_savepoints", False):
        yield
