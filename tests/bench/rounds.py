"""Rounds: every contestant of a work in turn, several times; CPU of server and PostgreSQL first."""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.bench import servers
from tests.bench.client import Answer, Connection, ask_all
from tests.bench.servers import Server, Used
from tests.bench.works import Work

ROUNDS = 3
MOST_HITS, MOST_MISSES = 20_000, 40  # of one contestant in one round
SECONDS = 1.5  # of one contestant in one round
CONNECTIONS = 4


@dataclass
class Figure:
    """What one contestant took for one work, a value for each round.

    CPU is in milliseconds an answer, `database` the part of it that PostgreSQL took.
    """

    cpu: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    answers: int = 0
    errors: int = 0  # Of these answers: pages of errors, such as 503.
    length: int = 0

    def count(self, answers: Sequence[Answer], used: Used, *, parts: int = 1) -> None:
        """Add one round; `parts` says how many answers are one."""
        count = len(answers) / parts
        waits = sorted(answer.seconds * 1000 for answer in answers)
        self.cpu.append(used.total * 1000 / count)
        self.database.append(used.database * 1000 / count)
        self.p50.append(waits[len(waits) // 2])
        self.p99.append(waits[min(len(waits) - 1, len(waits) * 99 // 100)])
        self.answers += int(count)
        self.errors += sum(answer.is_error for answer in answers)
        self.length = max(answer.length for answer in answers)

    @property
    def median(self) -> float:
        return statistics.median(self.cpu)

    @property
    def tail(self) -> float:
        """Return the 99th percentile of the waiting times, in milliseconds."""
        return statistics.median(self.p99)


Figures = dict[str, dict[str, Figure]]  # by work and contestant


class Bench:
    """The servers under measurement, and all figures so far."""

    def __init__(
        self, contestants: dict[str, Server], postgres: int, publish: Callable[[], Any]
    ) -> None:
        self.contestants = contestants
        self.postgres = postgres  # The process id.
        self.publish = publish  # Publishes an entry, so that nothing is kept any more.
        self.figures: Figures = {}

    def used_by(self, server: Server) -> Used:
        process = server.child.process
        own = servers.cpu_seconds(process.pid) if process else 0.0
        return Used(own, servers.cpu_seconds(self.postgres))

    def run_work(self, work: Work, connections: int = CONNECTIONS) -> None:
        """Measure a work; what a contestant does before the first round is not counted.

        Without cache, each round begins with a publication.
        """
        figures = self.figures[work.name] = {
            name: Figure() for name in work.addresses if name in self.contestants
        }
        opened = {
            name: [
                Connection(self.contestants[name].port, work.headers) for _ in range(connections)
            ]
            for name in figures
        }
        for number in range(ROUNDS + 1):
            if not work.is_hit:
                self.publish()
            for name, figure in figures.items():
                sample = figure if number else Figure()
                self._run_round(work, name, sample, opened[name])

    def _open(self, name: str, headers: Sequence[str], connections: int) -> list[Connection]:
        return [Connection(self.contestants[name].port, headers) for _ in range(connections)]

    def _run_round(
        self, work: Work, name: str, figure: Figure, connections: list[Connection]
    ) -> None:
        parts = work.parts.get(name, 1)
        most = MOST_HITS if work.is_hit else max(MOST_MISSES * parts, len(connections))
        server = self.contestants[name]
        before = self.used_by(server)
        answers = ask_all(connections, work.addresses[name], most=most, seconds=SECONDS)
        used = self.used_by(server) - before
        if answers:
            figure.count(answers, used, parts=parts)

    def run_function(self, work: str, name: str, function: Callable[[], Any], times: int) -> None:
        """Measure a function of this process beside a work, as one more contestant."""
        figure = self.figures.setdefault(work, {}).setdefault(name, Figure())
        for number in range(ROUNDS + 1):
            before = own_cpu(self.postgres)
            for _ in range(times):
                function()
            used = own_cpu(self.postgres) - before
            if number:
                figure.cpu.append(used.total * 1000 / times)
                figure.database.append(used.database * 1000 / times)
                figure.answers += times

    def run_pages(self, addresses: dict[str, str], name: str) -> None:
        """Measure pages by asking for each once after a publication, which makes all again.

        `addresses` are by their patterns, which are the same in every register.
        """
        server = self.contestants[name]
        connection = Connection(server.port)
        for pattern, address in addresses.items():
            figure = self.figures.setdefault(f"{pattern}, no cache", {}).setdefault(name, Figure())
            for number in range(ROUNDS + 1):
                self.publish()
                before = self.used_by(server)
                answer = connection.ask(address)
                used = self.used_by(server) - before
                if number:
                    figure.count([answer], used)

    def as_json(self) -> dict[str, Any]:
        return {
            work: {name: asdict(figure) for name, figure in figures.items()}
            for work, figures in self.figures.items()
        }


def own_cpu(postgres: int) -> Used:
    """Return the CPU that this process and PostgreSQL have used."""
    import psutil

    times = psutil.Process().cpu_times()
    return Used(times.user + times.system, servers.cpu_seconds(postgres))
