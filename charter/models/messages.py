"""The outbox: PostgreSQL is the queue of record for email."""

from datetime import datetime

import pgtrigger
from django.db import models
from django.db.models import Q

from charter.models.people import Invitation, User, looked_after_by
from charter.workflow import MESSAGE_MOVES, MessageState, trigger_moves


class MessageQuerySet(models.QuerySet["Message"]):
    def for_staff(self, user: User) -> "MessageQuerySet":
        """Filter to the emails of authorities where the user is staff.

        An email that no authority sends, such as a sign-in code, belongs to the authorities that
        know its recipient: as one of their signatories' people, as a colleague, or as invited. One
        to a reader, whom no authority knows, belongs to all.
        """
        own_users, users = User.objects.for_staff(user), User.objects.all()
        own_invitations, invitations = Invitation.objects.for_staff(user), Invitation.objects.all()
        is_known = Q(recipient__in=own_users.values("email")) | Q(
            recipient__in=own_invitations.values("email")
        )
        is_reader = ~Q(recipient__in=users.values("email")) & ~Q(
            recipient__in=invitations.values("email")
        )
        return self.filter(
            looked_after_by(user, "authority") | Q(is_known | is_reader, authority=None)
        )

    def ready_to_send(self, now: datetime) -> "MessageQuerySet":
        """Filter to messages that are waiting and due."""
        states = [MessageState.QUEUED, MessageState.DEFERRED]
        return self.filter(state__in=states, not_before__lte=now)


class Message(models.Model):
    """An email to one person, written in the transaction of its cause."""

    key = models.CharField(
        max_length=120, unique=True, help_text="Such as receipt:C-7F3K2. It contains no row numbers"
    )
    kind = models.CharField(
        max_length=30, help_text="Names its relevance check and its rule when in doubt"
    )
    # Whose words it has, and whose address it comes from. Empty for the register as a whole.
    authority = models.ForeignKey(
        "charter.Authority", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    recipient = models.EmailField()
    subject = models.CharField(max_length=300)
    text = models.TextField()
    html = models.TextField(blank=True)
    unsubscribe_address = models.URLField(
        blank=True, help_text="Where a mail program's own button ends emails of this kind"
    )
    not_before = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=20, choices=MessageState, default=MessageState.QUEUED)
    attempt = models.PositiveSmallIntegerField(default=0)
    doubts = models.PositiveSmallIntegerField(
        default=0, help_text="How often a sending was cut off in flight"
    )
    lease_until = models.DateTimeField(null=True, blank=True)
    message_id = models.CharField(max_length=200)
    last_code = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [
            # For CLAIM_SQL in mail/outbox.py.
            models.Index(
                "not_before", condition=Q(state__in=["queued", "deferred"]), name="message_waiting"
            ),
            # For sweep_leases in mail/outbox.py.
            models.Index("lease_until", condition=Q(state="sending"), name="message_in_flight"),
        ]
        constraints = [
            models.CheckConstraint(
                name="message_lease_while_sending",
                condition=Q(state="sending", lease_until__isnull=False)
                | ~Q(state="sending") & Q(lease_until=None),
            )
        ]
        triggers = [
            pgtrigger.FSM(
                name="message_moves", field="state", transitions=trigger_moves(MESSAGE_MOVES)
            )
        ]

    def __str__(self) -> str:
        return self.key


class MessageAttempt(models.Model):
    """One claim of a message, and the last phase that was reached."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    phase = models.CharField(
        max_length=20, blank=True, help_text="connect, mail, rcpt, data, after_dot"
    )
    outcome = models.CharField(max_length=20, blank=True)
    code = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint("message", "number", name="attempt_numbered_once")]
        # For the brake in mail/budgets.py.
        indexes = [models.Index("started_at", name="attempt_started")]

    def __str__(self) -> str:
        return f"{self.message} #{self.number}"


class Bounce(models.Model):
    """A report that an email was not delivered after the server had accepted it."""

    message = models.OneToOneField(Message, on_delete=models.CASCADE, related_name="bounce")
    reported_at = models.DateTimeField()
    permanent = models.BooleanField()
    status = models.CharField(max_length=20, help_text="The enhanced code of RFC 3463: 5.1.1")

    def __str__(self) -> str:
        return f"{self.message} {self.status}"


class BrakeRelease(models.Model):
    """A person's agreement to send more email on a day than the brake allows."""

    day = models.DateField(unique=True)
    released_by = models.ForeignKey("charter.User", on_delete=models.PROTECT)
    released_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.day)


class SendingPlace(models.Model):
    """A place from which email leaves: the first one, and each that a person agreed to."""

    address = models.CharField(max_length=300, help_text="PUBLIC_URL")
    ledger = models.UUIDField(help_text="The identity of the ledger")
    began_at = models.DateTimeField()
    released_by = models.ForeignKey(
        "charter.User", on_delete=models.PROTECT, null=True, related_name="+"
    )

    def __str__(self) -> str:
        return self.address
