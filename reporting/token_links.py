"""Links with a token: each opens one form for whoever has it, for 21 days, and signs nobody in.

Of the token only the hash is kept. It is used up by sending the form and never by looking, since
scanners of email open every link.
"""

import hashlib
import secrets
from datetime import timedelta

VALID_FOR = timedelta(days=21)
UNKNOWN_LINK_MESSAGE = "This link is not one of ours. Check that you copied all of it."


def new_token() -> str:
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()
