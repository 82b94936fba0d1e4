"""Commitments, and changes to them."""

from datetime import date
from functools import partial

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from charter.models.identified import Identified
from charter.models.people import User, own_organisations
from charter.models.review import Reviewable, ReviewableQuerySet
from charter.workflow import (
    CHANGE_MOVES,
    COMMITMENT_MOVES,
    ChangeStatus,
    CommitmentStatus,
    trigger_moves,
)
from registry import clock
from registry.log import keys
from registry.schema.code_lists import (
    Additionality,
    Cadence,
    CorrectionGround,
    PlannedEvidenceType,
)
from registry.schema.commitment_fields import COMMITMENT_FIELDS, CommitmentField, FieldType, Need
from registry.schema.measure_codes import ValueType


class CommitmentQuerySet(ReviewableQuerySet["Commitment"]):
    authority_lookup = "signatory__charter__authority"

    def for_user(self, user: User) -> "CommitmentQuerySet":
        """Filter to commitments of the user's own organisations."""
        return self.filter(signatory__organisation__in=own_organisations(user))

    def public(self) -> "CommitmentQuerySet":
        """Filter to published commitments that were not withdrawn."""
        return self.filter(status__in=[CommitmentStatus.PUBLISHED, CommitmentStatus.CLOSED])

    def open(self) -> "CommitmentQuerySet":
        """Filter to published commitments that still need updates."""
        return self.filter(status=CommitmentStatus.PUBLISHED)


