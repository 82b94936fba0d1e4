"""Public keys: a kind's letter, a hyphen, five random characters that can be spoken. Never a
database id.
"""

import re
import secrets

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LETTERS = {
    "charter": "A",
    "theme": "T",
    "measure": "M",
    "signatory": "S",
    "commitment": "C",
    "period": "P",
    "update": "U",
    "success": "W",
    "notice": "N",
}
KINDS_BY_LETTER = {letter: kind for kind, letter in LETTERS.items()}
PATTERN = r"[ACMNPSTUW]-[0-9A-HJKMNP-TV-Z]{5,8}"
LOOSE_PATTERN = r"[ACMNPSTUWacmnpstuw]-[0-9A-TV-Za-tv-z]{5,8}"

_KEY_PATTERN = re.compile(PATTERN)
_LOOKALIKE_DIGITS = str.maketrans({"I": "1", "L": "1", "O": "0"})


def new_key(kind: str) -> str:
    """Return a random key for a kind. A unique constraint refuses the rare collision."""
    return f"{LETTERS[kind]}-" + "".join(secrets.choice(CROCKFORD) for _ in range(5))


def is_key(text: str) -> bool:
    """Say whether the text is a key in its written form."""
    return bool(_KEY_PATTERN.fullmatch(text))


def normalise_key(text: str) -> str:
    """Return the key as we write it: capitals, and I, L, O read as the digits they look like."""
    letter, _, rest = text.upper().partition("-")
    return f"{letter}-{rest.translate(_LOOKALIKE_DIGITS)}"


def kind_of(key: str) -> str:
    """Return the kind that a key's letter names."""
    return KINDS_BY_LETTER[key[0]]
