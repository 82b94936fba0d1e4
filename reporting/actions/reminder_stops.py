"""Stop and resume all reminders, by a decision of the charter team."""

from django.db import transaction

from charter import permissions
from charter.models import User
from registry import clock
from reporting.models import ReminderStop


@transaction.atomic
def stop_reminders(*, by: User, reason: str) -> ReminderStop:
    """Stop new and queued reminders. Idempotent: the first stop is kept."""
    permissions.check(by, "reminders.stop", None)
    stop, _ = ReminderStop.objects.get_or_create(
        ended_at=None, defaults={"began_at": clock.now(), "began_by": by, "reason": reason}
    )
    return stop


@transaction.atomic
def resume_reminders(*, by: User) -> None:
    """Resume reminders; each contact gets the newest of the missed steps."""
    permissions.check(by, "reminders.resume", None)
    ReminderStop.objects.filter(ended_at=None).update(ended_at=clock.now(), ended_by=by)
