"""The council's own sign-in, out of two settings."""

from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def staff_provider(
    address: str, domain: str, *, in_clear: bool
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return where people of the council sign in with the account that they have at work, as
    allauth takes it, and its origin.

    The address is that of an OpenID Connect issuer: https://client:secret@host/path. It vouches for
    addresses of the domain, also where it does not say that they are verified.
    """
    if not address:
        return [], []
    parts = urlsplit(address)
    schemes = ["https", "http"] if in_clear else ["https"]
    if parts.scheme not in schemes or not (parts.username and parts.password):
        raise ImproperlyConfigured("STAFF_SIGN_IN_URL must look like https://client:secret@host.")
    origin = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    app = {
        "provider_id": "staff",
        "name": "the council",
        "client_id": unquote(parts.username),
        "secret": unquote(parts.password),
        "settings": {
            "server_url": f"{origin}{parts.path.rstrip('/')}",
            "verified_email": [domain] if domain else False,
            "oauth_pkce_enabled": True,
        },
    }
    return [app], [origin]
