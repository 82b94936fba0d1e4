"""The Redis broker beside Celery: what the clock's tasks note there, and a client to read it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from kombu import Connection

LAST_TICKS = "register:last-ticks"  # a hash: name of a task to the second it last succeeded
LAST_BEAT = "register:last-beat"  # where the clock stood: see clock_jumps.py

# Celery uses the same: nobody waits long for a broker that is away, and a message that a killed
# worker held is handed out again after ten minutes.
TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
}


@contextmanager
def broker_client() -> Iterator[Any]:
    """Give a Redis client of the broker for a block, with the time limits above.

    Raise kombu's OperationalError or a RedisError if it is away.
    """
    with Connection(settings.REDIS_URL, transport_options=TRANSPORT_OPTIONS) as connection:
        yield connection.channel().client  # type: ignore[attr-defined]  # of the Redis transport
