"""Successes as lists find them.

Only `registry/log/listed_successes.py` writes this table, from the records; `rebuild_records` makes
it again.
"""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models.functions import Upper

from registry.models.log import Record


class ListedSuccessQuerySet(models.QuerySet["ListedSuccess"]):
    def live(self) -> "ListedSuccessQuerySet":
        return self.filter(status=Record.Status.LIVE)


class ListedSuccess(models.Model):
    """A success in the columns by which lists filter and search, and no others."""

    key = models.CharField(max_length=10, primary_key=True)
    first_entry = models.PositiveBigIntegerField()
    status = models.CharField(max_length=10, choices=Record.Status)
    signatory = models.CharField(max_length=10, blank=True)
    name = models.TextField(blank=True)
    search = SearchVectorField(help_text="Its words, as `search_vectors.py` weighs them")
    tags = ArrayField(
        models.TextField(),
        help_text="What it is filtered by: its commitments, their themes, places with all that "
        "they are in",
    )

    objects = ListedSuccessQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index("first_entry", name="success_newest"),
            models.Index("signatory", "first_entry", name="success_signatory"),
            GinIndex("tags", name="success_tags", fastupdate=False),
            GinIndex("search", name="success_search", fastupdate=False),
            GinIndex(
                OpClass(Upper("name"), name="gin_trgm_ops"),
                name="success_name_trigrams",
                fastupdate=False,
            ),
        ]

    def __str__(self) -> str:
        return self.key
