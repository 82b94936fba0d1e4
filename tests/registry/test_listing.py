"""Lists read narrow rows and counts, which follow the records and the day by themselves."""

from datetime import timedelta

import pytest

from registry import clock
from registry.log import day_changes, publishing
from registry.models import ListedCommitment, TagCount
from tests.registry import items
from tests.registry.listed import listed_rows, publish_copies
from tests.registry.public_pages import day, publish, read
from tests.rows_read import count_rows_read

pytestmark = pytest.mark.django_db
COPIES = 4000
# The most rows that each address may read of 4,000 commitments by 400 signatories.
ROWS_READ = {
    "/commitments": 1000,
    "/commitments?sort=due": 1000,
    "/commitments?sort=heard&theme=T-00001": 1000,
    "/commitments?sort=heard&before=0001-01-01.4000": 1000,
    "/commitments?area=E08000025": 1000,
    "/commitments?signatory=S-10001": 1000,
    "/commitments?reporting=up_to_date": 1000,
    "/commitments?weakened=true": 1000,
    "/commitments?q=glassblowers": 1000,
    "/commitments?q=C-10007": 1000,
    # Up to 2,000 matches are counted.
    "/commitments?q=apprenticeships": 9000,
    "/commitments?theme=T-00001&size=small": 5000,
    "/commitments?signatory_name=Firm+17": 1000,
    "/themes": 1000,
    "/themes/T-00001": 1000,
    "/measures": 1000,
    "/measures/M-00001": 1000,
    "/places": 1000,
    "/places/E08000025": 1000,
    "/statistics": 1000,
    "/statistics/measures": 1000,
    "/statistics.csv": 1000,
    "/api/v1/commitments": 1000,
    "/api/v1/commitments?theme=T-00001": 1000,
    "/api/v1/commitments?reporting=silent": 1000,
}


def test_lists_read_no_more_of_a_larger_register(reader):
    publish_copies(COPIES)
    with clock.fixed_at(day("2026-01-06")):
        for address, limit in ROWS_READ.items():
            with count_rows_read() as reads:
                assert reader.get(address).status_code in (200, 302), address
            assert reads.rows <= limit, f"{address}: {reads}"
        with count_rows_read() as reads:
            last = reader.get("/commitments?before=30.30").content.decode()
        assert reads.rows <= 1000, reads
    assert ">Apprenticeships 1<" in last
    # A large result is counted among its newest.
    text = read(reader, "/commitments?q=apprenticeships", "2026-01-06")
    assert "At least 2,000 commitments." in text
    assert "counted among the newest 2,000" in text
    assert "4,001 commitments." in read(reader, "/commitments", "2026-01-06")


def test_lists_say_the_same_before_and_after_the_night_is_followed(commitment, reader):
    publish("2026-01-06", items.commitment("C-00002"), items.period(requested_on=["2026-04-02"]))
    for number in (0, 95, 190, 600):
        on = f"{clock.local_date(day('2026-01-06')) + timedelta(days=number)}"
        before = _lists(reader, on)
        with clock.fixed_at(day(on)):
            day_changes.follow_today()
        assert ListedCommitment.objects.are_of(clock.local_date(day(on)))
        assert _lists(reader, on) == before


def _lists(reader, on: str) -> list[object]:
    with clock.fixed_at(day(on)):
        states = ["up_to_date", "due", "overdue", "silent"]
        found = [
            [row["key"] for row in reader.get(f"/api/v1/commitments?{name}").json()["data"]]
            for name in [f"reporting={state}" for state in states] + ["ending=final_update_due"]
        ]
    return [read(reader, "/commitments", on), found]


def test_day_is_followed_once(commitment):
    with clock.fixed_at(day("2026-09-01")):
        assert day_changes.follow_today() == 1
        assert day_changes.follow_today() == 0


def test_removed_words_leave_the_lists(commitment):
    contract = {"reference": "B/1", "department": "Zebra team"}
    publish("2026-01-06", items.commitment("C-00002", contracts=[contract], title="Zebras"))
    assert TagCount.objects.filter(tag="department:Zebra team").exists()
    publishing.redact([7], reason_code="personal_data")
    assert "ebra" not in str(listed_rows())
