"""How an organisation comes to be a public signatory. Private, apart from days and a digest."""

from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q

from charter.models.identified import Identified
from charter.models.people import User, looked_after_by
from charter.roles import MemberRole

TIME_TO_OBJECT = timedelta(days=28)


class AcceptanceQuerySet(models.QuerySet["Acceptance"]):
    def for_staff(self, user: User) -> "AcceptanceQuerySet":
        """Filter to acceptances of charters that the user looks after."""
        return self.filter(
            looked_after_by(user, "signatory__charter__authority")
            | looked_after_by(user, "application__charter__authority")
        )


class Acceptance(Identified):
    """The words by which an organisation signed, and the person who accepted them for it.

    It belongs to an application until the council admits the applicant.
    """

    signatory = models.OneToOneField(
        "charter.Signatory", on_delete=models.CASCADE, null=True, related_name="acceptance"
    )
    application = models.OneToOneField(
        "charter.Application", on_delete=models.CASCADE, null=True, related_name="acceptance"
    )
    text = models.TextField()
    text_sha256 = models.CharField(max_length=64)
    # The person as of that day. An applicant has no account yet.
    name = models.CharField(max_length=200)
    email = models.EmailField()
    role = models.CharField(max_length=20, choices=MemberRole)
    person = models.ForeignKey(
        "charter.User", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    accepted_at = models.DateTimeField()

    objects = AcceptanceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="acceptance_of_a_signatory_or_an_application",
                condition=Q(signatory=None) ^ Q(application=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.signatory or self.application}: {self.accepted_at:%Y-%m-%d}"


class StatedSignatureQuerySet(models.QuerySet["StatedSignature"]):
    def for_staff(self, user: User) -> "StatedSignatureQuerySet":
        """Filter to signatures of charters that the user looks after."""
        return self.filter(looked_after_by(user, "signatory__charter__authority"))

    def open(self) -> "StatedSignatureQuerySet":
        """Filter to those that are not public and that nobody objected to."""
        return self.filter(objected_at=None, published_at=None)

    def past_objection(self, now: datetime) -> "StatedSignatureQuerySet":
        """Filter to open ones whose organisation has had its time to object."""
        return self.open().filter(notified_at__lte=now - TIME_TO_OBJECT)


class StatedSignature(Identified):
    """A signature of earlier times, which the council states from a document in its files.

    The organisation is notified before it is public, and may object.
    """

    signatory = models.OneToOneField(
        "charter.Signatory", on_delete=models.CASCADE, related_name="stated_signature"
    )
    signed_on = models.DateField()
    document = models.CharField(max_length=200, help_text="What in the council’s files shows it")
    contact_email = models.EmailField()
    notified_at = models.DateTimeField(
        null=True, blank=True, help_text="When our email to the contact was handed over"
    )
    objected_at = models.DateTimeField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = StatedSignatureQuerySet.as_manager()

    class Meta:
        # For publish_unopposed in actions/stated_signatures.py.
        indexes = [
            models.Index(
                "notified_at",
                condition=Q(objected_at=None, published_at=None),
                name="stated_signature_open",
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="stated_signature_with_an_objection_is_private",
                condition=Q(objected_at=None) | Q(published_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.signatory}: {self.signed_on}"

    @property
    def public_from(self) -> datetime | None:
        """Return when it becomes public unless the organisation objects; None before our email."""
        return self.notified_at + TIME_TO_OBJECT if self.notified_at else None
