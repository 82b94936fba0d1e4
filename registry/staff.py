"""The council's single sign-on, configured by two settings."""

from typing import Any
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def staff_provider(
    address: str, domain: str, *, allow_http: bool
) -> tuple[list[dict[str, Any]], list[str]]:
    """Return allauth's configuration of the council's identity provider, and its origin.

    `address` is an OpenID Connect issuer: https://client:secret@host/path. Email addresses in
    `domain` count as verified even if the provider does not say so. With `allow_http`, http is
    allowed as well. Raise ImproperlyConfigured for any other address.
    """
    if not address:
        return [], []
    parts = urlsplit(address)
    schemes = ["https", "http"] if allow_http else ["https"]
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
