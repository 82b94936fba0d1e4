"""Public answers from a streaming replica, as long as it has what the reader has to see.

The web server knows the head of the log from the primary (head_watch.py). A state of the replica
is read only if its own head, read in the same snapshot, is that one or a later one. Every answer is
named by the head of the state it was read from, so none is kept as a newer one than it is.
"""

import logging
from collections.abc import Callable
from time import monotonic
from typing import TypeVar

from django.conf import settings
from django.db import Error
from psycopg.errors import QueryCanceled

from registry.log import publishing
from registry.log.publishing import Head
from registry.log.snapshot import REPLICA, public_snapshot

# In the WSGI environment: the head that an answer must have or be later than.
NEEDED_HEAD = "register.needed_head"
REST = 5.0  # seconds without the replica after it failed

log = logging.getLogger(__name__)
Answer = TypeVar("Answer")


class _Pause:
    """Until when this process leaves a failing replica alone; monotonic seconds."""

    ends_at = 0.0


def read_current(needed: Head | None, read: Callable[[Head], Answer]) -> Answer:
    """Return what `read` makes of the head, from one state of the database.

    The replica is read if it has `needed`, else the primary. If the replica breaks, `read` begins
    again on the primary, unless the query took too long: it would take as long there.
    """
    if needed is not None and REPLICA in settings.DATABASES and monotonic() > _Pause.ends_at:
        try:
            with public_snapshot(REPLICA):
                head = publishing.head()
                if _includes(head, needed):
                    return read(head)
        except Error as error:
            if isinstance(error.__cause__, QueryCanceled):
                raise
            _Pause.ends_at = monotonic() + REST
            log.warning("The replica is left alone for %s seconds: %s", REST, error)
    with public_snapshot():
        return read(publishing.head())


def _includes(head: Head, needed: Head) -> bool:
    """Return whether a state shows all that another one does: stale records change in between."""
    return head.number > needed.number or head == needed
