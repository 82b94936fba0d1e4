"""Five years of a register with 200 signatories, hour by hour, against the oracle."""

from datetime import date

import pytest

from tests.reporting.simulation import script, verdict

# Real transactions, as in production.
pytestmark = pytest.mark.django_db(transaction=True)


def test_five_years_of_reminders_match_the_oracle(monkeypatch, capsys):
    # The last day for which the package of bank holidays has data.
    first, last = date(2023, 12, 27), date(2028, 12, 26)
    days = (last - first).days
    simulated = script.write(2028, signatories=200, start=first, days=days, outages=40, ladders=10)
    counts = verdict.check(verdict.play(simulated))
    assert counts["commitments"] > 200
    with capsys.disabled():
        print("\nFive years, hour by hour:", counts)
