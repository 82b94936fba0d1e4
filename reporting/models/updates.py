"""Progress updates and successes of a commitment."""

from datetime import date, timedelta
from functools import partial

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from charter.models import User
from charter.models.people import own_organisations
from charter.models.review import Reviewable, ReviewableQuerySet
from charter.workflow import REVIEW_MOVES, ReviewStatus, trigger_moves
from registry.log import keys
from registry.schema.code_lists import Delivery, PeopleConsent
from registry.schema.codes import choices_of
from registry.wording.figures import figure_text

# What was returned counts as received for so long.
SEND_AGAIN_WITHIN = timedelta(days=14)


class ProgressUpdateQuerySet(ReviewableQuerySet["ProgressUpdate"]):
    authority_lookup = "commitment__signatory__charter__authority"

    def for_user(self, user: User) -> "ProgressUpdateQuerySet":
        """Filter to updates of the user's own organisations."""
        return self.filter(commitment__signatory__organisation__in=own_organisations(user))

    def sent(self) -> "ProgressUpdateQuerySet":
        return self.filter(status__in=[ReviewStatus.SUBMITTED, ReviewStatus.PUBLISHED])

    def unsent(self) -> "ProgressUpdateQuerySet":
        return self.filter(status__in=[ReviewStatus.DRAFT, ReviewStatus.RETURNED])

    def before(self, update: "ProgressUpdate") -> "ProgressUpdateQuerySet":
        """Filter to earlier updates of its commitment, newest first. The final one is the last."""
        others = self.filter(commitment=update.commitment_id, is_final=False)
        if not update.is_final:
            others = others.filter(period__starts_on__lt=update.period.starts_on)
        return others.newest_first()

    def after(self, update: "ProgressUpdate") -> "ProgressUpdateQuerySet":
        """Filter to later updates of its commitment, oldest first. The final one is the last."""
        if update.is_final:
            return self.none()
        later = Q(period__starts_on__gt=update.period.starts_on) | Q(is_final=True)
        return self.filter(later, commitment=update.commitment_id).order_by(
            "is_final", "period__starts_on"
        )

    def newest_first(self) -> "ProgressUpdateQuerySet":
        return self.order_by("-is_final", "-period__starts_on")


class ProgressUpdate(keys.KeyedRow, Reviewable):
    """A signatory's report on one period: a figure, its delivery, text and obstacles."""

    key = models.CharField(max_length=10, unique=True, default=partial(keys.new_key, "update"))
    commitment = models.ForeignKey(
        "charter.Commitment", on_delete=models.PROTECT, related_name="updates"
    )
    period = models.ForeignKey(
        "reporting.ReportingPeriod", on_delete=models.PROTECT, related_name="updates"
    )
    is_final = models.BooleanField(
        default=False, help_text="The last one: it says whether the commitment was met"
    )
    nothing_changed = models.BooleanField(default=False)
    # The value to date; the value of the period is computed from the previous update.
    value = models.DecimalField(max_digits=14, decimal_places=3, null=True, blank=True)
    percentage_of = models.DecimalField(
        max_digits=14, decimal_places=3, null=True, blank=True, help_text="What a percentage is of"
    )
    not_measured_reason = models.CharField(max_length=500, blank=True)
    self_assessment = models.CharField(
        max_length=20, choices=choices_of(Delivery.self_assessments())
    )
    narrative = models.TextField(max_length=10_000, blank=True)
    obstacles = models.TextField(max_length=10_000, blank=True)
    lessons = models.TextField(max_length=10_000, blank=True)
    sent_on_behalf_by = models.CharField(
        max_length=200, blank=True, help_text="The support body that sent it for the signatory"
    )
    draft_form_data = models.JSONField(
        default=dict, blank=True, help_text="What a draft's form holds, under every answer"
    )
    drafted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True)
    drafted_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(
        default=1, help_text="Counts savings; a stale form is refused"
    )
    returned_on = models.DateField(
        null=True, blank=True, help_text="The day of the latest return, while it is returned"
    )

    objects = ProgressUpdateQuerySet.as_manager()

    class Meta:
        # For lapse_returned in actions/returned_updates.py.
        indexes = [
            models.Index("returned_on", condition=Q(status="returned"), name="update_returned")
        ]
        constraints = [
            models.UniqueConstraint("period", "is_final", name="update_once_for_period"),
            models.CheckConstraint(
                name="update_sent_has_its_time",
                condition=Q(status="draft") | Q(submitted_at__isnull=False),
            ),
            models.CheckConstraint(
                name="update_published_has_its_time",
                condition=~Q(status="published") | Q(published_at__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.FSM(
                name="update_moves", field="status", transitions=trigger_moves(REVIEW_MOVES)
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} on {self.commitment_id}"

    @property
    def send_again_by(self) -> date | None:
        return self.returned_on + SEND_AGAIN_WITHIN if self.returned_on else None

    @property
    def writer(self) -> str:
        """Return the name of the draft's author, or "" if nothing has been saved.

        This is the person who saved it, or the colleague who used a link to it since.
        """
        if self.drafted_at is None:
            return ""
        used_links = self.period.delegations.filter(used_at__gte=self.drafted_at).order_by(
            "used_at"
        )
        colleague = used_links.last()
        return colleague.email if colleague else str(self.drafted_by)

    @property
    def in_short(self) -> str:
        """Return one line, such as "14 of 20 people, on track, nothing has changed"."""
        view = self.get_self_assessment_display().lower()
        repeated = "nothing has changed" if self.nothing_changed else ""
        return ", ".join(filter(None, [self.figure, view, repeated]))

    @property
    def figure(self) -> str:
        """Return its figure with the target, such as "14 of 20 people", or ""."""
        measure, target = self.commitment.measure, self.commitment.target_value
        if self.value is None or measure is None:
            return ""
        item = {"unit": measure.unit, "unit_label": measure.unit_label}
        return figure_text(self.value, target, item=item, direction=measure.direction)

    @property
    def is_decided_by_figure(self) -> bool:
        """Return True if its figure decides whether the commitment was met; yes or no is one too.

        Only the final update decides that. Without a number, its author says so.
        """
        has_number = self.commitment.measure_id is not None
        return self.is_final and has_number and self.commitment.target_value is not None

    @property
    def has_result(self) -> bool:
        """Return True if it says what happened, which someone who was helped can confirm."""
        return bool(self.figure or self.narrative)


class SuccessQuerySet(ReviewableQuerySet["Success"]):
    authority_lookup = "signatory__charter__authority"


class Success(keys.KeyedRow, Reviewable):
    """A short dated account of a result, linked to commitments, with or without a figure."""

    key = models.CharField(max_length=10, unique=True, default=partial(keys.new_key, "success"))
    signatory = models.ForeignKey(
        "charter.Signatory", on_delete=models.PROTECT, related_name="successes"
    )
    commitments = models.ManyToManyField("charter.Commitment", related_name="successes")
    title = models.CharField(max_length=200)
    story = models.TextField(max_length=10_000)
    happened_from = models.DateField()
    happened_to = models.DateField(null=True, blank=True)
    area_codes = ArrayField(models.CharField(max_length=9), default=list, blank=True)
    people_consent = models.CharField(max_length=20, choices=PeopleConsent)

    objects = SuccessQuerySet.as_manager()

    class Meta:
        triggers = [
            pgtrigger.FSM(
                name="success_moves", field="status", transitions=trigger_moves(REVIEW_MOVES)
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.title}"
