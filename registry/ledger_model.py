"""What the database knows of its ledger, the file that outlives it (see log/ledger.py)."""

import uuid

from django.db import models

from registry import clock


class Ledger(models.Model):
    """A ledger that this register began, and how far the database has seen it grow.

    The newest is in use. A file that names another, or lacks what was seen, stops the register.
    The table is append-only: log/append_only.py.
    """

    number = models.PositiveIntegerField(primary_key=True)
    identity = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    began_at = models.DateTimeField(default=clock.now)
    length = models.PositiveBigIntegerField(
        default=0, help_text="Bytes of the file when it was last seen, 0 before it was written"
    )
    line_hash = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 hash of the last line of these bytes"
    )

    def __str__(self) -> str:
        return f"Ledger {self.number}, begun on {self.began_at:%Y-%m-%d}"

    @classmethod
    def get_current(cls) -> "Ledger | None":
        """Return the ledger in use, or None before the first was begun."""
        return cls.objects.order_by("-number").first()

    @classmethod
    def begin_first(cls) -> None:
        """Begin the first ledger, unless there is one. Idempotent, and safe in parallel."""
        Ledger.objects.bulk_create([Ledger(number=1)], ignore_conflicts=True)
