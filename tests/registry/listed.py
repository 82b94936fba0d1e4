"""The rows that lists read, and a register of thousands of commitments for them."""

from typing import Any

from django.db import connection

from registry import clock
from registry.log.listing import replace_listed
from registry.log.searched_records import replace_searched
from registry.models import (
    CommitmentHistory,
    ComparedCommitment,
    ComparisonCount,
    DayCount,
    KindCount,
    ListedCommitment,
    ListedEntry,
    ListedSignatory,
    ListedSuccess,
    SearchedRecord,
    TagCount,
    TagSignatory,
    TagSum,
)
from tests.registry import items
from tests.registry.public_pages import day, publish
from tests.rows_read import analyse_tables

# Copies of records, which differ in what lists filter and sort by. Every third commitment is under
# the first theme, every hundredth names a place, one in a thousand has a rare word.
COPY_SIGNATORIES = """
    INSERT INTO registry_record (kind, key, item, {columns})
    SELECT kind, 'S-' || 10000 + number, item || jsonb_build_object(
            'legal_name', 'Firm ' || number || ' Ltd',
            'size', (ARRAY['micro', 'small', 'medium', 'large'])[1 + number %% 4]),
        {values}
    FROM registry_record, generate_series(1, %(number)s / 10) AS number WHERE key = 'S-00001'
"""
COPY_COMMITMENTS = """
    INSERT INTO registry_record (kind, key, item, {columns})
    SELECT kind, 'C-' || 10000 + number, item || jsonb_build_object(
            'signatory', 'S-' || 10000 + 1 + number %% (%(number)s / 10),
            'theme', 'T-0000' || 1 + number %% 3,
            'title', 'Apprenticeships ' || number
                || CASE WHEN number %% 1000 = 0 THEN ' for glassblowers' ELSE '' END,
            'area_codes', CASE WHEN number %% 100 = 0
                THEN '["E05011121"]'::jsonb ELSE '[]'::jsonb END),
        {values}
    FROM registry_record, generate_series(1, %(number)s) AS number WHERE key = 'C-00001'
"""
COPIED = """
    version, entry, status, published_at, updated_at, redactions, changed_entry, changed_at,
    delivery, level_of_proof, weakenings, superseded_by, signatory_standing, next_due_on,
    states, state_days, endings, ending_days, document
"""


def listed_rows() -> list[list[Any]]:
    """Return all rows that lists, totals, changes and feeds read."""
    counts = [
        sorted(model.objects.values_list(*(field.name for field in model._meta.concrete_fields)))
        for model in (TagCount, TagSum, TagSignatory)
    ]
    kinds = KindCount.objects.exclude(number=0).values_list("kind", "tag", "on", "number")
    rows = [
        list(model.objects.order_by("key").values())
        for model in (
            ListedCommitment,
            ListedSignatory,
            ListedSuccess,
            ComparedCommitment,
            CommitmentHistory,
            SearchedRecord,
        )
    ]
    entries = ListedEntry.objects.values_list("list", "number")
    compared = ComparisonCount.objects.exclude(number=0)
    facts = compared.values_list("measure", "size", "fact", "number")
    days = DayCount.objects.exclude(number=0).values_list("given", "counted", "on", "number")
    return [*rows, *counts, sorted(kinds), sorted(entries), sorted(facts), sorted(days)]


def publish_copies(number: int) -> None:
    """Publish one commitment on 5 January 2026, and put copies of its record beside it.

    The copies have no entries: pages and the API read none.
    """
    publish("2026-01-05", *items.small_register())
    copied = {
        "columns": f"{COPIED}, first_entry",
        "values": f"{COPIED}, first_entry + number",
    }
    with connection.cursor() as cursor:
        for statement in (COPY_SIGNATORIES, COPY_COMMITMENTS):
            cursor.execute(statement.format(**copied), {"number": number})
    with clock.fixed_at(day("2026-01-06")):
        replace_listed()
        replace_searched()
    analyse_tables()
