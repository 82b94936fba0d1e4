"""What an entry about a signatory, charter, theme or measure leaves to be folded, and to be known.

Only `registry/log/` writes these tables.
"""

from django.db import models


class StaleCommitment(models.Model):
    """A commitment that is still to be folded, since what it belongs to has changed.

    An edit of a charter may concern all commitments: log/refolding.py folds them one after another.
    """

    key = models.CharField(max_length=10, primary_key=True)

    def __str__(self) -> str:
        return self.key


class WideChange(models.Model):
    """An entry that changed what is shown of a charter, signatory, theme or measure.

    Commitments belong to these: their own entries do not tell when they changed. Written with the
    records, from `Record.changed_entries`; it answers for the past (log/as_of.py).
    """

    pk = models.CompositePrimaryKey("key", "entry")
    key = models.CharField(max_length=10)
    entry = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"{self.key} by {self.entry}"
