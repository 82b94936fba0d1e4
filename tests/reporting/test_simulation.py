"""A winter of a simulated register, tick by tick; tests/proof/ runs a spring and five years."""

from datetime import date, timedelta

import pytest

from tests.reporting.simulation import script, verdict

pytestmark = pytest.mark.django_db


def test_reminders_of_a_winter_match_the_oracle_on_every_step(monkeypatch):
    """Summer time ends, and Christmas and New Year are holidays."""
    counts = check_months(682, first=date(2025, 10, 1), days=95)
    assert counts["accusations"] > 1, "no public page had said anything against a signatory"


def check_months(seed: int, *, first: date, days: int, signatories: int = 6) -> dict[str, int]:
    """Run a register for some days, compare it with the oracle, and return what was compared."""
    simulated = script.write(
        seed,
        signatories=signatories,
        start=first,
        days=days,
        outages=4,
        ladders=2,
        cadences=["monthly", "quarterly"],
        every=timedelta(hours=6),
    )
    counts = verdict.check(verdict.play(simulated))
    assert counts["reminders"] > 10
    return counts
