"""Store an uploaded spreadsheet until its owner has reviewed it, and no longer."""

from django.core.files.uploadedfile import UploadedFile

from charter import acts, permissions
from charter.models import Charter, Upload, User
from registry import clock


@acts.act("spreadsheet.upload")
def store_upload(
    *,
    by: User,
    purpose: str,
    file: UploadedFile,
    content: bytes,
    charter: Charter | None = None,
) -> Upload:
    """Store a file until it has been applied, or for a day."""
    permissions.check_anywhere(by, "spreadsheet.upload")
    return Upload.objects.create(
        user=by,
        purpose=purpose,
        charter=charter,
        name=(file.name or "file")[:200],
        content=content,
        created_at=clock.now(),
    )


def delete_old_uploads() -> int:
    """Delete uploads older than a day; return the number of rows."""
    count, _ = Upload.objects.past_retention().delete()
    return count


def mark_as_applied(upload: Upload, *, outcome: str) -> None:
    """Record the outcome of a file and delete its content.

    Call this before anything is published: the log's lock is always taken last.
    """
    upload.applied_at = clock.now()
    upload.outcome = outcome
    upload.content = b""
    upload.save()
