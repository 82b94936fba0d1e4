"""The charter as data: its authority, edition, themes and measures."""

from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from charter.models.identified import Identified
from charter.models.people import User, looked_after_by
from charter.roles import usual_second_person_acts
from registry.log import keys
from registry.log.progress import has_starting_point
from registry.schema.code_lists import Cadence
from registry.schema.measure_codes import (
    Counts,
    Direction,
    EvidenceStrength,
    Nature,
    Unit,
    ValueType,
)


class AuthorityQuerySet(models.QuerySet["Authority"]):
    def for_staff(self, user: User) -> "AuthorityQuerySet":
        """Filter to the authorities where the user is staff."""
        return self.filter(looked_after_by(user, "pk"))


class Authority(Identified):
    """The council, or other body, in charge of a charter."""

    name = models.CharField(max_length=200)
    # The authority's own organisation, if it is a signatory: staff may be its members.
    organisation = models.ForeignKey(
        "charter.Organisation", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    org_id = models.CharField(max_length=60, blank=True, help_text="Such as GB-LAE-BIR")
    team = models.CharField(max_length=200, default="Charter team")
    contact_email = models.EmailField()
    telephone = models.CharField(max_length=40)
    postal_address = models.TextField()
    sender_address = models.EmailField(help_text="Email of the register comes from this address")
    reply_address = models.EmailField(help_text="A mailbox that a person reads")

    objects = AuthorityQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class CharterQuerySet(models.QuerySet["Charter"]):
    def for_staff(self, user: User) -> "CharterQuerySet":
        """Filter to the charters of authorities where the user is staff."""
        return self.filter(looked_after_by(user, "authority"))

    def newest_editions(self) -> "CharterQuerySet":
        """Filter to the newest edition of each charter, by title."""
        editions = self.order_by("authority", "title", "-valid_from", "-pk")
        newest = editions.distinct("authority", "title").values("pk")
        return self.filter(pk__in=newest).order_by("title", "pk")

    def joinable(self, day: date) -> "CharterQuerySet":
        """Filter to the newest edition of each charter that has not ended on a day."""
        return self.filter(Q(valid_to=None) | Q(valid_to__gte=day)).newest_editions()


class Charter(keys.KeyedRow):
    """A dated edition of the charter. A new edition is a new row."""

    key = models.CharField(max_length=10, unique=True, default=partial(keys.new_key, "charter"))
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="charters")
    title = models.CharField(max_length=200)
    description = models.TextField()
    edition = models.CharField(max_length=40)
    document_url = models.URLField(blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    # [{"code", "title", "threshold": {"amount", "currency"} or absent}]
    tiers = models.JSONField(default=list, blank=True)
    # The schedule of updates and the consequences of missing one, in days from the due date.
    default_cadence = models.CharField(max_length=20, choices=Cadence, default=Cadence.YEARLY)
    reminder_days = ArrayField(models.SmallIntegerField(), default=list)
    overdue_after_days = models.PositiveSmallIntegerField(default=30)
    silent_after_days = models.PositiveSmallIntegerField(default=90)
    final_update_days = models.PositiveSmallIntegerField(
        default=30,
        help_text="From the deadline of a commitment to the due date of its final update",
    )
    accreditation_months = models.PositiveSmallIntegerField(default=24)
    # Names of permissions: what one person proposes and a second one agrees to.
    second_person_acts = ArrayField(
        models.CharField(max_length=40), default=usual_second_person_acts, blank=True
    )

    objects = CharterQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="charter_silent_after_overdue",
                condition=models.Q(silent_after_days__gt=models.F("overdue_after_days")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.edition})"

    def accredited_until(self, start: date) -> date:
        """Return the last day of an accreditation that starts on `start`."""
        months = start.year * 12 + start.month - 1 + self.accreditation_months
        year, month = divmod(months, 12)
        day = min(start.day, monthrange(year, month + 1)[1])
        return date(year, month + 1, day) - timedelta(days=1)


def labels_in_charters(rows: Iterable[tuple[str, str, Charter]]) -> list[tuple[str, str]]:
    """Return choices from (key, label, charter), which name the charter if there are several."""
    rows = list(rows)
    if len({charter.pk for _, _, charter in rows}) < 2:
        return [(key, label) for key, label, _ in rows]
    return [(key, f"{label} ({charter.title})") for key, label, charter in rows]


class ThemeQuerySet(models.QuerySet["Theme"]):
    def for_staff(self, user: User) -> "ThemeQuerySet":
        """Filter to themes of charters that the user looks after."""
        return self.filter(looked_after_by(user, "charter__authority"))

    def labels(self) -> list[tuple[str, str]]:
        """Return key and title of each in order, and its charter if there are several."""
        themes = self.select_related("charter").order_by("charter", "position")
        return labels_in_charters((theme.key, theme.title, theme.charter) for theme in themes)


class Theme(keys.KeyedRow):
    key = models.CharField(max_length=10, unique=True, default=partial(keys.new_key, "theme"))
    charter = models.ForeignKey(Charter, on_delete=models.PROTECT, related_name="themes")
    code = models.SlugField(max_length=60)
    title = models.CharField(max_length=100)
    description = models.TextField()
    position = models.PositiveSmallIntegerField()
    valid_from = models.DateField()

    objects = ThemeQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint("charter", "code", name="theme_once_in_a_charter")]

    def __str__(self) -> str:
        return self.title


class Measure(keys.KeyedRow):
    """A defined quantity with unit and rules. A measure in use is replaced, never changed."""

    key = models.CharField(max_length=10, unique=True, default=partial(keys.new_key, "measure"))
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="measures")
    code = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    definition = models.TextField(help_text="What to count")
    not_counted = models.TextField(blank=True, help_text="What not to count")
    nature = models.CharField(max_length=10, choices=Nature)
    unit = models.CharField(max_length=20, choices=Unit)
    unit_label = models.CharField(max_length=60)
    usual_evidence = models.CharField(max_length=200)
    evidence_strength = models.CharField(max_length=20, choices=EvidenceStrength, blank=True)
    counts = models.CharField(max_length=20, choices=Counts)
    counts_reason = models.CharField(max_length=200)
    may_be_negative = models.BooleanField(default=False)
    direction = models.CharField(max_length=10, choices=Direction)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint("theme", "code", "valid_from", name="measure_once_a_date")
        ]

    def __str__(self) -> str:
        return self.title

    def value_problem(self, value: Decimal) -> str:
        """Return why the measure rejects a value, or "" if it is valid."""
        if value < 0 and not self.may_be_negative:
            return "It cannot be less than 0"
        if self.unit == Unit.PERCENT and self.unit_label.startswith("% of") and value > 100:
            return f"It cannot be more than 100: it is a share, {self.unit_label}"
        if self.unit == Unit.COUNT and value % 1:
            return f"Give a whole number: {self.unit_label} cannot be counted in parts"
        return ""

    @property
    def has_starting_point(self) -> bool:
        """Return True if progress is measured from a starting point other than zero."""
        return has_starting_point(self.value_type, self.counts)

    @property
    def value_type(self) -> ValueType:
        return Unit.from_code(self.unit).value_type
