"""Keep a spreadsheet until its owner has looked through it, and no longer."""

from django.core.files.uploadedfile import UploadedFile

from charter.models import Upload, User
from registry import clock


def store_upload(*, by: User, purpose: str, file: UploadedFile, content: bytes) -> Upload:
    """Keep a file until it is saved, or for a day."""
    return Upload.objects.create(
        user=by,
        purpose=purpose,
        name=(file.name or "file")[:200],
        content=content,
        created_at=clock.now(),
    )


def delete_old_uploads() -> int:
    """Delete what is older than a day; return how many rows went."""
    deleted, _ = Upload.objects.past_retention().delete()
    return deleted


def mark_as_applied(upload: Upload, *, outcome: str) -> None:
    """Note what came of a file and forget what stood in it; before anything is published."""
    upload.applied_at = clock.now()
    upload.outcome = outcome
    upload.content = b""
    upload.save()
