"""Applications to join, from organisations where nobody has an account yet."""

from datetime import timedelta

from django.db import models
from django.db.models import Q

from charter.identifiers import Scheme
from charter.models.identified import Identified
from charter.models.people import User, looked_after_by
from charter.workflow import ApplicationStatus
from registry import clock
from registry.schema.code_lists import OrganisationKind, Route, Size

RETENTION = timedelta(days=365)


class ApplicationQuerySet(models.QuerySet["Application"]):
    def for_staff(self, user: User) -> "ApplicationQuerySet":
        """Filter to applications to sign charters that the user looks after."""
        return self.filter(looked_after_by(user, "charter__authority"))

    def awaiting_decision(self) -> "ApplicationQuerySet":
        return self.filter(status=ApplicationStatus.WAITING).order_by("pk")

    def past_retention(self) -> "ApplicationQuerySet":
        """Filter to applications decided longer ago than RETENTION."""
        return self.filter(decided_at__lt=clock.now() - RETENTION)


class Application(Identified):
    """An organisation that wants to sign the charter. Private until admitted."""

    charter = models.ForeignKey("charter.Charter", on_delete=models.CASCADE, related_name="+")
    legal_name = models.CharField(max_length=200)
    trading_name = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=40, choices=OrganisationKind)
    social_enterprise = models.BooleanField(default=False)
    size = models.CharField(max_length=10, choices=Size)
    sector = models.CharField(max_length=1, blank=True)
    scheme = models.CharField(max_length=20, choices=Scheme, blank=True)
    number = models.CharField(max_length=30, blank=True)
    website = models.URLField(blank=True)
    route = models.CharField(max_length=20, choices=Route)
    contact_email = models.EmailField()
    comments = models.TextField(max_length=2_000, blank=True)
    status = models.CharField(
        max_length=20, choices=ApplicationStatus, default=ApplicationStatus.WAITING
    )
    submitted_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        "charter.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        # For delete_old_applications in actions/applications.py.
        indexes = [
            models.Index(
                "decided_at", condition=Q(decided_at__isnull=False), name="application_decided"
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="application_decided_has_its_time",
                condition=Q(status="waiting", decided_at=None)
                | ~Q(status="waiting") & Q(decided_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.legal_name

    @property
    def email_matches_website(self) -> bool:
        """Return True if the contact's email address is on the website's domain."""
        domain = self.contact_email.rpartition("@")[2].lower()
        host = self.website.partition("://")[2].partition("/")[0].lower().removeprefix("www.")
        return bool(host) and (domain == host or host.endswith(f".{domain}"))