class Commitment(keys.KeyedRow, Reviewable):
    """A commitment in two parts: the outcome, and the planned evidence.

    Before publication its fields are a working copy. Afterwards they hold the latest published
    version, and only a published Change alters them.
    """

    key = models.CharField(max_length=10, unique=True, default=partial(keys.new_key, "commitment"))
    signatory = models.ForeignKey(
        "charter.Signatory", on_delete=models.PROTECT, related_name="commitments"
    )
    theme = models.ForeignKey("charter.Theme", on_delete=models.PROTECT, related_name="commitments")
    measure = models.ForeignKey(
        "charter.Measure",
        on_delete=models.PROTECT,
        related_name="commitments",
        null=True,
        blank=True,
    )
    # Part 1: the outcome.
    title = models.CharField(max_length=200)
    description = models.TextField(
        max_length=10_000, help_text="What we will do, and the change it makes"
    )
    baseline_value = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    baseline_on = models.DateField(null=True, blank=True)
    target_value = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    start_on = models.DateField(null=True, blank=True)
    end_on = models.DateField(
        null=True, blank=True, help_text="The commitment is to be kept by this day"
    )
    area_codes = ArrayField(models.CharField(max_length=9), default=list, blank=True)
    # A claim, so nobody makes it by leaving it out.
    additionality = models.CharField(max_length=10, choices=Additionality, blank=True)
    responsible_role = models.CharField(max_length=100, blank=True)
    cadence = models.CharField(max_length=20, choices=Cadence, default=Cadence.YEARLY)
    # Part 2: the planned evidence.
    evidence_kind = models.CharField(max_length=30, choices=PlannedEvidenceType)
    evidence_text = models.TextField(max_length=2_000)
    # The contracts that contain the commitment, in the published format of items.py.
    contracts = models.JSONField(default=list, blank=True)
    based_on = models.CharField(
        max_length=10, blank=True, help_text="Key of the commitment that its wording was taken from"
    )
    sent_on_behalf_by = models.CharField(
        max_length=200, blank=True, help_text="The support body that sent it for the signatory"
    )
    # For a record restated from another source, such as the press: {"note", "title", "dated"}.
    source = models.JSONField(null=True, blank=True)
    status = models.CharField(
        max_length=20, choices=CommitmentStatus, default=CommitmentStatus.DRAFT
    )
    version = models.PositiveIntegerField(
        default=1, help_text="Counts savings; a stale form is refused"
    )
    update_owner = models.ForeignKey(
        "charter.Membership", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reporting_from = models.DateField(
        null=True, blank=True, help_text="Reporting periods are counted from this day"
    )
    end_reason = models.CharField(max_length=30, blank=True)

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        indexes = [
            # For the council's review queue.
            models.Index(
                "submitted_at", condition=Q(status="submitted"), name="commitment_awaiting_review"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="commitment_public_has_its_dates",
                condition=Q(status__in=["draft", "submitted", "returned"])
                | Q(published_at__isnull=False, reporting_from__isnull=False),
            ),
            models.CheckConstraint(
                name="commitment_ended_has_a_reason",
                condition=Q(status__in=["closed", "withdrawn"]) & ~Q(end_reason="")
                | ~Q(status__in=["closed", "withdrawn"]) & Q(end_reason=""),
            ),
            models.CheckConstraint(
                name="commitment_target_with_measure",
                condition=Q(target_value=None) | Q(measure__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="commitment_moves", field="status", transitions=trigger_moves(COMMITMENT_MOVES)
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.title}"

    @property
    def value_type(self) -> ValueType:
        """Return the kind of value an update reports; without a measure, narrative."""
        return self.measure.value_type if self.measure else ValueType.NARRATIVE

    @property
    def takes_a_number(self) -> bool:
        return self.value_type in ValueType.numeric_types()

    @property
    def is_from_before(self) -> bool:
        """Return True if it was restated from a source when its deadline had passed."""
        return bool(
            self.source
            and self.end_on
            and self.published_at
            and self.end_on < clock.local_date(self.published_at)
        )

    def takes(self, declared: CommitmentField) -> bool:
        """Return True if a commitment with this measure has the field at all."""
        match declared.needs:
            case Need.NUMBER:
                return self.takes_a_number
            case Need.STARTING_POINT:
                return self.measure is not None and self.measure.has_starting_point
        return True

    def problems(self, today: date) -> dict[str, str]:
        """Return messages by field for problems that prevent submission.

        A restated commitment has none: it may be as incomplete as its source. Small organisations
        may leave out what they are not asked.
        """
        if self.source:
            return {}
        is_small = self.signatory.organisation.is_small
        problems = {
            declared.name: declared.missing_message
            for declared in COMMITMENT_FIELDS
            # A commitment in words has no measure, only a theme.
            if declared.missing_message
            and declared.type is not FieldType.MEASURE
            and (declared.asked_of_small or not is_small)
            and self.takes(declared)
            and getattr(self, declared.name) in (None, "")
        }
        if self.end_on and self.end_on <= today:
            problems["end_on"] = "Deadline must be in the future"
        if self.end_on and self.start_on and self.start_on > self.end_on:
            problems["start_on"] = "Start date must be before the deadline"
        if self.baseline_value is not None and not (
            self.measure and self.measure.has_starting_point
        ):
            problems["baseline_value"] = (
                "This measure counts from zero: leave the starting point blank"
            )
        if self.baseline_on and self.baseline_on > today:
            problems["baseline_on"] = "Starting point date must be today or in the past"
        return problems


class ChangeQuerySet(ReviewableQuerySet["Change"]):
    authority_lookup = "commitment__signatory__charter__authority"

    def open(self) -> "ChangeQuerySet":
        """Filter to changes neither published nor dropped. A commitment has at most one."""
        return self.filter(
            status__in=[ChangeStatus.DRAFT, ChangeStatus.SUBMITTED, ChangeStatus.RETURNED]
        )


class Change(Identified, Reviewable):
    """A proposed change to a published commitment, with its public reason."""

    class Action(models.TextChoices):
        CORRECT = "correct", "Correct a mistake"
        AMEND = "amend", "Change what we promised"
        CLOSE = "close", "Close it"
        WITHDRAW = "withdraw", "Withdraw it"

    commitment = models.ForeignKey(Commitment, on_delete=models.PROTECT, related_name="changes")
    action = models.CharField(max_length=10, choices=Action)
    values = models.JSONField(
        default=dict, help_text="New values by field of the commitment, as JSON text"
    )
    reason = models.TextField(max_length=2_000)
    end_reason = models.CharField(max_length=30, blank=True)
    # Why the council corrected it downwards.
    ground = models.CharField(max_length=30, choices=CorrectionGround, blank=True)
    document = models.CharField(
        max_length=200, blank=True, help_text="This will be public: what it was checked against"
    )
    status = models.CharField(max_length=20, choices=ChangeStatus, default=ChangeStatus.DRAFT)
    version = models.PositiveIntegerField(
        default=1, help_text="Counts savings; a stale form is refused"
    )

    objects = ChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "commitment",
                condition=Q(status__in=["draft", "submitted", "returned"]),
                name="change_one_open",
            ),
            models.CheckConstraint(name="change_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="change_with_a_ground_is_a_correction",
                condition=Q(ground="", document="") | ~Q(ground="") & Q(action="correct"),
            ),
            models.CheckConstraint(
                name="change_sent_has_its_time",
                condition=Q(status__in=["draft", "dropped"]) | Q(submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="change_published_has_its_time",
                condition=~Q(status="published") | Q(published_at__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="change_moves", field="status", transitions=trigger_moves(CHANGE_MOVES)
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.commitment}"
