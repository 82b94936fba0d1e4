"""Every public address reads a bounded number of rows, however large the register is.

`tests/data/public_addresses.txt` has the addresses, some with a word that says more:

- `matches`: up to 2,000 matches of a search or of filters, or successes, are counted;
- `folded`: each record of the past is folded from all entries about it;
- `whole`: a list from its beginning to its end, which reads as many rows as it shows.
"""

from pathlib import Path

import pytest
from django.urls import resolve

from registry import clock
from registry.api import urls as api
from registry.website import urls as website
from tests.databases import superuser
from tests.registry.grown_register import TODAY, grow_register
from tests.registry.public_pages import day
from tests.rows_read import count_rows_read

pytestmark = pytest.mark.django_db
COPIES = 1300  # of three commitments with 20 entries
MOST_ROWS, ROWS_OF_FOLDED, ROWS_OF_MATCHES = 1200, 3000, 9000
BUFFERS_OF_ROW = 4
ADDRESSES = {
    address: words
    for line in Path("tests/data/public_addresses.txt").read_text().splitlines()
    for address, *words in [line.split()]
}


@pytest.fixture(autouse=True, scope="module")
def emptied_tables(django_db_setup, django_db_blocker):
    """Remove the dead rows of a large register, which mislead the planner of later tests."""
    yield
    with django_db_blocker.unblock(), superuser() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def test_every_public_address_is_held_to_its_rows():
    asked = {resolve(address.partition("?")[0]).route for address in ADDRESSES}
    for urls, prefix in ((website, ""), (api, "api/v1/")):
        for pattern in urls.urlpatterns:
            route = str(pattern.pattern)
            route = prefix + (route.removeprefix("^") if prefix else route)
            # What no address of the API matches has no name.
            assert not pattern.name or route in asked, pattern


def test_no_public_address_reads_more_of_a_larger_register(reader):
    grow_register(COPIES)
    growing = []
    with clock.fixed_at(day(TODAY)):
        for address, words in ADDRESSES.items():
            with count_rows_read() as reads:
                answer = reader.get(address)
                body = b"".join(answer) if answer.streaming else answer.content
            is_found = answer.status_code in (200, 301, 302, 303)
            assert is_found or address.startswith("/evidence/"), address
            most = ROWS_OF_MATCHES if "matches" in words else MOST_ROWS
            if "folded" in words:
                most = ROWS_OF_FOLDED
            if "whole" in words:
                most += body.count(b"\n") + body.count(b"<url>")
            if reads.rows > most or reads.buffers > most * BUFFERS_OF_ROW:
                growing.append(f"{address}: {reads}")
    assert not growing, "\n\n".join(growing)
