import secrets

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("charter", "0005_mail_that_comes_back"),
        ("reporting", "0004_checks"),
    ]

    operations = [
        migrations.CreateModel(
            name="CalendarAddress",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "token",
                    models.CharField(default=secrets.token_urlsafe, max_length=64, unique=True),
                ),
                (
                    "signatory",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calendar_address",
                        to="charter.signatory",
                    ),
                ),
            ],
        ),
        migrations.RemoveConstraint(model_name="reminder", name="reminder_step_once"),
        migrations.AddField(
            model_name="reminder",
            name="due_on",
            field=models.DateField(
                null=True, help_text="The due date then; an extended one is asked for anew"
            ),
        ),
        migrations.RunSQL(
            "UPDATE reporting_reminder SET due_on = period.due_on"
            " FROM reporting_reportingperiod period WHERE period.id = period_id",
            migrations.RunSQL.noop,
        ),
        migrations.AlterField(
            model_name="reminder",
            name="due_on",
            field=models.DateField(
                help_text="The due date then; an extended one is asked for anew"
            ),
        ),
        migrations.AddConstraint(
            model_name="reminder",
            constraint=models.UniqueConstraint(
                "membership", "period", "due_on", "step", name="reminder_step_once"
            ),
        ),
    ]
