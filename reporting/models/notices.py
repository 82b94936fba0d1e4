"""Public notices by the council: letters to silent signatories, and monthly figures."""

from functools import partial

from django.db import models
from django.db.models import Q

from registry.log import keys
from reporting.models.periods import ReportingPeriod


class Letter(keys.KeyedRow):
    """A public letter from the council, in fixed words, about a silent period."""

    key = models.CharField(max_length=10, unique=True, default=partial(keys.new_key, "notice"))
    period = models.OneToOneField(ReportingPeriod, on_delete=models.PROTECT, related_name="letter")
    text = models.TextField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey("charter.User", on_delete=models.PROTECT, related_name="+")
    # The signatory's only reply, published with the letter.
    answer = models.TextField(max_length=2_000, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        "charter.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="letter_answer_has_its_time",
                condition=Q(answer="", answered_at=None)
                | ~Q(answer="") & Q(answered_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.key} about {self.period_id}"


class MonthlyFigures(keys.KeyedRow):
    """A month for which the council published figures about its own work."""

    key = models.CharField(max_length=10, unique=True, default=partial(keys.new_key, "notice"))
    charter = models.ForeignKey(
        "charter.Charter", on_delete=models.PROTECT, related_name="monthly_figures"
    )
    month = models.DateField(help_text="Its first day")
    published_on = models.DateField()

    class Meta:
        constraints = [models.UniqueConstraint("charter", "month", name="figures_once_a_month")]

    def __str__(self) -> str:
        return f"{self.charter_id} {self.month:%Y-%m}"
