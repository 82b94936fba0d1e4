"""What the register knows of its own operation: backups, and jumps of the clock."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q, Value


class Backup(models.Model):
    """A backup that is complete. The service that keeps them writes the row (backup.sh)."""

    at = models.DateTimeField()
    has_files = models.BooleanField(help_text="With the evidence files, as every night")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} (UTC)"


class ClockJump(models.Model):
    """A jump of the clock. Scheduled tasks do nothing until a person trusts the clock again."""

    noticed_at = models.DateTimeField(help_text="Where the clock should have stood")
    jump = models.DurationField(help_text="How far it went forward or, less than nothing, back")
    trusted_at = models.DateTimeField(null=True, blank=True)
    trusted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Value(1), condition=Q(trusted_at=None), name="clock_jump_one_open"
            ),
            models.CheckConstraint(
                name="clock_jump_trusted_by_somebody",
                condition=Q(trusted_at=None, trusted_by=None)
                | Q(trusted_at__isnull=False, trusted_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        hours = round(abs(self.jump).total_seconds() / 3600)
        span = f"{hours} hours" if hours < 48 else f"{hours // 24} days"
        direction = "forward" if self.jump > timedelta() else "back"
        return f"The clock went {direction} by {span} at {self.noticed_at:%Y-%m-%d %H:%M} (UTC)."

    @classmethod
    def get_current(cls) -> "ClockJump | None":
        """Return the jump that nobody has checked yet, or None."""
        return cls.objects.filter(trusted_at=None).first()
