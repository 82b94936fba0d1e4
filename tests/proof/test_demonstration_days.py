"""The demonstration can be made on every day: its scripted events find the register they need.

Due dates are those of the calendar, so what is overdue some days ago differs from day to day.
"""

from datetime import date, timedelta

import pytest

from registry import clock
from registry.models import Record
from reporting.demonstration import script
from reporting.demonstration.events import EVENTS_BY_FIELD
from reporting.demonstration.seeder import DemonstrationSeeder
from reporting.models import Reply
from tests.registry.public_pages import day as moment

pytestmark = pytest.mark.django_db(transaction=True)

FIRST_DAY, DAYS_BETWEEN, RUNS = date(2026, 12, 1), 17, 22  # A year, on all days of a week.


@pytest.mark.parametrize("number", range(RUNS))
def test_every_scripted_event_takes_place_whenever_the_demonstration_is_made(number):
    today = FIRST_DAY + timedelta(days=number * DAYS_BETWEEN)
    seeds = [
        seed
        for seed in script.signatory_seeds()
        if any(getattr(seed, name) for name in EVENTS_BY_FIELD)
        or any(other.left and other.left[-1] == seed.name for other in script.signatory_seeds())
    ]
    with clock.fixed_at(moment(today.isoformat())):
        DemonstrationSeeder(today, signatory_seeds=seeds).run()
    replies = sum(bool(seed.replied) for seed in seeds)
    assert Reply.objects.exclude(published_at=None).count() == replies
    letters = Record.objects.of_kind("notice").filter(item__type="letter")
    assert letters.count() == sum(bool(seed.letter) for seed in seeds)
