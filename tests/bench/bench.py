"""Measures the register beside its peers and its limits, and judges the goals.

    make bench SIZE=s|m

The first run of a size makes its register, which later runs find in var/bench, or where BENCH_HOME
says. Absolute times mean little on a shared machine: judge by ratios of one run, and by CPU. It
writes docs/performance.md.
"""

import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from tests.bench import generator, goals, jobs, limits, report, servers, works
from tests.bench.checks import Results
from tests.bench.client import Connection
from tests.bench.rounds import Bench, Figure
from tests.bench.servers import ROOT, Server

HOMES = ROOT / "var" / "bench"
AT_ONCE = 64  # connections of the runs that judge waiting
COPY = """
    COPY (
        SELECT key, version, status, published_at, updated_at, item, delivery, latest, progress,
            weakenings, original, states
        FROM registry_record WHERE kind = 'commitment' ORDER BY first_entry
    ) TO STDOUT
"""


def main(size: str) -> None:
    """Measure a size, print the table of goals and write docs/performance.md."""
    started = time.monotonic()
    home = prepared_home(size)
    with (
        generator.running_register(home) as postgres,
        psycopg.connect(postgres.url, autocommit=True) as database,
    ):
        assert postgres.server.process is not None
        prepare_peers(postgres, database, home)
        keys = works.read_keys(database)
        contestants = make_contestants(home)
        numbers = count()
        bench = Bench(
            contestants, postgres.server.process.pid, lambda: jobs.publish_again(next(numbers))
        )
        with servers.running([*{id(s): s for s in contestants.values()}.values()]):
            measure_web(bench, keys, database, home)
            files = measure_files(bench, database)
            memory = contestants["register"].memory
        (home / "figures.json").write_text(json.dumps(bench.as_json()))
        with servers.running([mail_server(home)]):
            done = {name: jobs.run_job(name, bench.postgres) for name in jobs.JOBS}
    results = Results(
        size=size,
        signatories=len(keys.signatories),
        commitments=len(keys.commitments),
        figures=bench.figures,
        jobs=done,
        files=files,
        loading=json.loads((home / "loading.json").read_text()),
        web_memory=memory,
        other_figures=small_figures(size),
    )
    verdicts = goals.judge(results)
    report.print_table(verdicts)
    report.write_document(results, verdicts, seconds=time.monotonic() - started)


def prepared_home(size: str) -> Path:
    """Return the home of a loaded register of a size, which is made once a month.

    An older one would lack updates that have fallen due since.
    """
    folder = Path(__file__).parent
    sources = [*ROOT.glob("*/migrations/*.py"), *folder.glob("*.sql")]
    sources += [folder / f"{name}.py" for name in ("generator", "lives", "plans", "words")]
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in sorted(sources))).hexdigest()
    name = f"{size}-{datetime.now(UTC):%Y-%m}-{digest[:8]}"
    home = Path(os.environ.get("BENCH_HOME", HOMES / name)).absolute()
    if not (home / "loading.json").exists():
        for earlier in HOMES.glob(f"{size}-*"):
            shutil.rmtree(earlier)
        generator.load_register(size, home)
    return home


def small_figures(size: str) -> goals.Figures:
    """Return the figures of the newest run at size s, for a run at another size."""
    stored = sorted(HOMES.glob("s-*/figures.json"), key=lambda path: path.stat().st_mtime)
    return goals.as_figures(json.loads(stored[-1].read_text())) if stored and size != "s" else {}


def prepare_peers(postgres: Any, database: Any, home: Path) -> None:
    """Make the peers' tables and Datasette's file from the register's records."""
    from tests.bench.peers import datasette_app

    os.environ |= {
        "PEERS_DATABASE": database.info.dbname,
        "PEERS_USER": database.info.user,
        "PEERS_HOST": str(postgres.sockets),
        "DATASETTE_FILE": str(home / "peers.db"),
        "FOLDER": str(home / "answers"),
    }
    if database.execute("SELECT to_regclass('peers.peers_update')").fetchone()[0]:
        return
    database.execute("DROP SCHEMA IF EXISTS peers CASCADE; CREATE SCHEMA peers")
    database.execute("CREATE TABLE peers.entry (LIKE public.registry_entry)")
    database.execute("GRANT USAGE ON SCHEMA peers TO register_app")
    database.execute("GRANT INSERT ON peers.entry TO register_app")
    servers.run_django("tests.bench.peers.settings", "migrate", "--run-syncdb", "--verbosity", "0")
    with database.transaction():
        database.execute("SET LOCAL search_path = peers")
        database.execute(Path(datasette_app.__file__).with_name("load.sql").read_text())
    database.execute("VACUUM ANALYZE")
    datasette_app.make_file(database, home / "peers.db")


