"""Months of a simulated register, tick by tick; tests/proof/ runs five years, hour by hour."""

from datetime import date, timedelta

import pytest

from tests.reporting.simulation import script, verdict

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("seed", "first", "days"),
    [(3, date(2024, 1, 20), 75), (37, date(2025, 10, 1), 95)],
    ids=["leap day, Easter and summer time", "winter time and Christmas"],
)
def test_reminders_match_the_oracle_on_every_step(monkeypatch, seed, first, days):
    simulated = script.write(
        seed,
        signatories=6,
        start=first,
        days=days,
        outages=4,
        ladders=2,
        cadences=["monthly", "quarterly"],
        every=timedelta(hours=6),
    )
    counts = verdict.check(verdict.play(simulated))
    assert counts["reminders"] > 10
