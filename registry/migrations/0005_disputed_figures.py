"""Tells of the records of older registers whether their latest update and figure are disputed.

New records are folded with it; `verify_register` expects it of all.
"""

from django.db import migrations

LATEST = """
    UPDATE registry_record AS promise
    SET latest = promise.latest || jsonb_build_object(
        'disputed', coalesce((news.item ->> 'disputed')::boolean, false))
    FROM registry_record AS news
    WHERE promise.kind = 'commitment' AND news.key = promise.latest ->> 'update'
"""
PROGRESS = """
    UPDATE registry_record AS promise
    SET progress = promise.progress || jsonb_build_object(
        'disputed', coalesce((news.item ->> 'disputed')::boolean, false))
    FROM (
        SELECT DISTINCT ON (commitment) commitment, item
        FROM registry_record
        WHERE kind = 'update' AND status = 'live' AND item ? 'cumulative_value'
        ORDER BY commitment, item ->> 'to' DESC, first_entry DESC
    ) AS news
    WHERE promise.kind = 'commitment' AND news.commitment = promise.key
        AND promise.progress IS NOT NULL
"""


class Migration(migrations.Migration):
    dependencies = [("registry", "0004_clock_jumps")]

    # The version before folds without it: going back, it takes `rebuild_records`.
    operations = [
        migrations.RunSQL(LATEST, migrations.RunSQL.noop),
        migrations.RunSQL(PROGRESS, migrations.RunSQL.noop),
    ]
