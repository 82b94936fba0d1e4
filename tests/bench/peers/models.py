"""The same register as most teams would model it: one table for each kind, indexes on filters."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models


class Organisation(models.Model):
    key = models.SlugField(unique=True)
    name = models.CharField(max_length=200)
    sector = models.CharField(max_length=1)
    size = models.CharField(max_length=10)
    ward = models.CharField(max_length=9)
    website = models.URLField()
    joined = models.DateField()

    def __str__(self) -> str:
        return self.name


class Commitment(models.Model):
    key = models.SlugField(unique=True)
    organisation = models.ForeignKey(Organisation, models.CASCADE)
    theme = models.CharField(max_length=10, db_index=True)
    measure = models.CharField(max_length=10)
    unit = models.CharField(max_length=20)
    target = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    baseline = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    start = models.DateField()
    due = models.DateField(db_index=True)
    ward = models.CharField(max_length=9, db_index=True)
    sector = models.CharField(max_length=1, db_index=True)
    status = models.CharField(max_length=20, db_index=True)
    title = models.CharField(max_length=200)
    description = models.TextField()
    published_at = models.DateTimeField(db_index=True)
    # Only the peer with full-text search reads it.
    search = models.GeneratedField(
        expression=SearchVector("title", "description", config="english"),
        output_field=SearchVectorField(),
        db_persist=True,
    )

    class Meta:
        indexes = [GinIndex("search", name="commitment_search")]

    def __str__(self) -> str:
        return self.title


class Update(models.Model):
    commitment = models.ForeignKey(Commitment, models.CASCADE, related_name="updates")
    period = models.DateField()
    value = models.DecimalField(max_digits=14, decimal_places=3, null=True)
    narrative = models.TextField()
    recorded_on = models.DateField()

    class Meta:
        unique_together = [("commitment", "period")]

    def __str__(self) -> str:
        return f"{self.commitment_id} {self.period}"


class Success(models.Model):
    commitment = models.ForeignKey(Commitment, models.CASCADE, related_name="successes")
    title = models.CharField(max_length=200)
    story = models.TextField()
    happened_on = models.DateField()

    def __str__(self) -> str:
        return self.title
