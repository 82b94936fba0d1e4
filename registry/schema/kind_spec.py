"""What the register has to know of a kind of record, said once for each."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers

# The letters of Crockford's alphabet; 5 characters are drawn, more are room for later.
KEY_CHARACTERS = "[0-9A-HJKMNP-TV-Z]{5,8}"

# The letter of each kind. Specs enter theirs here, because a field may refer to a kind that is
# declared after it: a period names its update, and an update its period.
_letters: dict[str, str] = {}


@dataclass(frozen=True)
class KindSpec:
    """A kind of record: its names, its fields, and where the register shows it."""

    name: str
    plural: str
    letter: str  # the first character of its keys; never changed or reused
    serializer: type[serializers.Serializer[Any]]  # its public fields
    parent: str = ""  # the kind, and the field, of the record that must be published before it
    search_fields: tuple[str, ...] = ()  # fields searched by words; `a__b` is within an object
    section: str = ""  # the section of the website with its page, at `website:<name>`; "" for none
    in_timeline: bool = False  # its entries are shown on the page of a commitment
    can_be_followed: bool = False  # by feed and by email
    new_label: str = ""  # its first entry in the list of changes; "" for kinds that are not listed

    def __post_init__(self) -> None:
        _letters[self.name] = self.letter

    @property
    def has_page(self) -> bool:
        """Return True if its records have a page of their own, named `website:<name>`."""
        return bool(self.section)


def key_pattern(kinds: Iterable[str]) -> re.Pattern[str]:
    """Return the pattern of the keys of some kinds."""
    letters = "".join(sorted(_letters[kind] for kind in kinds))
    return re.compile(f"^[{letters}]-{KEY_CHARACTERS}$")
