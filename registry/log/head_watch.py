"""The head of the log in the memory of each process, without a query for each request.

A thread hears of each publication from the database (LISTEN). It also looks once a second, and
whenever it has connected again. While it cannot listen, who wants to know the head asks for it.
"""

import logging
from threading import Event, Lock, Thread
from time import monotonic

from django.db import Error, connections

from registry.log import publishing
from registry.log.publishing import Head
from registry.log.snapshot import ALIAS, public_snapshot

LOOK_EVERY = 1.0  # seconds
FRESH_FOR = 2.0  # seconds

log = logging.getLogger(__name__)


def ask_head() -> Head | None:
    """Return the head by asking the database; None if it does not answer."""
    try:
        with public_snapshot():
            return publishing.head()
    except Error:
        return None


class HeadWatch:
    """The head as one process knows it. The thread starts with the first question.

    The web server's processes begin after this module was loaded, and threads do not survive that.
    """

    def __init__(self) -> None:
        self._start = Lock()
        self._end = Event()
        self._thread: Thread | None = None
        self._heard: tuple[Head | None, float] = (None, 0.0)

    def heard_head(self) -> Head | None:
        """Return the head as last heard, or None if nothing was heard lately."""
        if self._thread is None:
            self._start_thread()
        head, at = self._heard
        return head if monotonic() - at < FRESH_FOR else None

    def end(self) -> None:
        """End the thread and its connection."""
        self._end.set()
        if self._thread is not None:
            self._thread.join()

    def _start_thread(self) -> None:
        with self._start:
            if self._thread is None:
                self._thread = Thread(target=self._watch, name="head-watch", daemon=True)
                self._thread.start()

    def _watch(self) -> None:
        while not self._end.is_set():
            try:
                self._listen()
            except Exception as error:  # Without the thread, requests would ask for ever.
                self._heard = (None, 0.0)
                log.warning("Cannot listen, so each request asks for the head: %s", error)
                connections[ALIAS].close()
                self._end.wait(LOOK_EVERY)
        connections[ALIAS].close()

    def _listen(self) -> None:
        """Hear of publications until the end, or raise an Error of the database."""
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(f"LISTEN {publishing.HEAD_CHANNEL}")
        while not self._end.is_set():
            looked_at = monotonic()
            with public_snapshot():
                self._heard = (publishing.head(), looked_at)
            with connections[ALIAS].wrap_database_errors:
                session = connections[ALIAS].connection
                for _ in session.notifies(timeout=LOOK_EVERY, stop_after=1):
                    pass
