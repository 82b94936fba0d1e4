"""A spring, and five years of a register with 200 signatories, hour by hour, against the oracle."""

from datetime import date, timedelta

import pytest

from tests.reporting.simulation import script, verdict
from tests.reporting.test_simulation import check_months

# Real transactions, as in production.
pytestmark = pytest.mark.django_db(transaction=True)


def test_reminders_of_a_spring_match_the_oracle_on_every_step(monkeypatch):
    """A leap day, Easter, and summer time begins."""
    check_months(4, first=date(2024, 1, 20), days=75, signatories=24)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_year_of_outages_announces_every_sentence_before_it_is_public(seed):
    simulated = script.write(
        seed,
        signatories=20,
        start=date(2024, 1, 20),
        days=400,
        outages=40,
        ladders=6,
        every=timedelta(hours=6),
    )
    counts = verdict.check(verdict.play(simulated))
    assert counts["accusations"] > 2


def test_five_years_of_reminders_match_the_oracle(monkeypatch, capsys):
    # The last day for which the package of bank holidays has data.
    first, last = date(2023, 12, 27), date(2028, 12, 26)
    days = (last - first).days
    simulated = script.write(2028, signatories=200, start=first, days=days, outages=40, ladders=10)
    counts = verdict.check(verdict.play(simulated))
    assert counts["commitments"] > 200
    assert counts["accusations"] > 100
    with capsys.disabled():
        print("\nFive years, hour by hour:", counts)
