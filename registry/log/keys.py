"""Public keys: a kind's letter, a hyphen and five random characters, easy to read out.

They are never database ids.
"""

import re
import secrets

from registry.schema.kind_spec import KEY_CHARACTERS
from registry.schema.kinds import KINDS

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
KINDS_BY_LETTER = {spec.letter: kind for kind, spec in KINDS.items()}
LETTERS = "".join(sorted(KINDS_BY_LETTER))
PATTERN = f"[{LETTERS}]-{KEY_CHARACTERS}"
# Small letters too, and I, L and O, which people read for 1 and 0.
LOOSE_PATTERN = rf"[{LETTERS}{LETTERS.lower()}]-[0-9A-TV-Za-tv-z]{{5,8}}"

_KEY_PATTERN = re.compile(PATTERN)
_LOOKALIKE_DIGITS = str.maketrans({"I": "1", "L": "1", "O": "0"})


def new_key(kind: str) -> str:
    """Return a random key for a kind; unique constraints reject the rare collision."""
    return f"{KINDS[kind].letter}-" + "".join(secrets.choice(CROCKFORD) for _ in range(5))


def is_key(text: str) -> bool:
    """Return True if the text is a key in its published form."""
    return bool(_KEY_PATTERN.fullmatch(text))


def normalise_key(text: str) -> str:
    """Return a key in its published form: capitals, with I, L and O read as 1, 1 and 0."""
    letter, _, rest = text.upper().partition("-")
    return f"{letter}-{rest.translate(_LOOKALIKE_DIGITS)}"


def kind_of(key: str) -> str:
    """Return the kind of a key, from its letter."""
    return KINDS_BY_LETTER[key[0]]
