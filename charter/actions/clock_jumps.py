"""Decisions after a clock jump, which registry/operations/clock_jumps.py detects."""

from charter import permissions
from charter.models import User
from registry import clock
from registry.models import ClockJump


def trust_clock(*, by: User) -> None:
    """Trust the clock again, so that periodic tasks run. Idempotent: the first decision counts."""
    permissions.check(by, "clock.trust", None)
    ClockJump.objects.filter(trusted_at=None).update(trusted_at=clock.now(), trusted_by=by)
