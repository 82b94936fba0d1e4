"""A client of the Redis broker, and the keys that scheduled tasks write there beside Celery."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from kombu import Connection

LAST_TICKS = "register:last-ticks"  # a hash: task names to the Unix time of their last success
VERIFICATION = "register:verification"  # how far the one under way is, in words
LAST_BEAT = "register:last-beat"  # the last reading of the clock: see clock_jumps.py

# Seconds, for Celery as well. Nobody waits long for an unavailable broker, and the message of a
# killed worker is delivered again after ten minutes.
TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "socket_keepalive": True,
}


@contextmanager
def broker_client() -> Iterator[Any]:
    """Open a Redis client of the broker for a block, with the time limits above.

    Raise kombu's OperationalError or a RedisError if the broker is unavailable.
    """
    with Connection(settings.REDIS_URL, transport_options=TRANSPORT_OPTIONS) as connection:
        yield connection.channel().client  # type: ignore[attr-defined]  # of the Redis transport
