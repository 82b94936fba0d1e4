"""Storage, serving and checking of evidence files; browsers never run them.

They are stored under random names through Django's storage API. Only files referenced by a public
item are served. A photograph that may be shown is also kept in the sizes in which pages show it.
"""

import hashlib
import logging
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.core.files.storage import Storage, storages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from registry import photograph_sizes
from registry.log.snapshot import public_snapshot
from registry.log.verifying import Fault
from registry.models import Record
from registry.schema import kinds

log = logging.getLogger(__name__)

KINDS_WITH_EVIDENCE = [
    kind for kind in kinds.KINDS if "evidence" in kinds.item_serializer(kind).fields
]
SUFFIXES = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}
NOT_PUBLIC = "No public evidence has this address."


def file_storage() -> Storage:
    return storages["evidence"]


def stored_name(reference: UUID | str, media_type: str) -> str:
    """Return the storage name of a file: its random reference, never user input."""
    return f"{str(reference)[:2]}/{reference}{SUFFIXES[media_type]}"


@csrf_exempt  # the view only reads
@require_safe
def public_file(request: HttpRequest, key: str, reference: UUID) -> HttpResponse:
    """Serve evidence referenced by the latest public version of a record, such as an update."""
    file = _find_public_piece(key, reference).get("file")
    if file is None:
        raise Http404(NOT_PUBLIC)
    name = stored_name(reference, file["media_type"])
    return _serve_public(request, name, file["media_type"], f'"{file["sha256"]}"')


@csrf_exempt  # the view only reads
@require_safe
def public_size(request: HttpRequest, key: str, reference: UUID, size: str) -> HttpResponse:
    """Serve a size of a photograph: as long as the photograph itself, and not without it."""
    piece = _find_public_piece(key, reference)
    if size not in photograph_sizes.shown_sizes(piece):
        raise Http404(NOT_PUBLIC)
    file = piece["file"]
    name = photograph_sizes.size_names(stored_name(reference, file["media_type"]))[size]
    media_type = photograph_sizes.media_type_of(size)
    return _serve_public(request, name, media_type, f'"{file["sha256"]}-{size}"')


def _find_public_piece(key: str, reference: UUID) -> dict[str, Any]:
    """Return evidence as the latest public version of a record has it. One query."""
    with public_snapshot():
        record = Record.objects.filter(pk=key, kind__in=KINDS_WITH_EVIDENCE).first()
    evidence = (record.item or {}).get("evidence", []) if record else []
    piece = next((piece for piece in evidence if piece["id"] == str(reference)), None)
    if piece is None:
        raise Http404(NOT_PUBLIC)
    return piece


def _serve_public(request: HttpRequest, name: str, media_type: str, etag: str) -> HttpResponse:
    unchanged = get_conditional_response(request, etag=etag)
    response = unchanged or serve_file(name, media_type)
    response["ETag"] = etag
    # Caches must revalidate every time, so that a redacted file disappears at once.
    patch_cache_control(response, public=True, no_cache=True)
    return response


def serve_file(name: str, media_type: str) -> HttpResponse:
    """Serve a stored file as a download, which browsers neither display as a page nor run.

    Raise Http404 if the file is missing.
    """
    try:
        with file_storage().open(name) as file:
            response = HttpResponse(file.read(), content_type=media_type)  # 10 MB at most
    except FileNotFoundError as error:
        raise Http404("The file is gone.") from error
    download_name = name.rpartition("/")[2]
    response["Content-Disposition"] = f'attachment; filename="{download_name}"'
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def find_file_faults() -> Iterator[Fault]:
    """Yield each public file that is missing, cannot be read, or is not the published one."""
    for record in Record.objects.filter(kind__in=KINDS_WITH_EVIDENCE).iterator():
        for piece in (record.item or {}).get("evidence", []):
            file = piece.get("file")
            if file and (problem := _file_problem(piece["id"], file)):
                name = stored_name(piece["id"], file["media_type"])
                yield Fault(record.entry, f"the file {name} of {record.key} {problem}")
            for name in _missing_sizes(piece):
                yield Fault(record.entry, f"the file {name} of {record.key} is missing")


def _missing_sizes(piece: dict[str, Any]) -> Iterator[str]:
    sizes = photograph_sizes.shown_sizes(piece)
    if not sizes:
        return
    names = photograph_sizes.size_names(stored_name(piece["id"], piece["file"]["media_type"]))
    yield from (names[size] for size in sizes if not file_storage().exists(names[size]))


def _file_problem(reference: str, file: dict[str, Any]) -> str:
    try:
        with file_storage().open(stored_name(reference, file["media_type"])) as stored:
            digest = hashlib.sha256()
            for chunk in stored.chunks():
                digest.update(chunk)
    except FileNotFoundError:
        return "is missing"
    except Exception:  # Each store has errors of its own.
        log.exception("The file of evidence %s cannot be read", reference)
        return "cannot be read"
    return "" if digest.hexdigest() == file["sha256"] else "does not fit its published sha256"
