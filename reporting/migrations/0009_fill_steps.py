from django.db import migrations

# What a charter says, without the council's own step (reporting/ladder.py).
FILL = """
    UPDATE reporting_reportingperiod AS period
    SET steps = ARRAY(
        SELECT step FROM unnest(charter.reminder_days) AS step
        WHERE step <> charter.overdue_after_days ORDER BY step
    )
    FROM charter_commitment AS promise
    JOIN charter_signatory AS signatory ON signatory.id = promise.signatory_id
    JOIN charter_charter AS charter ON charter.id = signatory.charter_id
    WHERE promise.id = period.commitment_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0008_period_keeps_its_steps"),
    ]

    operations = [
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
