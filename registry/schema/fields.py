"""The types of what is published: plain text, decimals as text, references, choices."""

import re
import unicodedata
from decimal import Decimal
from typing import Any

from rest_framework import serializers

from registry.log import keys

# Control characters but line breaks, and the characters that turn the reading direction of what
# follows.
REFUSED_CHARACTERS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Text(serializers.CharField):
    """Plain text in NFC without control characters but line breaks."""

    def to_internal_value(self, data: Any) -> str:
        text = unicodedata.normalize("NFC", super().to_internal_value(data)).replace("\r\n", "\n")
        if REFUSED_CHARACTERS.search(text):
            raise serializers.ValidationError("Remove the control characters.")
        return text


class PlainDecimalField(serializers.DecimalField):
    """A number as text, without exponent and without superfluous zeros."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=14, decimal_places=3, **options)

    def to_representation(self, value: Any) -> str:
        return plain_decimal(Decimal(value))


def plain_decimal(value: Decimal) -> str:
    """Return a decimal as it is published: "20", "0.5"."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


class Key(serializers.RegexField):
    """A reference to another record."""

    def __init__(self, *kinds: str, **options: Any) -> None:
        letters = "".join(keys.LETTERS[kind] for kind in kinds)
        super().__init__(rf"^[{letters}]-[0-9A-HJKMNP-TV-Z]{{5,8}}$", **options)


def optional(field: type[serializers.Field], *arguments: Any, **options: Any) -> Any:
    """Return a field that may be missing or null."""
    return field(*arguments, required=False, allow_null=True, **options)


def choice(codes: Any, **options: Any) -> Any:
    return serializers.ChoiceField(choices=list(codes), **options)
