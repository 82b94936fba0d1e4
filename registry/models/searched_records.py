"""Records that have no list of their own to be found in, as a search finds them.

Only `registry/log/searched_records.py` writes this table, from the records; `rebuild_records` makes
it again.
"""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from registry.models.listed_successes import ListedSuccess
from registry.models.listing import ListedCommitment
from registry.schema import kinds

# Commitments and successes are searched in the narrow rows by which they are also filtered.
OWN_TABLES = {
    "commitment": ListedCommitment._meta.db_table,
    "success": ListedSuccess._meta.db_table,
}
KINDS = tuple(kind for kind in kinds.SEARCHED_KINDS if kind not in OWN_TABLES)


class SearchedRecord(models.Model):
    """A signatory, theme, measure or update that is not removed, with its words and no others."""

    key = models.CharField(max_length=10, primary_key=True)
    kind = models.CharField(max_length=20)
    first_entry = models.PositiveBigIntegerField()
    name = models.TextField(blank=True, help_text="All its names, each on a line")
    search = SearchVectorField(help_text="Its own words, as `search_vectors.py` weighs them")

    class Meta:
        indexes = [
            # The words of one kind: most of an update's are those of another one, too.
            *(
                GinIndex(
                    "search", name=f"searched_{kind}", condition=Q(kind=kind), fastupdate=False
                )
                for kind in KINDS
            ),
            GinIndex(
                OpClass(Upper("name"), name="gin_trgm_ops"),
                name="searched_name_trigrams",
                fastupdate=False,
            ),
        ]

    def __str__(self) -> str:
        return self.key
