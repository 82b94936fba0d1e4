from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reporting", "0013_examples_to_copy")]

    operations = [
        migrations.RemoveConstraint("reminder", "reminder_skipped_has_a_reason"),
        migrations.RemoveField("reminder", "outcome"),
        migrations.AlterField(
            "reminder",
            "reason",
            models.CharField(
                blank=True,
                help_text="Why it was skipped; empty when it was asked",
                max_length=100,
            ),
        ),
    ]
