"""Release email on hold: after an unusual day, a move of the register, or a stop of sending."""

from charter import acts, permissions
from charter.mail import sending_places
from charter.mail.administrators import email_administrators
from charter.models import BrakeRelease, SendingStop, User
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


@acts.act("mail.release")
def release_place(*, by: User) -> None:
    """Let email leave from this address and with this ledger. Idempotent."""
    permissions.check(by, "mail.release", None)
    if sending_places.find_problems():
        place = sending_places.current_place()
        place.released_by = by
        place.save()
        email_administrators(None, sentence=f"{by} agreed that emails leave from {place}")


@acts.act("mail.release")
def resume_sending(*, by: User) -> None:
    """End a stop of all sending, because a person has looked at the mail server. Idempotent."""
    permissions.check(by, "mail.release", None)
    current = SendingStop.objects.filter(ended_at=None)
    if current.exists():
        acts.update(current, ended_at=clock.now(), ended_by=by)
        email_administrators(None, sentence=f"{by} started sending email again")
