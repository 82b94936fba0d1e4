"""Give evidence with news and stories, and take it away again before they are sent."""

from collections.abc import Collection, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from registry import evidence
from reporting.models import Evidence, ProgressUpdate, Success


def give(news: ProgressUpdate | Success, pieces: Sequence[dict[str, Any]]) -> None:
    """Add pieces: of the same reference only once, of files only what was cleaned."""
    for piece in pieces:
        news.evidence.create(**piece)


def take_away(news: ProgressUpdate | Success, references: Collection[str | UUID]) -> None:
    """Remove pieces of what was not sent yet; their files go when that is certain."""
    removed = list(news.evidence.filter(reference__in=references))
    for piece in removed:
        if piece.file:
            transaction.on_commit(partial(evidence.storage().delete, str(piece.file)))
    Evidence.objects.filter(pk__in=[piece.pk for piece in removed]).delete()
