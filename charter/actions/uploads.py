"""Keep a spreadsheet until its owner has looked through it, and no longer."""

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction

from charter.models import Upload, User
from registry import clock


@transaction.atomic
def keep(*, by: User, purpose: str, file: UploadedFile, content: bytes) -> Upload:
    """Keep a file for a day; what is older goes."""
    Upload.objects.forgotten().delete()
    return Upload.objects.create(
        user=by,
        purpose=purpose,
        name=(file.name or "file")[:200],
        content=content,
        created_at=clock.now(),
    )


def close(upload: Upload, *, outcome: str) -> None:
    """Note what came of a file and forget what stood in it; before anything is published."""
    upload.applied_at = clock.now()
    upload.outcome = outcome
    upload.content = b""
    upload.save()
