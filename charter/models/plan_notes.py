"""The council's notes on planned evidence, for anyone planning similar evidence."""

from django.db import models

from charter.models.charters import Measure


class PlanNoteQuerySet(models.QuerySet["PlanNote"]):
    def for_measure(self, measure: Measure) -> "PlanNoteQuerySet":
        """Return notes on commitments with this measure, newest first."""
        notes = self.filter(commitment__measure=measure).select_related("commitment")
        return notes.order_by("-noted_on", "-pk")


class PlanNote(models.Model):
    """A note on how useful a commitment's planned evidence was. Writers see it without names."""

    class Usefulness(models.TextChoices):
        USEFUL = "useful", "Useful"
        PARTLY = "partly", "Useful in part"
        NOT = "not", "Of little use"

    commitment = models.OneToOneField(
        "charter.Commitment", on_delete=models.PROTECT, related_name="plan_note"
    )
    proved = models.CharField(max_length=10, choices=Usefulness)
    comments = models.CharField(max_length=300)
    noted_by = models.ForeignKey("charter.User", on_delete=models.PROTECT, related_name="+")
    noted_on = models.DateField()

    objects = PlanNoteQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.get_proved_display()}: {self.comments}"
