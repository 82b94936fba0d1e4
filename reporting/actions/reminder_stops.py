"""Stop the asking for updates, and begin it again: a person's decision, for all at once."""

from django.db import transaction

from charter import permissions
from charter.models import User
from registry import clock
from reporting.models import ReminderStop


@transaction.atomic
def stop_reminders(*, by: User, reason: str) -> ReminderStop:
    """Let no request go out, nor those that wait. Twice: the first stop stands."""
    permissions.check_is_council(by)
    stop, _ = ReminderStop.objects.get_or_create(
        ended_at=None, defaults={"began_at": clock.now(), "began_by": by, "reason": reason}
    )
    return stop


@transaction.atomic
def resume_reminders(*, by: User) -> None:
    """Ask again: of what was missed meanwhile each contact gets the newest step."""
    permissions.check_is_council(by)
    ReminderStop.objects.filter(ended_at=None).update(ended_at=clock.now(), ended_by=by)
