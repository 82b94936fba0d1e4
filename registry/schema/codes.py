"""What a code list is: codes with labels, and for some a description, a tone or a shape."""

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import cache
from typing import Self

from django.db import models


class CodeList(models.TextChoices):
    """A closed list of codes, with a label and, where it helps, a description of each.

    A member is declared as `code, label`. Extras stand between the two, since Django takes the last
    value as the label.
    """

    def __new__(cls, code: str, *_extras: object) -> Self:
        """Make a member of its code alone: `str` would refuse the extras."""
        member = str.__new__(cls, code)
        member._value_ = code
        return member

    def __init__(self, code: str, description: str = "") -> None:
        self.description = description

    @classmethod
    def from_code(cls, code: str) -> Self:
        """Return the member with a code. Raise ValueError for an unknown code."""
        return cls(code)

    @classmethod
    def label_of(cls, code: str | None) -> str:
        """Return the label of a code, or "" for a missing one."""
        return str(cls.from_code(code).label) if code else ""

    @classmethod
    def list_name(cls) -> str:
        """Return the name under which the API publishes the list, such as "level_of_proof"."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__qualname__.replace(".", "")).lower()


class Tone(StrEnum):
    """The colours of a tag, which never carry meaning alone: shape and label say the same."""

    GOOD = "good"
    CALM = "calm"
    WARN = "warn"
    BAD = "bad"
    PLAIN = "plain"


class TaggedList(CodeList):
    """A list whose codes are shown as tags: a tone, and the name of a shape in `shapes.svg`."""

    def __init__(self, code: str, tone: Tone, shape: str) -> None:
        super().__init__(code)
        self.tone = tone
        self.shape = shape


def choices_of(codes: Iterable[CodeList]) -> list[tuple[str, str]]:
    """Return codes as pairs of code and label, for forms and published fields."""
    return [(code.value, str(code.label)) for code in codes]


@cache
def published_lists() -> dict[str, type[CodeList]]:
    """Return every code list by the name under which the API publishes it, in that order."""
    names = {code_list.list_name(): code_list for code_list in _lists_below(CodeList)}
    return dict(sorted(names.items()))


def _lists_below(parent: type[CodeList]) -> Iterator[type[CodeList]]:
    for code_list in parent.__subclasses__():
        if code_list.values:
            yield code_list
        yield from _lists_below(code_list)
