"""A digest of code and templates. It is part of every ETag, because both change pages."""

import hashlib
from functools import cache

from django.conf import settings

FOLDERS = ("registry", "charter", "reporting", "templates")
SUFFIXES = {".py", ".html", ".txt", ".css", ".js", ".svg", ".csv"}


@cache
def release_digest() -> str:
    """Return the first twelve digits of the digest. Files are read once per process."""
    content = hashlib.sha256()
    for folder in FOLDERS:
        for path in sorted((settings.BASE_DIR / folder).rglob("*")):
            if path.suffix in SUFFIXES and "node_modules" not in path.parts:
                content.update(
                    path.relative_to(settings.BASE_DIR).as_posix().encode()
                    + b"\0"
                    + path.read_bytes()
                )
    return content.hexdigest()[:12]
