"""Release the brake on email, which charter/mail/budgets.py puts on."""

from charter import acts, permissions
from charter.mail.administrators import email_administrators
from charter.models import BrakeRelease, User
from registry import clock


@acts.act("mail.release")
def release_brake(*, by: User) -> None:
    """Release the brake for today. Idempotent: the first release counts."""
    permissions.check(by, "mail.release", None)
    _, is_new = BrakeRelease.objects.get_or_create(
        day=clock.today(), defaults={"released_by": by, "released_at": clock.now()}
    )
    if is_new:
        email_administrators(None, sentence=f"{by} released the emails held today")
