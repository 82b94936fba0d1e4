"""The goals G1 to G25, each judged by figures of one run.

A goal has parts: a ratio to a peer, a ratio to a limit, or a bound. It is met if all parts are; a
part that was not measured says why.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.bench.checks import (
    Check,
    Part,
    Results,
    at_most,
    bounded,
    cheaper,
    near_its_sql,
    not_measured,
)
from tests.bench.rounds import Figure, Figures

LIST_HIT, LIST = "register list, 1 filter, hit", "register list, 2 filters, no cache"
ONE_HIT, ONE = "commitment, hit", "commitment, no cache"
API_HIT, API_LIST = "API list of 100, hit", "API list of up to 100, no cache"
RARE, COMMON = "search, rare word, no cache", "search, word in a quarter, no cache"
DEEP, FIRST = "API list, at 90 per cent, no cache", "API list, first page, no cache"
RECORD = "API record with updates, no cache"
TAIL_MISS, TAIL_HIT = "register list at 64 connections", "commitment, hit, at 64 connections"
FILES = "all commitments as CSV"
LIMITS_OF_JOBS = ("hash_entries", "insert_singly", "send_plainly", "send_ready_bytes")
PAGE_LIMIT, TICK_LIMIT, MEMORY_LIMIT = 30, 5, 200  # ms of CPU, ms of SQL, MB


def whole_files(results: Results) -> Iterator[Part]:
    """Judge the CSV of all commitments beside the peers' and beside COPY."""
    ours = results.files.get("register")
    if not ours:
        return
    for peer in ("plain", "datasette"):
        if theirs := results.files.get(peer):
            ratio = theirs["seconds"] / ours["seconds"]
            yield Part(f"CSV {ratio:.3g} × faster than {peer} (goal 10)", ratio >= 10)
    ratio = results.files["COPY"]["seconds"] / ours["seconds"]
    yield Part(f"{ratio:.2g} of COPY (goal 0.9)", ratio >= 0.9)
    yield bounded("first byte", ours["first_byte"] * 1000, 20, "ms")
    yield bounded("memory added", ours["memory"], 16, "MB")


