from typing import Any

from django.core.management.base import BaseCommand, CommandError

from charter.actions import following, keepers
from charter.mail import bounces, outbox
from registry import clock
from registry.log import freezing, ledger, refolding
from registry.operations import clock_jumps
from reporting.actions import checks, figures, periods
from reporting.reminders import sending


class Command(BaseCommand):
    help = (
        "Do once what the clock does, from the beginning of periods to the handing over of email."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if not clock_jumps.clock_is_right():
            raise CommandError("The clock jumped. It waits until the council trusts it again.")
        if obstacle := freezing.find_obstacle():
            raise CommandError(obstacle)
        now = clock.now()
        refolding.refold_all()
        changed_periods = periods.sync_periods(now)
        checks.publish_due_checks(now)
        figures.publish_due_figures(now)
        email_count = sending.send_due_reminders(now)
        following.queue_daily_emails(now)
        keepers.queue_heads(now)
        following.delete_unconfirmed(now)
        bounces.read_reports()
        doubtful_count = outbox.sweep_leases()
        sent_count = outbox.drain()
        ledger.catch_up()
        ledger.note_new_lines()
        self.stdout.write(
            f"{changed_periods} periods brought up to date, {email_count} people to be asked, "
            f"{doubtful_count} sendings left in doubt, {sent_count} emails handed over."
        )
