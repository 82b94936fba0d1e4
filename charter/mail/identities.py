"""What identifies an email: a key for its cause, and a Message-ID.

Neither contains a row number. A restored database gives row numbers out again, so the ledger would
take a new email for one that was sent, and a copy of the register would send Message-IDs twice.
"""

import uuid

from charter.mail import rendering
from charter.models import Authority


def new_key(kind: str) -> str:
    """Return a key for an email whose cause happens once, such as an act of a person."""
    return f"{kind}:{uuid.uuid4()}"


def new_message_id(authority: Authority | None = None) -> str:
    """Return a Message-ID. It stays with its message, so two copies of an email can be seen."""
    domain = rendering.sender_details(authority)["sender_address"].partition("@")[2]
    return f"<{uuid.uuid4().hex}@{domain}>"
