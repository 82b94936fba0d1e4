"""Token links: each opens one form for anyone who has it, for 21 days, without signing in.

Only the hash of a token is stored. Submitting the form uses it up; opening it does not, because
email scanners open every link.
"""

import hashlib
import secrets
from datetime import timedelta

VALID_FOR = timedelta(days=21)


def new_token() -> str:
    return secrets.token_urlsafe(32)


def hash_token(token: str) -> str:
    """Return the hash stored for a token."""
    return hashlib.sha256(token.encode()).hexdigest()
