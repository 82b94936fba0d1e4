"""Files given as evidence: where they lie, and how they are given out so that nothing in them runs.

They lie behind Django's storage API under a random name. The public gets what an item names.
"""

from uuid import UUID

from django.core.files.storage import Storage, storages
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from registry.models import Record

SUFFIXES = {"application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png"}


def file_storage() -> Storage:
    return storages["evidence"]


def stored_name(reference: UUID | str, media_type: str) -> str:
    """Return the name of a file in the storage: its random reference, never what somebody typed."""
    return f"{str(reference)[:2]}/{reference}{SUFFIXES[media_type]}"


@csrf_exempt  # nothing but reading is possible
@require_safe
def public_file(request: HttpRequest, key: str, reference: UUID) -> HttpResponse:
    """Give out a file that the latest public version of an update or success names."""
    record = Record.objects.filter(pk=key, kind__in=["update", "success"]).first()
    evidence = (record.item or {}).get("evidence", []) if record else []
    file = next((thing.get("file") for thing in evidence if thing["id"] == str(reference)), None)
    if file is None:
        raise Http404("No public evidence has this address.")
    response = serve_file(stored_name(reference, file["media_type"]), file["media_type"])
    response["ETag"] = f'"{file["sha256"]}"'
    # Always asked for anew, so that a redaction is gone at once.
    patch_cache_control(response, no_cache=True)
    return response


def serve_file(name: str, media_type: str) -> HttpResponse:
    """Return a stored file as one to keep: browsers neither show it as a page nor run it."""
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
