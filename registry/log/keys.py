"""Public keys: a kind's letter, a hyphen and five random characters, easy to read out.

They are never database ids. One that is taken is drawn again, here for all kinds. A kind that has
used one per cent of its space draws one character more.
"""

import re
import secrets
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, models, transaction

from registry.models import Record
from registry.schema.kind_spec import KEY_CHARACTERS
from registry.schema.kinds import KINDS

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
KINDS_BY_LETTER = {spec.letter: kind for kind, spec in KINDS.items()}
LETTERS = "".join(sorted(KINDS_BY_LETTER))
PATTERN = f"[{LETTERS}]-{KEY_CHARACTERS}"
# Small letters too, and I, L and O, which people read for 1 and 0.
LOOSE_PATTERN = rf"[{LETTERS}{LETTERS.lower()}]-[0-9A-TV-Za-tv-z]{{5,8}}"

SHORTEST, LONGEST = 5, 8
FULL = 0.01  # the share of a space that may be used
COUNTED_EVERY = 1000  # draws of a process: no more than a small part of a space
_counts: dict[str, tuple[int, int]] = {}  # by kind: public keys, and draws so far

_KEY_PATTERN = re.compile(PATTERN)
_LOOKALIKE_DIGITS = str.maketrans({"I": "1", "L": "1", "O": "0"})


class DrawnKey(str):
    """A key that nobody knows yet: if it is taken, another one does as well."""

    __slots__ = ()


class KeyedRow(models.Model):
    """A row with a public key, which is drawn again if a row or a public record has it."""

    key = models.CharField(max_length=10, unique=True)

    class Meta:
        abstract = True

    def save(self, **options: Any) -> None:
        """Save the row; a new one under another key if the one drawn for it is taken."""
        while self._state.adding and isinstance(self.key, DrawnKey):
            # Another kind of row may have published under this letter: letters and figures do.
            if not Record.objects.filter(pk=self.key).exists():
                try:
                    with transaction.atomic():
                        return super().save(**options)
                except IntegrityError:
                    if not type(self)._default_manager.filter(key=self.key).exists():
                        raise
            self.key = new_key(kind_of(self.key))
        return super().save(**options)


def replace_taken(rows: Sequence[KeyedRow]) -> None:
    """Draw the keys again that a stored row or another one of `rows` has, before a bulk insert."""
    while True:
        rows_by_key = {row.key: row for row in rows}
        public = Record.objects.filter(pk__in=rows_by_key)
        taken = set(public.values_list("pk", flat=True))
        for model in {type(row) for row in rows}:
            stored = model._default_manager.filter(key__in=rows_by_key)
            taken |= set(stored.values_list("key", flat=True))
        colliding = [row for row in rows if row.key in taken or rows_by_key[row.key] is not row]
        if not colliding:
            return
        for row in colliding:
            row.key = new_key(kind_of(row.key))


def new_key(kind: str) -> DrawnKey:
    """Return a random key for a kind. It may be taken: `KeyedRow` draws again."""
    characters = (secrets.choice(CROCKFORD) for _ in range(_key_length(kind)))
    return DrawnKey(f"{KINDS[kind].letter}-" + "".join(characters))


def _key_length(kind: str) -> int:
    """Return how many characters to draw, for the public keys counted by this process lately."""
    counted, draws = _counts.get(kind, (0, 0))
    if draws % COUNTED_EVERY == 0:
        counted = Record.objects.of_kind(kind).count()
    _counts[kind] = counted, draws + 1
    length = SHORTEST
    while length < LONGEST and counted >= len(CROCKFORD) ** length * FULL:
        length += 1
    return length


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
