"""Give evidence with updates and stories, and take it away again before they are sent."""

import logging
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from registry import evidence
from reporting.errors import EvidenceStorageError
from reporting.models import Evidence, ProgressUpdate, Success

log = logging.getLogger(__name__)


def add_evidence(submission: ProgressUpdate | Success, pieces: Sequence[dict[str, Any]]) -> None:
    """Add pieces: of the same reference only once, of files only what was cleaned.

    Raise NoRoomError if the disk does not take a file; then no half of it stays.
    """
    for piece in pieces:
        try:
            submission.evidence.create(**piece)
        except OSError as error:
            name = evidence.stored_name(piece["reference"], piece["media_type"])
            evidence.file_storage().delete(name)
            log.exception("The file of evidence %s was not kept", piece["reference"])
            raise EvidenceStorageError(
                "We cannot keep the file at the moment. Try again later, or go on without it."
            ) from error


def remove_evidence(
    submission: ProgressUpdate | Success, references: Collection[str | UUID]
) -> None:
    """Remove pieces of what was not sent yet; their files go when that is certain."""
    if not references:
        return
    removed = list(submission.evidence.filter(reference__in=references))
    for piece in removed:
        if piece.file:
            transaction.on_commit(partial(evidence.file_storage().delete, str(piece.file)))
    Evidence.objects.filter(pk__in=[piece.pk for piece in removed]).delete()
