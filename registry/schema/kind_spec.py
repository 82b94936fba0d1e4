"""What the register has to know of a kind of record, said once for each."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
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
    letter: str  # The first character of its keys; never changed or reused.
    serializer: type[serializers.Serializer[Any]]  # Its public fields.
    derived: type[serializers.Serializer[Any]] | None = None  # Fields folded from other entries.
    parent: str = ""  # The kind of record it belongs to, and the field that names that record.
    # Fields that are searched by words, names also with typing errors; `a__b` is field b of the
    # object a, or of each object in the list a.
    name_fields: tuple[str, ...] = ()
    search_fields: tuple[str, ...] = ()
    compared: Mapping[str, str] = field(default_factory=dict)  # Shown if they change: labels.
    new_label: str = ""  # Of its first entry in the list of changes; "" leaves the kind out.
    section: str = ""  # Of the website, for a kind with a page at `website:<name>`.
    in_timeline: bool = False  # Shown on the page of its commitment.
    shown_with: tuple[str, ...] = ()  # Fields with the keys of the records that it is shown with.
    # Fields from which dates, states, progress and searched words of other records are made.
    folded_fields: tuple[str, ...] = ()
    can_be_followed: bool = False  # By email and by feed.

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
