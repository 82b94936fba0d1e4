"""Makes a register of size s, m or l and loads it, in the product's own format.

    python -m tests.bench.generator SIZE HOME

The product sets up the charter of Birmingham; the rest of the log is written by COPY, with the
salts, canonical texts, hashes and chain of the recipe. The product then makes the records, so that
no figure is folded twice. HOME holds the data of PostgreSQL and the ledger, as in `make run`.
"""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

import django
import psycopg

from registry.local import postgres
from registry.operations import database_roles

ROOT = Path(__file__).parents[2]
PRIVATE_SIDE = Path(__file__).with_name("private_side.sql")
CHUNK = 20_000  # entries
CHECKED_EVERY = 500  # events
ENTRY_COLUMNS = "number, at, kind, key, action, item, item_hash, hash"
# The same for the register and for every peer on this server.
SERVER_SETTINGS = {
    "shared_buffers": "1GB",
    "random_page_cost": "1.1",
    "max_wal_size": "4GB",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
}


@contextmanager
def running_register(home: Path, *, durable: bool = True) -> Iterator[postgres.Postgres]:
    """Run the register's PostgreSQL on a home for a block, with Django set up to use it."""
    server = postgres.Postgres(home, durable=durable)
    server.start()
    try:
        os.environ |= database_addresses(server) | {"REGISTER_HOME": str(home)}
        os.environ["DJANGO_SETTINGS_MODULE"] = "registry.settings"
        django.setup()
        yield server
    finally:
        server.stop()


def database_addresses(server: postgres.Postgres) -> dict[str, str]:
    """Return the addresses by which the product's roles reach the database."""
    return {
        "DATABASE_URL": server.address(database_roles.APPLICATION),
        "DATABASE_PUBLIC_URL": server.address(database_roles.PUBLIC),
    }


def load_register(size: str, home: Path) -> None:
    """Make a register and load it into a new home; print how long each step took."""
    home.mkdir(parents=True, exist_ok=True)
    with running_register(home, durable=False) as server:
        until = datetime.now(UTC).date() - timedelta(days=1)
        with timed("tables"):
            _make_tables(server)
        with timed("charter"):
            library = _set_up_charter(until)
        with psycopg.connect(server.url) as database:
            with timed("events"):
                _stage_events(database, size, library, until)
            with timed("entries"):
                _append_events(database)
        with timed("records"):
            _make_records()
        with psycopg.connect(server.url, autocommit=True) as database:
            with timed("private side"):
                database.execute(PRIVATE_SIDE.read_text())
            with timed("statistics"):
                database.execute("VACUUM ANALYZE")
    (home / "loading.json").write_text(json.dumps(took))


took: dict[str, list[float]] = {}  # Seconds of each step, and the most memory so far in MB.


@contextmanager
def timed(step: str) -> Iterator[None]:
    """Note and print what a block took."""
    start = time.perf_counter()
    yield
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    took[step] = [time.perf_counter() - start, memory]
    print(f"{step}: {took[step][0]:.1f} s, {memory:.0f} MB", flush=True)


def _make_tables(server: postgres.Postgres) -> None:
    with psycopg.connect(server.url, autocommit=True) as database:
        for name, value in SERVER_SETTINGS.items():
            database.execute(f"ALTER SYSTEM SET {name} = '{value}'")
    server.stop()
    server.start()
    owner = {"DATABASE_URL": server.address(database_roles.OWNER)}
    command = [sys.executable, "manage.py", "migrate", "--no-input", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=os.environ | owner, check=True)


def _set_up_charter(until: date) -> Any:
    """Publish the charter with all its themes and measures, before anything else happens."""
    from charter import reference
    from charter.actions import charters, people
    from registry import clock
    from registry.models import Record
    from tests.bench.plans import HISTORY, Library

    first_day = datetime.combine(until - HISTORY, time_of_day(9), UTC)
    with clock.fixed_at(first_day):
        charter = charters.set_up(
            by=people.get_operator(),
            authority=reference.authority(),
            charter=reference.charter(),
            themes=reference.themes(),
            measures=reference.measures(),
        )
    measures = Record.objects.of_kind("measure").order_by("first_entry")
    return Library(charter.key, dict(measures.values_list("key", "item")))


def _stage_events(database: Any, size: str, library: Any, until: date) -> None:
    """Write all events into a table, which sorts them by day without holding them in memory."""
    from registry.log.canonical import canonical
    from registry.schema import kinds
    from tests.bench.lives import register_events
    from tests.bench.plans import Register

    register = Register(size, library, until)
    salts = register.random("salts", 0)
    columns = "day date, place bigint, kind text, key text, action text, item text"
    database.execute(f"CREATE UNLOGGED TABLE bench_event ({columns})")
    with database.cursor().copy("COPY bench_event FROM STDIN") as copy:
        for place, event in enumerate(register_events(register)):
            if (
                place % CHECKED_EVERY == 0
                and kinds.clean_item(event.kind, event.item) != event.item
            ):
                raise ValueError(f"This is not the published form of {event}")
            text = canonical(event.item | {"salt": f"{salts.getrandbits(256):064x}"})
            copy.write_row((event.day, place, event.kind, event.key, event.action, text))


def _append_events(database: Any) -> None:
    """Append the staged events to the log in the order of their days, and to its ledger.

    The ledger is written after each chunk, as if that had been published.
    """
    from registry.log import ledger, publishing
    from registry.log.canonical import hash_entry, hash_item

    head = publishing.head()
    number, previous_hash = head.number, head.hash
    events = database.cursor("events", withhold=True)
    events.itersize = CHUNK
    query = "SELECT day, kind, key, action, item FROM bench_event ORDER BY day, place"
    events.execute(query)
    database.commit()
    while rows := events.fetchmany(CHUNK):
        with database.cursor().copy(f"COPY registry_entry ({ENTRY_COLUMNS}) FROM STDIN") as copy:
            for day, kind, key, action, item in rows:
                number += 1
                at = datetime.combine(day, time_of_day(9), UTC)
                item_hash = hash_item(item)
                previous_hash = hash_entry(previous_hash, number, at, kind, key, action, item_hash)
                copy.write_row((number, at, kind, key, action, item, item_hash, previous_hash))
        database.commit()
        ledger.catch_up()
    events.close()
    database.execute("DROP TABLE bench_event")
    database.commit()


def _make_records() -> None:
    from registry.log import publishing

    publishing.rebuild_records()


if __name__ == "__main__":
    load_register(sys.argv[1], Path(sys.argv[2]).absolute())
