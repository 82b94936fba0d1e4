"""What a part of a goal is, and the checks that goals are made of."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.bench.jobs import Job
from tests.bench.rounds import Figure, Figures


@dataclass(frozen=True)
class Part:
    """One part of a goal: what was found, and whether it is enough; None if not measured."""

    text: str
    is_met: bool | None


@dataclass(frozen=True)
class Results:
    """All that one run has found."""

    size: str
    signatories: int
    commitments: int
    figures: Figures
    jobs: dict[str, Job]
    files: dict[str, dict[str, float]]  # Of whole lists, by contestant.
    loading: dict[str, list[float]]  # Seconds and MB of each step.
    web_memory: float  # MB
    other_figures: Figures  # Of size s, in a run of size m; empty otherwise.

    def find(self, work: str, name: str) -> Figure | None:
        figure = self.figures.get(work, {}).get(name)
        return figure if figure and figure.cpu else None


Check = Callable[[Results], Part]


def cheaper(work: str, peer: str, times: float, *, peer_work: str = "") -> Check:
    """Check that an answer costs so many times less CPU than a peer's."""

    def check(results: Results) -> Part:
        ours, theirs = results.find(work, "register"), results.find(peer_work or work, peer)
        if not (ours and theirs):
            return Part(f"{peer}: not measured", None)
        ratio = max(theirs.median, 1e-6) / max(ours.median, 1e-6)
        found = f"{ratio:.3g} × cheaper" if ratio >= 1 else f"{1 / ratio:.3g} × dearer"
        text = f"{work}: {found} than {peer} (goal {times:g} × cheaper)"
        return Part(text, ratio >= times)

    return check


def at_most(work: str, limit: str, times: float, *, limit_work: str = "") -> Check:
    """Check that an answer costs at most so many times the CPU of a limit."""

    def check(results: Results) -> Part:
        ours, theirs = results.find(work, "register"), results.find(limit_work or work, limit)
        if not (ours and theirs):
            return Part(f"{limit}: not measured", None)
        ratio = ours.median / max(theirs.median, 1e-6)
        name = f"{limit} for {limit_work}" if limit_work else limit
        return Part(f"{work}: {ratio:.3g} × {name} (goal at most {times:g})", ratio <= times)

    return check


def near_its_sql(work: str, times: float) -> Check:
    """Check that an answer costs at most so many times what PostgreSQL takes of it."""

    def check(results: Results) -> Part:
        ours = results.find(work, "register")
        if not ours:
            return Part(f"{work}: not measured", None)
        shares = sorted(c / max(d, 0.01) for c, d in zip(ours.cpu, ours.database, strict=True))
        ratio = shares[len(shares) // 2]
        return Part(f"{work}: {ratio:.3g} × its own SQL (goal at most {times:g})", ratio <= times)

    return check


def not_measured(reason: str) -> Check:
    return lambda results: Part(f"not measured: {reason}", None)


def bounded(text: str, value: float | None, limit: float, unit: str) -> Part:
    if value is None:
        return Part(f"{text}: not measured", None)
    return Part(f"{text}: {value:,.4g} {unit} (goal at most {limit:g})", value <= limit)