def counting(results: Results) -> Iterator[Part]:
    """Judge all SQL of the list: from outside its counts are not seen alone."""
    for work in ("/commitments, no cache", "/commitments?theme={theme}, no cache"):
        if figure := results.find(work, "register"):
            took = sorted(figure.database)[len(figure.database) // 2]
            yield bounded(f"{work}: all its SQL", took, 1, "ms CPU")


def appending(results: Results) -> Iterator[Part]:
    one, many, bare = (
        results.jobs[name].result
        for name in ("publish_singly", "publish_together", "insert_singly")
    )
    yield Part(f"one at a time {bare / one:.2g} of a bare INSERT (goal 0.8)", bare / one >= 0.8)
    yield Part(f"in thousands {many:.3g} ms an entry; COPY and four round trips not measured", None)


def verifying(results: Results) -> Iterator[Part]:
    job = results.jobs["verify_register"]
    ratio = job.result / job.cpu / results.jobs["hash_entries"].result
    yield Part(f"{ratio:.2g} of one hash an entry (goal 0.5), {job.seconds:.0f} s", ratio >= 0.5)


def sweeping(results: Results) -> Iterator[Part]:
    took = results.jobs["sweep_reminders"].result
    each = took["first cpu"] / max(took["first"], 1)
    yield Part(f"{took['first']} emails queued at {each:.3g} ms CPU; bare SQL not measured", None)
    yield Part(f"a second run adds {took['second']} (goal 0)", took["second"] == 0)


def sending(results: Results) -> Iterator[Part]:
    """Judge the CPU of the sender alone: the server that receives is the same."""
    ours = results.jobs["drain_outbox"].result
    if not ours["emails"]:
        yield Part("no email was waiting", None)
        return
    plain, raw = (results.jobs[name].result for name in ("send_plainly", "send_ready_bytes"))
    ratio = plain / ours["cpu"]
    yield Part(f"{ours['emails']} emails, {ratio:.3g} × send_mail (goal 6)", ratio >= 6)
    yield Part(f"{raw / ours['cpu']:.2g} of ready bytes (goal 0.7)", raw / ours["cpu"] >= 0.7)


def tails(results: Results) -> Iterator[Part]:
    """Judge the waiting at 64 connections."""
    ours, plain = results.find(TAIL_MISS, "register"), results.find(TAIL_MISS, "plain")
    hit, minimal = results.find(TAIL_HIT, "register"), results.find(TAIL_HIT, "minimal")
    if ours and plain:
        ratio = plain.tail / ours.tail
        yield Part(f"p99 without cache: 1/{ratio:.3g} of plain's (goal 1/6)", ratio >= 6)
        ratio = ours.tail / ours.p50[len(ours.p50) // 2]
        yield Part(f"{ratio:.3g} × its own p50 (goal at most 2.5)", ratio <= 2.5)
    if hit and minimal:
        ratio = hit.tail / minimal.tail
        yield Part(f"hits: {ratio:.3g} × minimal's p99 (goal at most 2)", ratio <= 2)


def million_views(results: Results) -> Iterator[Part]:
    """Judge 60 % lists, 30 % commitments and 10 % API lists; most of them hits."""

    def seconds(name: str) -> float | None:
        mix = [(LIST, 0.6), (ONE, 0.3), (API_LIST, 0.1)]
        hit_mix = [(LIST_HIT, 0.95), (ONE_HIT, 0.2), (API_HIT, 0.95)]
        total = 0.0
        for (work, share), (hit_work, hit_share) in zip(mix, hit_mix, strict=True):
            miss, hit = results.find(work, name), results.find(hit_work, name)
            if miss is None:
                return None
            hit_share = hit_share if hit else 0
            total += share * (
                hit_share * (hit.median if hit else 0) + (1 - hit_share) * miss.median
            )
        return total * 1000

    ours = seconds("register")
    yield bounded("a million views", ours, 300, "CPU s")
    for peer, times in (("plain", 80), ("datasette", 75)):
        theirs = seconds(peer)
        if ours and theirs:
            yield Part(
                f"{theirs / ours:.3g} × less than {peer} (goal {times})", theirs / ours >= times
            )


def other_pages(results: Results) -> Iterator[Part]:
    """Judge each page without cache, the dearest first."""
    pages = {
        work.removesuffix(", no cache"): figures["register"]
        for work, figures in results.figures.items()
        if work.startswith("/")
    }
    for address, figure in sorted(pages.items(), key=lambda page: -page[1].median):
        part = bounded(address, figure.median, PAGE_LIMIT, "ms CPU")
        refused = f", {figure.errors} of {figure.answers} refused" if figure.errors else ""
        yield Part(part.text + refused, part.is_met and not figure.errors)


def idle_ticks(results: Results) -> Iterator[Part]:
    ticks = results.jobs["idle_ticks"].result
    for name, milliseconds in sorted(ticks.items(), key=lambda tick: -tick[1])[:6]:
        yield bounded(name, milliseconds, TICK_LIMIT, "ms SQL")


def memory_of_jobs(results: Results) -> Iterator[Part]:
    for name, job in results.jobs.items():
        if name not in LIMITS_OF_JOBS:
            yield bounded(name, job.memory, MEMORY_LIMIT, "MB")
    if step := results.loading.get("records"):
        yield bounded("rebuild_records", step[1], MEMORY_LIMIT, "MB")


def growth(results: Results) -> Iterator[Part]:
    """Judge how much dearer each work is than at size s, for ten times the data."""
    for work, figures in results.other_figures.items():
        small, large = figures.get("register"), results.find(work, "register")
        if small and small.cpu and large:
            ratio = large.median / max(small.median, 0.01)
            limit = 3.0 if work in (COMMON,) else 1.5
            yield Part(f"{work}: {ratio:.2g} × (goal at most {limit:g})", ratio <= limit)


Goal = tuple[str, str, list[Check] | Callable[[Results], Iterator[Part]]]
HITS = [(LIST_HIT, LIST, 500), (API_HIT, API_LIST, 500), (ONE_HIT, ONE, 100)]
GOALS: list[Goal] = [
    (
        "G1",
        "public page or API answer, hit",
        [
            *(cheaper(hit, "plain", times, peer_work=miss) for hit, miss, times in HITS),
            *(cheaper(hit, "datasette", times, peer_work=miss) for hit, miss, times in HITS),
            *(at_most(hit, "minimal", 1.2) for hit, _, _ in HITS),
            *(at_most(hit, "nginx", 2) for hit, _, _ in HITS),
        ],
    ),
    (
        "G2",
        "304",
        [
            *(
                cheaper(f"{n}, 304", "plain", 500, peer_work=API_LIST)
                for n in ("commitment", "API list of 100")
            ),
            *(at_most(f"{n}, 304", "nginx", 2) for n in ("commitment", "API list of 100")),
        ],
    ),
    (
        "G3",
        "register list with filters, no cache",
        [cheaper(LIST, "plain", 15), cheaper(LIST, "datasette", 15), near_its_sql(LIST, 2.5)],
    ),
    (
        "G4",
        "search, rare word, no cache",
        [
            cheaper(RARE, "plain", 400),
            cheaper(RARE, "full text", 1),
            cheaper(RARE, "datasette", 15),
            near_its_sql(RARE, 4),
        ],
    ),
    (
        "G5",
        "search, word in a quarter, no cache",
        [
            cheaper(COMMON, "plain", 200),
            cheaper(COMMON, "full text", 1),
            cheaper(COMMON, "datasette", 6),
            near_its_sql(COMMON, 2),
        ],
    ),
    (
        "G6",
        "commitment with updates, no cache",
        [cheaper(ONE, "plain", 8), cheaper(ONE, "datasette", 12), at_most(ONE, "psycopg", 4)],
    ),
    (
        "G7",
        "API list of 100, no cache",
        [
            cheaper(API_LIST, "plain", 25),
            cheaper(API_LIST, "ninja", 12),
            cheaper(API_LIST, "datasette", 6),
            at_most(API_LIST, "psycopg", 0.6),
        ],
    ),
    (
        "G8",
        "API list at 90 per cent",
        [cheaper(DEEP, "plain", 250), at_most(DEEP, "register", 1.2, limit_work=FIRST)],
    ),
    (
        "G9",
        "API record with updates, no cache",
        [
            cheaper(RECORD, "plain", 20),
            cheaper(RECORD, "ninja", 9),
            cheaper(RECORD, "datasette", 4),
            at_most(RECORD, "psycopg", 0.5),
        ],
    ),
    ("G10", "live CSV of all", whole_files),
    ("G11", "ready file", [not_measured("the register has no ready files yet")]),
    (
        "G12",
        "import of 100,000 rows",
        [not_measured("the import takes one spreadsheet of a council, of far fewer rows")],
    ),
    ("G13", "reminder sweep", sweeping),
    ("G14", "outbox", sending),
    ("G15", "counts of filters", counting),
    ("G16", "append to the log", appending),
    ("G17", "verification", verifying),
    ("G18", "p99 at 64 connections", tails),
    (
        "G19",
        "readers beside bulk downloads",
        [not_measured("needs a machine with nothing else to do")],
    ),
    (
        "G20",
        "memory of the web tree",
        lambda results: iter([bounded("two workers", results.web_memory, 214, "MB")]),
    ),
    ("G21", "growth from s to m", growth),
    ("G22", "a million page views", million_views),
    ("G23", "all other pages, no cache", other_pages),
    ("G24", "idle ticks", idle_ticks),
    ("G25", "memory of jobs", memory_of_jobs),
]


@dataclass(frozen=True)
class Verdict:
    """One goal with its parts."""

    number: str
    title: str
    parts: list[Part]

    @property
    def state(self) -> str:
        known = [part.is_met for part in self.parts if part.is_met is not None]
        if not known:
            return "not measured"
        if not all(known):
            return "missed"
        return "met" if len(known) == len(self.parts) else "met as far as measured"


def judge(results: Results) -> list[Verdict]:
    """Return the verdict on every goal, in their order."""
    return [
        Verdict(
            number, title, list(parts(results) if callable(parts) else (c(results) for c in parts))
        )
        for number, title, parts in GOALS
    ]


def as_figures(stored: dict[str, Any]) -> Figures:
    """Return the figures of an earlier run from their JSON."""
    return {work: {n: Figure(**f) for n, f in named.items()} for work, named in stored.items()}
