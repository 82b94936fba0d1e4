"""The types of published fields: plain text, decimals as text, references and choices."""

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.functional import SimpleLazyObject
from rest_framework import serializers

from registry.schema.codes import CodeList, choices_of
from registry.schema.kind_spec import key_pattern

# Control characters except line breaks, characters that reverse the direction of the text after
# them, and characters that nobody sees. Joiners stay: emoji and some scripts are written with them.
REFUSED_CHARACTERS = re.compile(
    r"[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


class Text(serializers.CharField):
    """Plain text in NFC, without control characters except line breaks."""

    def to_internal_value(self, data: Any) -> str:
        text = unicodedata.normalize("NFC", super().to_internal_value(data)).replace("\r\n", "\n")
        if REFUSED_CHARACTERS.search(text):
            raise serializers.ValidationError("Remove the control characters.")
        return text


class PlainDecimalField(serializers.DecimalField):
    """A number as text, without an exponent or trailing zeros."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=14, decimal_places=3, **options)

    def to_representation(self, value: Any) -> str:
        return plain_decimal(Decimal(value))


def parse_day(text: str | None) -> date | None:
    """Return the day of an item's text, or None for a missing one."""
    return date.fromisoformat(text) if text else None


def plain_decimal(value: Decimal) -> str:
    """Return a decimal in its published form: "20", "0.5"."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


class Key(serializers.RegexField):
    """A reference to a record of one of some kinds, which may be declared later."""

    def __init__(self, *kinds: str, **options: Any) -> None:
        self.kinds = kinds
        pattern: Any = SimpleLazyObject(lambda: key_pattern(kinds))
        super().__init__(pattern, **options)


class ObjectSerializer(serializers.Serializer[Any]):
    # `from` is a reserved word of Python, so it cannot be declared as an attribute.
    # The class has no docstring: OpenAPI would publish it as the description of every subclass.
    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Return the declared fields, `from_` under its published name `from`."""
        return {name.removesuffix("_"): field for name, field in super().get_fields().items()}


# What stays of a redacted item: its structure. Everything else may hold words.
STRUCTURE_TYPES = (
    Key,
    serializers.ChoiceField,
    serializers.DateField,
    serializers.DecimalField,
    serializers.IntegerField,
    serializers.BooleanField,
)


def optional(field: type[serializers.Field], *arguments: Any, **options: Any) -> Any:
    """Return a field that may be missing or null."""
    return field(*arguments, required=False, allow_null=True, **options)


class CodeField(serializers.ChoiceField):
    """A code of a code list, or of the part of it given as `codes`."""

    def __init__(
        self, code_list: type[CodeList], codes: Iterable[CodeList] | None = None, **options: Any
    ) -> None:
        self.code_list = code_list
        super().__init__(choices=choices_of(code_list if codes is None else codes), **options)


def choice(values: Iterable[str], **options: Any) -> Any:
    """Return a field with one of a few values that are no codes of our own."""
    return serializers.ChoiceField(choices=list(values), **options)


class ItemSerializer(ObjectSerializer):
    """The fields common to all kinds."""

    change_reason = optional(Text, help_text="Public reason for the latest change")
