"""Five years of a register with 200 signatories, hour by hour, against the oracle."""

from datetime import date

import pytest

from tests.reporting.simulation import script, verdict

# Every commit is a real one, as in production.
pytestmark = pytest.mark.django_db(transaction=True)


def test_the_oracle_agrees_on_every_step_of_five_years(monkeypatch, capsys):
    # To the last day of which the package of bank holidays knows.
    first, last = date(2023, 12, 27), date(2028, 12, 26)
    days = (last - first).days
    written = script.write(2028, signatories=200, start=first, days=days, outages=40, ladders=10)
    compared = verdict.check(verdict.play(written))
    assert compared["promises"] > 200
    with capsys.disabled():
        print("\nFive years, hour by hour:", compared)
