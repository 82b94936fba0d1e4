"""Evidence of updates and successes: files are scanned and cleaned before anything is stored."""

import hashlib
import logging
import subprocess
import sys
from collections.abc import Collection, Sequence
from threading import Lock
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from registry import evidence
from registry.photograph_sizes import size_names
from reporting.errors import EvidenceStorageError
from reporting.evidence import erasing, virus_scan
from reporting.evidence.packing import unpack_file
from reporting.evidence.rules import MAX_BYTES, CleanFile, RefusedFileError
from reporting.models import Evidence, ProgressUpdate, Success

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 30
# A form with one file.
MAX_REQUEST_BYTES = MAX_BYTES + 2 * 1024 * 1024

# One lock in each web process, so that many uploads do not fill the memory.
_cleaning_lock = Lock()


class BoundedUploadHandler(FileUploadHandler):
    """Rejects a body larger than any of our forms before a byte is stored."""

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *rest: Any) -> None:
        if content_length > MAX_REQUEST_BYTES:
            raise RequestDataTooBig("The file is larger than 10 MB.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


def clean_upload(upload: UploadedFile) -> CleanFile:
    """Return the cleaned upload; raise RefusedFileError with a message for people.

    The file is read in a separate process with bounded memory and time.
    """
    if (upload.size or 0) > MAX_BYTES:
        raise RefusedFileError("The file is larger than 10 MB.")
    content = upload.read()
    virus_scan.scan_file(content)
    command = [sys.executable, "-m", "reporting.evidence.cleaning"]
    try:
        with _cleaning_lock:
            process = subprocess.run(  # noqa: S603 the command is ours, the file is its input
                command,
                input=content,
                capture_output=True,
                timeout=TIMEOUT_SECONDS,
                cwd=settings.BASE_DIR,
            )
    except subprocess.TimeoutExpired as error:
        raise RefusedFileError("The file takes too long to read.") from error
    if process.returncode:
        raise RefusedFileError("The file cannot be read: it is damaged, or larger than it looks.")
    return unpack_file(process.stdout)


def evidence_fields(clean: CleanFile, reference: Any) -> dict[str, Any]:
    """Return the evidence fields for a cleaned file, named by the evidence's reference."""
    return {
        "file": ContentFile(
            clean.content, name=f"{reference}{evidence.SUFFIXES[clean.media_type]}"
        ),
        "media_type": clean.media_type,
        "bytes": len(clean.content),
        "sha256": hashlib.sha256(clean.content).hexdigest(),
        "pages": clean.pages,
        "width": clean.width,
        "height": clean.height,
    }


def add_evidence(
    submission: ProgressUpdate | Success, evidence_items: Sequence[dict[str, Any]]
) -> None:
    """Add evidence items, each reference once and only cleaned files.

    `sizes` of an item are those of a photograph that may be shown. Raise EvidenceStorageError if a
    file cannot be stored; no part of it is kept.
    """
    for item in evidence_items:
        sizes = item.get("sizes", {})
        try:
            piece = submission.evidence.create(
                **{name: value for name, value in item.items() if name != "sizes"}
            )
            for size, name in size_names(str(piece.file)).items():
                if size in sizes:
                    evidence.file_storage().save(name, ContentFile(sizes[size]))
        except OSError as error:
            erasing.delete_stored(evidence.stored_name(item["reference"], item["media_type"]))
            logger.exception("The file of evidence %s was not kept", item["reference"])
            raise EvidenceStorageError(
                "We cannot keep the file at the moment. Try again later, or go on without it."
            ) from error


def remove_evidence(
    submission: ProgressUpdate | Success, references: Collection[str | UUID]
) -> None:
    """Remove evidence of an unsent submission, and erase its files."""
    if not references:
        return
    removed_items = list(submission.evidence.filter(reference__in=references))
    for item in removed_items:
        if item.file:
            erasing.erase_file(str(item.file))
    Evidence.objects.filter(pk__in=[item.pk for item in removed_items]).delete()
