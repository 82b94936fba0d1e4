"""Links in emails that name a row by its signed identity. They work as long as the row waits."""

from django.conf import settings
from django.core import signing
from django.urls import reverse

from charter.errors import ClosedLinkError
from charter.models.identified import Identified

UNKNOWN_LINK_MESSAGE = "This link is not valid. Check you copied all of it."


def make_link(view: str, row: Identified) -> str:
    """Return the address by which a view finds a row."""
    token = signing.dumps(str(row.identity), salt=view)
    return f"{settings.PUBLIC_URL}{reverse(view, args=[token])}"


def read_identity(view: str, token: str) -> str:
    """Return the identity in the token of a view's link. Raise ClosedLinkError without one."""
    try:
        return str(signing.loads(token, salt=view))
    except signing.BadSignature:
        raise ClosedLinkError(UNKNOWN_LINK_MESSAGE) from None
