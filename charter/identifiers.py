"""Organisation numbers in public lists, by org-id scheme: normalising and validation.

Pure functions. A number is refused only if it cannot belong to its list. An unusual number gets a
warning instead, because real lists hold numbers that no description of them covers.
"""

import re
import unicodedata

from django.db import models


class Scheme(models.TextChoices):
    """The prefixes of org-id.guide."""

    COMPANIES_HOUSE = "GB-COH", "Companies House"
    CHARITY_COMMISSION = "GB-CHC", "Charity Commission for England and Wales"
    SCOTTISH_CHARITIES = "GB-SC", "Scottish Charity Register"
    CHARITY_COMMISSION_NI = "GB-NIC", "Charity Commission for Northern Ireland"
    MUTUALS = "GB-MPR", "Mutuals Public Register"
    LOCAL_AUTHORITIES = "GB-LAE", "Local authorities in England"
    SCHOOLS = "GB-EDU", "Schools (URN)"
    LEARNING_PROVIDERS = "GB-UKPRN", "Learning providers (UKPRN)"
    NHS = "GB-NHS", "NHS organisation codes"
    HOUSING = "GB-SHPE", "Social housing providers"
    SPORTS_CLUBS = "GB-CASC", "Community amateur sports clubs"
    PROCUREMENT = "GB-PPON", "Public procurement organisation number (PPON)"
    GOVERNMENT = "GB-GOR", "Government organisations (list closed in 2021)"


# Numbers that do not match are refused. Capitals, except where a list uses lower case.
NUMBER_PATTERNS = {
    Scheme.COMPANIES_HOUSE: r"[0-9A-Z]{8}",
    Scheme.CHARITY_COMMISSION: r"[0-9]{6,7}(-[0-9]+)?",
    Scheme.SCOTTISH_CHARITIES: r"SC[0-9]{6}",
    Scheme.CHARITY_COMMISSION_NI: r"[0-9]{6}",
    Scheme.MUTUALS: r"[0-9A-Z]{1,10}",
    Scheme.LOCAL_AUTHORITIES: r"[A-Z]{3}",
    Scheme.SCHOOLS: r"[0-9]{6}",
    Scheme.LEARNING_PROVIDERS: r"1[0-9]{7}",
    Scheme.NHS: r"[0-9A-Z]{3,6}",
    Scheme.HOUSING: r"[A-Z]{0,2}[0-9]{4}",
    Scheme.SPORTS_CLUBS: r"[0-9a-f]{8}",
    Scheme.PROCUREMENT: r"P[A-Z]{3}-[0-9]{4}-[A-Z]{4}",
    Scheme.GOVERNMENT: r"[0-9A-Z]{1,10}",
}
EXAMPLES = {
    Scheme.COMPANIES_HOUSE: "09506232 or SC123456",
    Scheme.CHARITY_COMMISSION: "279417 or 1090095",
    Scheme.SCOTTISH_CHARITIES: "SC042386",
    Scheme.CHARITY_COMMISSION_NI: "100019",
    Scheme.MUTUALS: "235C or IP031455",
    Scheme.LOCAL_AUTHORITIES: "BIR",
    Scheme.SCHOOLS: "125554",
    Scheme.LEARNING_PROVIDERS: "10000346",
    Scheme.NHS: "01F or RAX",
    Scheme.HOUSING: "LH4401 or 4793",
    Scheme.SPORTS_CLUBS: "df679063",
    Scheme.PROCUREMENT: "PNLV-9975-CQQW",
    Scheme.GOVERNMENT: "OT1211",
}
# Known prefixes of Companies House numbers. The list is incomplete, so a mismatch only warns.
COMPANIES_HOUSE_PATTERN = re.compile(
    r"[0-9]{8}"
    r"|(SC|NI|OC|SO|NC|LP|SL|NL|FC|SF|NF|SE|GE|GS|GN|AC|SA|NA|ZC|SZ|NZ|IC|SI|NV|AS|PC|RC|SR|NR"
    r"|RS|BR|CE|CS|OE|IP|SP|NP|NO|R0)[0-9]{6}"
    r"|(IP|SP|NP)[0-9]{5}[A-Z]"
    r"|R[0-9]{7}"
    r"|MUT[0-9]{5}"
)


def normalise_number(scheme: str, number: str) -> str:
    """Return a number as its list writes it: no spaces, no prefix, leading zeros restored."""
    number = "".join(unicodedata.normalize("NFKC", number).upper().split())
    number = number.removeprefix(f"{scheme}-")
    if scheme == Scheme.COMPANIES_HOUSE and number.isascii() and number.isdigit():
        return number.zfill(8)
    return number.lower() if scheme == Scheme.SPORTS_CLUBS else number


def number_problem(scheme: str, number: str) -> str:
    """Return why a normalised number cannot belong to its list, or "" if it can."""
    if scheme not in NUMBER_PATTERNS:
        return "We do not know this list of organisations"
    known_scheme = Scheme(scheme)
    if re.fullmatch(NUMBER_PATTERNS[known_scheme], number):
        return ""
    return f"This is not a number of that list, which look like {EXAMPLES[known_scheme]}: check it"


def number_warning(scheme: str, number: str) -> str:
    """Return why a valid number looks unusual, or "" if it does not."""
    if scheme == Scheme.COMPANIES_HOUSE:
        if not number.strip("0"):
            return "A number of only zeros is nobody’s"
        if not COMPANIES_HOUSE_PATTERN.fullmatch(number):
            return "Few Companies House numbers look like this one"
    if scheme == Scheme.GOVERNMENT:
        return "This list was closed in 2021: another list may have a number that is kept up"
    return ""
