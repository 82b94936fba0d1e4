"""Add evidence to updates and successes, and remove it before they are sent."""

import logging
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction

from registry import evidence
from reporting.errors import EvidenceStorageError
from reporting.models import Evidence, ProgressUpdate, Success

logger = logging.getLogger(__name__)


def add_evidence(
    submission: ProgressUpdate | Success, evidence_items: Sequence[dict[str, Any]]
) -> None:
    """Add evidence items, each reference once and only cleaned files.

    Raise EvidenceStorageError if a file cannot be stored; no part of it is kept.
    """
    for item in evidence_items:
        try:
            submission.evidence.create(**item)
        except OSError as error:
            name = evidence.stored_name(item["reference"], item["media_type"])
            evidence.file_storage().delete(name)
            logger.exception("The file of evidence %s was not kept", item["reference"])
            raise EvidenceStorageError(
                "We cannot keep the file at the moment. Try again later, or go on without it."
            ) from error


def remove_evidence(
    submission: ProgressUpdate | Success, references: Collection[str | UUID]
) -> None:
    """Remove evidence of an unsent submission; files are deleted on commit."""
    if not references:
        return
    removed_items = list(submission.evidence.filter(reference__in=references))
    for item in removed_items:
        if item.file:
            transaction.on_commit(partial(evidence.file_storage().delete, str(item.file)))
    Evidence.objects.filter(pk__in=[item.pk for item in removed_items]).delete()