def make_contestants(home: Path) -> dict[str, Server]:
    """Return the servers to measure, by contestant: the plain peers share one."""
    logs = home / "logs"

    def wsgi(name: str, application: str) -> Server:
        port = servers.free_port()
        return Server(name, servers.wsgi_command(application, port), port, logs)

    peers = wsgi("peers", "tests.bench.peers.wsgi:application")
    contestants = {
        "register": wsgi("register", "registry.wsgi:application"),
        "plain": peers,
        "full text": peers,
        "ninja": peers,
        "minimal": wsgi("minimal", "tests.bench.limits:application"),
    }
    port = servers.free_port()
    command = servers.asgi_factory_command("tests.bench.peers.datasette_app:make_application", port)
    contestants["datasette"] = Server("datasette", command, port, logs)
    port = servers.free_port()
    answers = home / "answers"
    answers.mkdir(exist_ok=True)
    if command_of_nginx := limits.nginx_command(home / "nginx", answers, port):
        contestants["nginx"] = Server("nginx", command_of_nginx, port, logs)
    return contestants


def mail_server(home: Path) -> Server:
    """Return a mail server that takes every email and keeps none, and let the jobs send to it."""
    port = servers.free_port()
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{port}"
    address = ["-n", "-l", f"127.0.0.1:{port}", "-c", "aiosmtpd.handlers.Sink"]
    return Server("mail", [sys.executable, "-m", "aiosmtpd", *address], port, home / "logs")


def measure_web(bench: Bench, keys: works.Keys, database: Any, home: Path) -> None:
    """Measure what readers ask for."""
    etags = keep_answers(bench.contestants["register"], keys, home / "answers")
    for work in [*works.misses(keys), *works.hits(keys, etags)]:
        said(work.name, bench.run_work, work)
        print_medians(bench.figures[work.name])
    measure_limits(bench, keys, database)
    pages = {pattern: keys.fill(pattern) for pattern in works.OTHER_PAGES}
    said("other pages", bench.run_pages, pages, "register")
    for work in works.crowds(keys):
        said(work.name, bench.run_work, work, AT_ONCE)


def keep_answers(register: Server, keys: works.Keys, folder: Path) -> dict[str, str]:
    """Write the answers that hits give into files, for the limits; return their ETags."""
    connection = Connection(register.port, works.GZIP)
    etags = {}
    for address in works.hit_addresses(keys).values():
        connection.ask(address)
        answer = connection.ask(address, keep_body=True)
        (folder / limits.file_name(address)).write_bytes(answer.body)
        etags[address] = answer.header("etag")
    return etags


def measure_limits(bench: Bench, keys: works.Keys, database: Any) -> None:
    """Measure what psycopg alone takes to fetch the rows, or the texts, of an answer."""
    commitments = iter(keys.commitments * 9)
    row = "SELECT * FROM registry_record WHERE key = %s"
    text = "SELECT item::text FROM registry_record WHERE key = %s"
    page = (
        "SELECT string_agg(text, ',') FROM (SELECT item::text AS text FROM registry_record "
        "WHERE kind = 'commitment' ORDER BY first_entry LIMIT 100) page"
    )

    def fetch(query: str) -> Callable[[], Any]:
        return lambda: database.execute(query, [next(commitments)], prepare=True).fetchall()

    bench.run_function(goals.ONE, "psycopg", fetch(row), times=1000)
    bench.run_function(goals.RECORD, "psycopg", fetch(text), times=1000)
    whole_page = lambda: database.execute(page, prepare=True).fetchall()  # noqa: E731
    bench.run_function(goals.API_LIST, "psycopg", whole_page, times=200)


def measure_files(bench: Bench, database: Any) -> dict[str, dict[str, float]]:
    """Measure whole lists once: seconds, first byte, CPU and the memory that the server gained."""
    addresses = {
        "register": "/commitments.csv",
        "plain": "/plain/commitments.csv",
        "datasette": "/peers/commitments.csv?_size=max",
    }
    files = {}
    for name, address in addresses.items():
        server = bench.contestants[name]
        before, memory = bench.used_by(server), server.memory
        answer = Connection(server.port).ask(address)
        used = bench.used_by(server) - before
        if answer.is_error:
            continue
        files[name] = {
            "bytes": answer.length,
            "seconds": answer.seconds,
            "first_byte": answer.first_byte,
            "cpu": used.total,
            "memory": server.memory - memory,
        }
    start = time.perf_counter()
    with database.cursor().copy(COPY) as copy:
        for _ in copy:
            pass
    files["COPY"] = {"seconds": time.perf_counter() - start}
    return files


def said(what: str, measure: Callable[..., None], *arguments: Any) -> None:
    """Say what is measured, while it is."""
    print(f"Measuring {what} …", flush=True)
    measure(*arguments)


def print_medians(figures: dict[str, Figure]) -> None:
    medians = (f"{name} {figure.median:.3g}" for name, figure in figures.items() if figure.cpu)
    print(f"    CPU in ms: {', '.join(medians)}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
