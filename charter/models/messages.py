"""The outbox: PostgreSQL is the queue of record for email."""

from datetime import datetime, timedelta

import pgtrigger
from django.db import models
from django.db.models import Q

from charter.models.people import Invitation, User, looked_after_by
from charter.workflow import MESSAGE_MOVES, MessageState, trigger_moves

# A server reports within a day that it could not deliver what it had accepted.
REPORTS_WITHIN = timedelta(days=1)


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

    def due(self, now: datetime) -> "MessageQuerySet":
        """Filter to messages that are waiting and whose time has come."""
        return self.filter(
            state__in=[MessageState.QUEUED, MessageState.DEFERRED], not_before__lte=now
        )

    def ready_to_send(self, now: datetime) -> "MessageQuerySet":
        """Filter to messages that are due, but for those to addresses in doubt."""
        on_hold = RefusedAddress.objects.on_hold(now).values("email")
        return self.due(now).exclude(recipient__in=on_hold)


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
            # For claim_next in mail/claims.py.
            models.Index(
                "not_before", condition=Q(state__in=["queued", "deferred"]), name="message_waiting"
            ),
            # For sweep_leases in mail/outbox.py.
            models.Index("lease_until", condition=Q(state="sending"), name="message_in_flight"),
            # For has_worked in mail/reachability.py, and for those who stop following.
            models.Index("recipient", condition=~Q(recipient=""), name="message_recipient"),
            # For what is erased after a time, until it is.
            models.Index("kind", "created_at", condition=~Q(recipient=""), name="message_kept"),
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
        indexes = [models.Index("started_at", "outcome", name="attempt_started")]

    def __str__(self) -> str:
        return f"{self.message} #{self.number}"


class Refusal(models.Model):
    """A server's answer, in a reply or a report, that an email cannot be delivered."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="refusals")
    at = models.DateTimeField()
    verdict = models.CharField(max_length=10, help_text="gone, full, ours, unclear")

    class Meta:
        # For the stop of sending in mail/sending_stops.py.
        indexes = [models.Index("at", name="refusal_at")]

    def __str__(self) -> str:
        return f"{self.message} {self.verdict}"


class RefusedAddressQuerySet(models.QuerySet["RefusedAddress"]):
    def gone(self) -> "RefusedAddressQuerySet":
        """Filter to addresses that get no more email: the second look was refused as well."""
        return self.exclude(gone_at=None)

    def in_doubt(self) -> "RefusedAddressQuerySet":
        return self.filter(gone_at=None)

    def on_hold(self, now: datetime) -> "RefusedAddressQuerySet":
        """Filter to addresses whose email waits for the second look, and for reports about it."""
        looked = Q(looked_at__lte=now - REPORTS_WITHIN)
        return self.in_doubt().exclude(looked)


class RefusedAddress(models.Model):
    """An address that a server has proved gone. Forgotten unless a second look is refused too."""

    email = models.EmailField(unique=True)
    refused_at = models.DateTimeField()
    words = models.CharField(max_length=300, blank=True, help_text="Of the server")
    look_again_on = models.DateField(help_text="The working day of the second look")
    second_look = models.OneToOneField(
        Message, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    looked_at = models.DateTimeField(
        null=True, blank=True, help_text="When a server accepted the second look"
    )
    gone_at = models.DateTimeField(null=True, blank=True)

    objects = RefusedAddressQuerySet.as_manager()

    class Meta:
        indexes = [
            # For send_second_looks and forget_proofs in mail/second_looks.py.
            models.Index("look_again_on", condition=Q(gone_at=None), name="address_in_doubt"),
            models.Index("gone_at", condition=Q(gone_at__isnull=False), name="address_gone"),
        ]

    def __str__(self) -> str:
        return self.email


class SendingStop(models.Model):
    """A stop of all sending, because our own server or account was refused."""

    began_at = models.DateTimeField()
    refused = models.PositiveIntegerField(help_text="Emails of the hour refused without proof")
    emails = models.PositiveIntegerField(help_text="Emails of the hour")
    domains = models.PositiveIntegerField(help_text="Domains of the refused emails")
    words = models.CharField(max_length=300, blank=True, help_text="Of the last refusal")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        "charter.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "ended_at",
                condition=Q(ended_at=None),
                nulls_distinct=False,
                name="sending_stop_one_current",
            )
        ]

    def __str__(self) -> str:
        return str(self.began_at)


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
