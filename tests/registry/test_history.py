"""The figures of a day stay what the register said on that day."""

from dataclasses import replace
from datetime import date

import pytest

from registry import clock
from registry.log import publishing
from registry.models import DayCount, Entry
from tests.registry import items
from tests.registry.public_pages import day, publish

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def silent_then_heard():
    """Publish a commitment in Ladywood that was silent from 30 June until its update of 20 July."""
    first, *rest = items.small_register()
    publish("2026-01-05", first, *rest[:-1], items.commitment(area_codes=["E05011144"]))
    publish("2026-01-06", items.period())
    publish("2026-04-04", items.period(requested_on=["2026-04-04"]))
    publish("2026-07-20", items.update(), items.period(received_on="2026-07-20"))


def count(counted: str, on: str, tag: str = "") -> int:
    return DayCount.objects.on_day([tag], date.fromisoformat(on)).get((tag, counted), 0)


def test_silent_counts_from_its_day_until_the_update():
    assert [count("late", on) for on in ("2026-04-30", "2026-05-01", "2026-07-20")] == [0, 1, 0]
    assert [count("silent", on) for on in ("2026-06-29", "2026-06-30", "2026-07-20")] == [0, 1, 0]


def test_result_counts_from_the_day_it_was_published():
    publish("2026-08-03", items.update(2, self_assessment="met"))
    assert (count("not_started", "2026-07-19"), count("not_started", "2026-07-20")) == (1, 0)
    assert (count("met", "2026-08-03"), count("ended", "2026-08-03")) == (0, 0)
    publish("2026-09-01", items.commitment("C-00001", "close", change_reason="Met."))
    assert (count("met", "2026-08-31"), count("met", "2026-09-01")) == (0, 1)
    assert count("ended", "2026-09-01") == 1
    assert count("registered", "2026-09-01") == 1


def test_passed_deadline_counts_without_an_entry():
    assert [count("no_result", on) for on in ("2027-06-30", "2027-07-01")] == [0, 1]
    assert count("ended", "2027-07-01") == 1


def test_lower_target_counts_as_weakened_from_its_day():
    lower = {"target": {"value": "15", "by": "2027-06-30"}, "change_reason": "A site closed."}
    publish("2026-08-03", items.commitment("C-00001", "amend", **lower))
    assert (count("weakened", "2026-08-02"), count("weakened", "2026-08-03")) == (0, 1)


def test_commitment_is_counted_where_it_belonged_on_the_day():
    other = replace(items.theme(), key="T-00002")
    publish("2026-08-03", other)
    publish("2026-08-04", items.commitment(action="correct", theme="T-00002", change_reason="Ours"))
    for on, first, second in (("2026-08-03", 1, 0), ("2026-08-04", 0, 1)):
        assert count("registered", on, "theme:T-00001") == first
        assert count("registered", on, "theme:T-00002") == second
        assert count("registered", on, "signatory:S-00001") == 1
        # It names no place any longer.
        assert count("registered", on, "area:E05011144") == first
        assert count("registered", on, "area:E08000025") == first


def test_redaction_changes_no_figure_of_an_earlier_day():
    before = [list(DayCount.objects.by_day("", date(2026, 8, 2)))]
    with clock.fixed_at(day("2026-08-03")):
        publishing.redact(Entry.objects.values_list("number", flat=True), reason_code="error")
    assert [list(DayCount.objects.by_day("", date(2026, 8, 2)))] == before
    # Nothing can be read of it from now on, as in all totals.
    assert (count("registered", "2026-08-02"), count("registered", "2026-08-03")) == (1, 0)
    kept = list(DayCount.objects.order_by("pk").values())
    publishing.rebuild_records()
    assert list(DayCount.objects.exclude(number=0).order_by("pk").values()) == [
        row for row in kept if row["number"]
    ]
