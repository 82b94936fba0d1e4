"""The helper that counts rows read sees what a query reads, and changes nothing."""

import pytest
from django.db.models import F

from registry.models import Postcode
from tests.rows_read import analyse_tables, count_rows_read

pytestmark = pytest.mark.django_db


@pytest.fixture
def postcodes():
    Postcode.objects.bulk_create(
        Postcode(postcode=f"B{number}", ward=f"W{number % 10}") for number in range(1000)
    )
    analyse_tables()


def test_rows_that_a_query_reads_and_leaves_out_are_counted(postcodes):
    with count_rows_read() as reads:
        assert Postcode.objects.filter(ward="W1").count() == 100
        assert Postcode.objects.get(postcode="B7").ward == "W7"
    by_ward, by_key = reads.queries
    assert (by_ward.rows, by_key.rows) == (1000, 1)
    assert by_ward.buffers > by_key.buffers > 0
    assert str(reads).startswith("2 queries read 1001 rows")
    assert 'WHERE "registry_postcode"."ward"' in str(reads).splitlines()[1]


def test_a_counted_change_happens_once(postcodes):
    with count_rows_read() as reads:
        Postcode.objects.filter(postcode="B7").update(ward=F("postcode"))
        Postcode.objects.create(postcode="B1000", ward="W0")
        Postcode.objects.filter(postcode="B8").delete()
    assert [query.rows for query in reads.queries] == [1, 0, 1]
    assert Postcode.objects.get(postcode="B7").ward == "B7"
    assert Postcode.objects.count() == 1000
