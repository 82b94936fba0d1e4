"""What a person decides after the clock jumped (registry/operations/clock_jumps.py)."""

from charter import permissions
from charter.models import User
from registry import clock
from registry.models import ClockJump


def trust_clock(*, by: User) -> None:
    """Let the clock drive the register again. Twice: the first decision stands."""
    permissions.check_is_council(by)
    ClockJump.objects.filter(trusted_at=None).update(trusted_at=clock.now(), trusted_by=by)
