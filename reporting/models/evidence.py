"""Evidence for an update or a success."""

import uuid

from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q

from charter.models import Signatory, User
from charter.models.organisations import SignatoryQuerySet
from registry import clock, evidence
from registry.schema.code_lists import EvidenceType, EvidenceVisibility


def stored_name(instance: "Evidence", filename: str) -> str:
    """Return the name under which a file is stored; the uploaded name is dropped."""
    return evidence.stored_name(instance.reference, instance.media_type)


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def for_user(self, user: User) -> "EvidenceQuerySet":
        """Filter to the evidence of the user's own organisations."""
        return self._of(Signatory.objects.for_user(user))

    def for_staff(self, user: User) -> "EvidenceQuerySet":
        """Filter to the evidence under charters that the user looks after."""
        return self._of(Signatory.objects.for_staff(user))

    def _of(self, signatories: SignatoryQuerySet) -> "EvidenceQuerySet":
        return self.filter(
            Q(update__commitment__signatory__in=signatories) | Q(success__signatory__in=signatories)
        )


class Evidence(models.Model):
    """A file or a link with kind, date and visibility, for one update or one success."""

    class Share(models.IntegerChoices):
        """The bands in which evaluations state shares; nothing is ever multiplied by them."""

        NONE = 0, "0%"
        QUARTER = 25, "25%"
        HALF = 50, "50%"
        MOST = 75, "75%"
        ALL = 100, "100%"

    reference = models.UUIDField(
        default=uuid.uuid4, unique=True, help_text="Its id inside the item, and its file's name"
    )
    update = models.ForeignKey(
        "reporting.ProgressUpdate",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="evidence",
    )
    success = models.ForeignKey(
        "reporting.Success",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="evidence",
    )
    kind = models.CharField(max_length=20, choices=EvidenceType)
    title = models.CharField(max_length=200)
    description = models.TextField(max_length=1_000, blank=True)
    url = models.URLField(max_length=500, blank=True)
    # Or a file, cleaned before it is stored (evidence/cleaning.py).
    file = models.FileField(
        upload_to=stored_name, storage=evidence.file_storage, max_length=100, blank=True
    )
    media_type = models.CharField(max_length=40, blank=True)
    bytes = models.PositiveIntegerField(null=True, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    pages = models.PositiveIntegerField(null=True, blank=True)
    # In pixels, of a picture.
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    alt_text = models.CharField(max_length=300, blank=True, help_text="What a photograph shows")
    may_be_shown = models.BooleanField(
        default=False,
        help_text="The sender stated that the photograph may be shown, and that nobody in it can "
        "be recognised or is named",
    )
    # The relevant passage.
    page = models.CharField(max_length=40, blank=True)
    quote = models.TextField(max_length=1_000, blank=True)
    dated_on = models.DateField(null=True, blank=True)
    # For an SROI report or evaluation.
    author = models.CharField(max_length=200, blank=True)
    assurance = models.CharField(max_length=300, blank=True)
    attribution = models.PositiveSmallIntegerField(null=True, blank=True, choices=Share)
    deadweight = models.PositiveSmallIntegerField(null=True, blank=True, choices=Share)
    visibility = models.CharField(
        max_length=20, choices=EvidenceVisibility, default=EvidenceVisibility.PUBLIC
    )
    withheld_reason = models.CharField(max_length=300, blank=True)
    # Of a link: the database sets it when the link may have become public.
    check_link_at = models.DateTimeField(
        null=True, blank=True, help_text="When its link is opened next; empty while nobody knows it"
    )

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        indexes = [
            # For links_to_check in actions/link_checks.py.
            models.Index(
                "check_link_at", condition=Q(check_link_at__isnull=False), name="evidence_link_due"
            ),
            # For sweep_folder in evidence/erasing.py.
            models.Index(
                OpClass("file", "varchar_pattern_ops"),
                condition=~Q(file=""),
                name="evidence_file",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="evidence_of_one_thing",
                condition=Q(update__isnull=False, success=None)
                | Q(update=None, success__isnull=False),
            ),
            models.CheckConstraint(
                name="evidence_withheld_has_a_reason",
                condition=Q(visibility="public") | ~Q(withheld_reason=""),
            ),
            models.CheckConstraint(
                name="evidence_is_a_link_or_a_file",
                condition=Q(file="", sha256="") & ~Q(url="")
                | Q(url="", bytes__isnull=False) & ~Q(file="") & ~Q(sha256=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class FileToErase(models.Model):
    """A stored file that must be erased. The row is gone once the file is."""

    name = models.CharField(max_length=100, unique=True)
    asked_at = models.DateTimeField(default=clock.now)
    problem = models.CharField(max_length=200, blank=True, help_text="Why it is still there")

    def __str__(self) -> str:
        return self.name
