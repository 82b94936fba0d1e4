"""The table of goals on the screen, and docs/performance.md."""

import os
import platform
import subprocess
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

import psutil

from tests.bench.goals import Results, Verdict
from tests.bench.rounds import ROUNDS, Figure
from tests.bench.servers import ROOT

DOCUMENT = ROOT / "docs" / "performance.md"
INTRODUCTION = """# Performance

Written by `make bench SIZE={size}` (tests/bench): commit {commit}, {day}, {cores} cores, \
{memory:.0f} GB, Python {python}, {minutes:.0f} minutes. The register has {signatories:,} \
signatories and {commitments:,} commitments with six updates each.

Absolute times mean little on a shared machine. What counts is the CPU of an answer, of the whole \
server with PostgreSQL, beside the peers’ and the limits’ in the same run: they take turns in \
{rounds} rounds, and each figure is the median [least … most]. “No cache” is an address that \
nobody has asked for since the last entry.

The peers have the same rows: Django pages and Django REST framework as most teams write them \
(plain), the same with PostgreSQL’s full-text search, django-ninja, and Datasette. The limits are \
a WSGI application with ready bytes on the same server (minimal), nginx with the same bytes, and \
psycopg that fetches the rows alone. PostgreSQL is the same for all, with 1 GB of buffers and \
without parallel workers.
"""


def print_table(verdicts: Sequence[Verdict]) -> None:
    """Print each goal with its state and its parts."""
    for verdict in verdicts:
        print(f"\n{verdict.number} {verdict.title}: {verdict.state}")
        for part in verdict.parts:
            print(f"    {_sign(part.is_met)} {part.text}")


def write_document(results: Results, verdicts: Sequence[Verdict], *, seconds: float) -> None:
    """Write docs/performance.md."""
    introduction = INTRODUCTION.format(
        size=results.size,
        commit=_commit(),
        day=f"{datetime.now(UTC):%-d %B %Y}",
        cores=os.cpu_count(),
        memory=psutil.virtual_memory().total / 2**30,
        python=platform.python_version(),
        minutes=seconds / 60,
        signatories=results.signatories,
        commitments=results.commitments,
        rounds=ROUNDS,
    )
    lines = [introduction, "## Goals", "", "| Goal | State | Measured |", "| --- | --- | --- |"]
    lines += _goal_rows(verdicts)
    lines += ["", "## CPU of an answer", "", *_figure_rows(results)]
    lines += ["", "## Jobs", "", *_job_rows(results)]
    DOCUMENT.write_text("\n".join(lines) + "\n")
    print(f"\nWritten: {DOCUMENT.relative_to(ROOT)}")


def _goal_rows(verdicts: Sequence[Verdict]) -> Iterator[str]:
    for verdict in verdicts:
        parts = "<br>".join(f"{_sign(part.is_met)} {part.text}" for part in verdict.parts)
        yield f"| {verdict.number} {verdict.title} | {verdict.state} | {parts} |"


def _figure_rows(results: Results) -> Iterator[str]:
    yield "| Work | Contestant | CPU, ms | of it PostgreSQL | bytes | answers |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for work, figures in results.figures.items():
        for name, figure in figures.items():
            if figure.cpu:
                yield f"| {work} | {name} | {_spread(figure)} |"


def _spread(figure: Figure) -> str:
    database = sorted(figure.database)[len(figure.database) // 2]
    cpu = f"{figure.median:.3g} [{min(figure.cpu):.3g} … {max(figure.cpu):.3g}]"
    errors = f", {figure.errors:,} of them errors" if figure.errors else ""
    return f"{cpu} | {database:.3g} | {figure.length:,} | {figure.answers:,}{errors}"


def _job_rows(results: Results) -> Iterator[str]:
    yield "| Job | seconds | CPU, s | PostgreSQL, s | most memory, MB |"
    yield "| --- | --- | --- | --- | --- |"
    for name, job in results.jobs.items():
        took = f"{job.seconds:.1f} | {job.cpu:.1f} | {job.database:.1f}"
        yield f"| {name} | {took} | {job.memory:.0f} |"
    for step, (seconds, memory) in results.loading.items():
        yield f"| loading: {step} | {seconds:.1f} | | | {memory:.0f} |"
    for name, file in results.files.items():
        memory = f"+{file['memory']:.0f}" if "memory" in file else ""
        cpu = f"{file['cpu']:.2f}" if "cpu" in file else ""
        yield f"| CSV of all, {name} | {file['seconds']:.2f} | {cpu} | | {memory} |"


def _sign(is_met: bool | None) -> str:
    return {True: "✓", False: "✗", None: "–"}[is_met]


def _commit() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    return found.stdout.strip() or "unknown"
