"""What someone read before they confirmed it.

A page shows what an action would do, and its form holds a digest of that in `seen_digest`. The
action makes the digest again under its lock: if the two differ, nothing is done.
"""

import hashlib
import json
from typing import Any

from charter.errors import ChangedSinceReadError


def make_digest(content: Any) -> str:
    """Return the digest of what a page shows: lists, dictionaries and texts."""
    text = json.dumps(content, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def check_digest(digest: str, seen_digest: str) -> None:
    """Raise ChangedSinceReadError unless what is there now is what was read."""
    if digest != seen_digest:
        raise ChangedSinceReadError
