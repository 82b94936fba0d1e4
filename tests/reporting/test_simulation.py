"""Months of a register, tick by tick; tests/proof/ lives through five years, hour by hour."""

from datetime import date, timedelta

import pytest

from tests.reporting.simulation import script, verdict

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("seed", "first", "days"),
    [(3, date(2024, 1, 20), 75), (37, date(2025, 10, 1), 95)],
    ids=["leap day, Easter and summer time", "winter time and Christmas"],
)
def test_the_oracle_agrees_on_every_step(monkeypatch, seed, first, days):
    written = script.write(
        seed,
        signatories=6,
        start=first,
        days=days,
        outages=4,
        ladders=2,
        cadences=["monthly", "quarterly"],
        every=timedelta(hours=6),
    )
    compared = verdict.check(verdict.play(written))
    assert compared["asked"] > 10
