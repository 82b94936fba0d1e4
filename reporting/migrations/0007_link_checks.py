import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("reporting", "0006_links_with_a_token"),
    ]

    operations = [
        migrations.CreateModel(
            name="LinkCheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "evidence",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="link_check",
                        to="reporting.evidence",
                    ),
                ),
                ("looked_at", models.DateTimeField()),
                ("last_worked_on", models.DateField(blank=True, null=True)),
                ("failing_since", models.DateField(blank=True, null=True)),
                (
                    "why",
                    models.CharField(
                        blank=True, help_text="Why it fails, or is not known", max_length=200
                    ),
                ),
                ("fingerprint", models.CharField(blank=True, max_length=64)),
                (
                    "changed_on",
                    models.DateField(
                        blank=True, help_text="The document is not the same", null=True
                    ),
                ),
            ],
            options={
                "indexes": [],
                "constraints": [],
            },
        ),
    ]
