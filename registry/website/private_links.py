"""The links from public pages to the private side, by route name.

The registry imports nothing from the private packages and knows only these route names;
tests/test_layout.py refuses any other private route in a public template.
"""

from django.urls import reverse

ROUTES = {
    "sign_in": "account_login",
    "who_should_sign": "joining:applies",
    "your_commitments": "business:home",
    "make_commitment": "business:commitment_new",
    "follow": "following:follow",
    "report_error": "error_reports:report",
}


def private_url(name: str) -> str:
    """Return the address of a link of ROUTES. Raise KeyError for any other name."""
    return reverse(ROUTES[name])
