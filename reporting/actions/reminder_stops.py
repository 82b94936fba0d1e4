"""Stop and resume the reminders of an authority, by a decision of its charter team."""

from charter import acts, permissions
from charter.models import User
from registry import clock
from reporting.models import ReminderStop


@acts.act("reminders.stop")
def stop_reminders(*, by: User, reason: str) -> None:
    """Stop new and queued reminders of the person's authorities. Idempotent: a first stop stays."""
    permissions.check(by, "reminders.stop", None)
    for authority in permissions.authorities_with(by, "reminders.stop"):
        ReminderStop.objects.get_or_create(
            authority=authority,
            ended_at=None,
            defaults={"began_at": clock.now(), "began_by": by, "reason": reason},
        )


@acts.act("reminders.resume")
def resume_reminders(*, by: User) -> None:
    """Resume the reminders of the person's authorities.

    Each contact gets the newest of the missed steps.
    """
    permissions.check(by, "reminders.resume", None)
    authorities = permissions.authorities_with(by, "reminders.resume")
    own_stops = ReminderStop.objects.current().filter(authority__in=authorities)
    acts.update(own_stops, ended_at=clock.now(), ended_by=by)
