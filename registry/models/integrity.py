"""What shows that the log is the same: ledgers, the outcome of verifications, signing keys."""

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


class LedgerReading(models.Model):
    """How far the lines of a ledger were read for what they say of email: log/ledger.py.

    A restored database reads on from where it was.
    """

    identity = models.UUIDField(primary_key=True, help_text="Of the ledger")
    position = models.PositiveBigIntegerField(default=0, help_text="Bytes that were read")
    line_count = models.PositiveBigIntegerField(default=0, help_text="Lines in these bytes")
    unreadable_lines = models.JSONField(
        default=list, help_text="Numbers of the first lines that cannot be read"
    )

    def __str__(self) -> str:
        return f"{self.line_count} lines of ledger {self.identity}"


class SentKey(models.Model):
    """The key of an email that a ledger says was sent. It contains no address and no name."""

    ledger = models.UUIDField(help_text="The identity of the ledger")
    key = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ledger", "key"], name="sent_key_once")]

    def __str__(self) -> str:
        return self.key


class Verification(models.Model):
    """The outcome of one verification of the log. Append-only: log/append_only.py."""

    at = models.DateTimeField()
    head = models.PositiveBigIntegerField(help_text="Number of the latest entry, 0 for none")
    hash = models.CharField(max_length=64, help_text="Hash of that entry")
    faults = models.JSONField(
        default=list, help_text="Each with the number of its entry, 0 for none, and the problem"
    )

    class Meta:
        indexes = [models.Index("head", name="verification_heads")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} (UTC): {len(self.faults)} faults up to entry {self.head}"

    @classmethod
    def get_latest(cls) -> "Verification | None":
        """Return the latest verification, or None if there was none."""
        return cls.objects.order_by("-pk").first()


class SigningKey(models.Model):
    """A public key that signs heads from a moment on, until the next one.

    The table is append-only: log/append_only.py.
    """

    public_key = models.CharField(max_length=44, help_text="Ed25519, in base64")
    since = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.public_key} since {self.since:%Y-%m-%d}"
