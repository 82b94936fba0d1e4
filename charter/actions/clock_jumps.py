"""Decisions after a clock jump, which registry/operations/clock_jumps.py detects."""

from charter import acts, permissions
from charter.models import User
from registry import clock
from registry.models import ClockJump


@acts.act("clock.trust")
def trust_clock(*, by: User) -> None:
    """Trust the clock again, so that periodic tasks run. Idempotent: the first decision counts."""
    permissions.check(by, "clock.trust", None)
    open_jumps = ClockJump.objects.filter(trusted_at=None)
    acts.update(open_jumps, trusted_at=clock.now(), trusted_by=by)
