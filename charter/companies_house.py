"""Look up companies at Companies House if the council has set a key. For information only."""

import base64
import json
import logging
import urllib.error
import urllib.parse
import urllib.request
from http import HTTPStatus
from typing import Any

from django.conf import settings

from charter.spreadsheets.tables import normalise_text

ADDRESS = "https://api.company-information.service.gov.uk"
TIMEOUT_SECONDS = 4
MAX_BYTES = 256 * 1024

logger = logging.getLogger(__name__)


def is_set_up() -> bool:
    return bool(settings.COMPANIES_HOUSE_KEY)


def describe_company(number: str, *, legal_name: str) -> str:
    """Return a sentence on a company's name and status, or "" without a key.

    Failures are returned as a sentence too: nobody has to wait for Companies House.
    """
    if not is_set_up():
        return ""
    try:
        company = _fetch_company(number)
    except urllib.error.HTTPError as error:
        if error.code == HTTPStatus.NOT_FOUND:
            return f"Companies House knows no company of the number {number}."
        logger.warning("Companies House answered %s", error.code)
        return "Companies House does not answer as it should now. Try again later."
    except (OSError, ValueError) as error:
        logger.warning("Companies House could not be asked: %s", error)
        return "Companies House does not answer now. Try again later."
    name, status = str(company.get("company_name", "")), str(company.get("company_status", ""))
    name_comparison = (
        "the name given here"
        if normalise_text(name) == normalise_text(legal_name)
        else "another name"
    )
    status = status.replace("-", " ") or "not told"
    return f"Companies House has {number} as {name} ({name_comparison}); its status is: {status}."


def _fetch_company(number: str) -> dict[str, Any]:
    key = base64.b64encode(f"{settings.COMPANIES_HOUSE_KEY}:".encode()).decode()
    request = urllib.request.Request(  # noqa: S310 the address is ours
        f"{ADDRESS}/company/{urllib.parse.quote(number, safe='')}",
        headers={"Authorization": f"Basic {key}", "Accept": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310 the address is ours
        company = json.loads(response.read(MAX_BYTES))
    if not isinstance(company, dict):
        raise ValueError("The answer is not a company")
    return company
