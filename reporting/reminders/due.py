"""Query for the periods with someone to remind.

Most ticks find nothing, and then they read no row.
"""

from datetime import date, timedelta

from django.db.models import BooleanField
from django.db.models.expressions import RawSQL

from reporting import schedule
from reporting.models import ReportingPeriod
from reporting.models.periods import ReportingPeriodQuerySet

# True if a contact (see `Recipients`) can be reached and has no reminder for the newest step that
# is due. Sponsors get the steps after the first one past the due date (see `steps.sponsor_steps`);
# owners get every step, so theirs begin after day -1000.
HAS_DUE_STEP = """
    EXISTS (
        WITH member AS (
            SELECT member.*, member.id = commitment.update_owner_id AS is_named
            FROM charter_commitment AS commitment
            JOIN charter_signatory AS signatory ON signatory.id = commitment.signatory_id
            JOIN charter_membership AS member USING (organisation_id)
            JOIN charter_user AS person ON person.id = member.user_id
            WHERE commitment.id = reporting_reportingperiod.commitment_id
                AND member.ended_on IS NULL AND person.is_active
        ), owner AS (
            SELECT * FROM member WHERE is_named OR role = 'owner'
            ORDER BY is_named DESC NULLS LAST, id LIMIT 1
        ), contact AS (
            SELECT id, bounced_at, -1000 AS after FROM owner
            UNION ALL
            SELECT id, bounced_at, (
                SELECT min(step) FROM unnest(reporting_reportingperiod.steps) AS step WHERE step > 0
            )
            FROM member WHERE role = 'sponsor' AND id NOT IN (SELECT id FROM owner)
        ), reached AS (
            SELECT contact.id, max(step) AS step
            FROM contact, unnest(reporting_reportingperiod.steps) AS step
            WHERE bounced_at IS NULL
                AND step > after
                AND reporting_reportingperiod.due_on + step <= %s
                AND -step <= least(%s, (ends_on - starts_on + 1) / 2)
            GROUP BY contact.id
        )
        SELECT FROM reached WHERE NOT EXISTS (
            SELECT FROM reporting_reminder
            WHERE membership_id = reached.id
                AND period_id = reporting_reportingperiod.id
                AND due_on = reporting_reportingperiod.due_on
                AND step = reached.step
        )
    )
"""


def periods_to_remind(working_day: date) -> ReportingPeriodQuerySet:
    """Return the owed periods with a reminder step due by a working day.

    Days off move a step to the next working day.
    """
    last_due_on = working_day + timedelta(days=schedule.REQUEST_LEAD_DAYS)
    return (
        ReportingPeriod.objects.owed()
        .of_open_commitments()
        .not_paused(working_day)
        .filter(
            RawSQL(HAS_DUE_STEP, [working_day, schedule.REQUEST_LEAD_DAYS], BooleanField()),  # noqa: S611
            due_on__lte=last_due_on,
        )
    )
