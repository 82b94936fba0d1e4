"""Rows with an identity that no restored database gives out again, as it does with row numbers."""

import uuid

from django.db import models


class Identified(models.Model):
    """A row that emails and signed links name by a random id."""

    identity = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True
