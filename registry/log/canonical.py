"""Canonical text and hashes of the log.

The rules never change, because published entries are verified by them. Test vectors: docs/data.md.
"""

import hashlib
import json
import unicodedata
from datetime import UTC, datetime
from typing import Any

VERSION = b"\x01"
HASH_BEFORE_THE_FIRST = "0" * 64
LARGEST_INTEGER = 2**53
_encoder = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


class NotCanonicalError(ValueError):
    """A value without a canonical form; the message names the part and the reason."""


def canonical(value: Any) -> str:
    """Return the only canonical JSON text of a value, or raise NotCanonicalError."""
    _check_value(value, "item")
    return _encoder.encode(value)


def hash_item(text: str) -> str:
    """Return the hash of an item's canonical text."""
    return hashlib.sha256(VERSION + text.encode()).hexdigest()


def hash_entry(
    previous_hash: str, number: int, at: datetime, kind: str, key: str, action: str, item_hash: str
) -> str:
    """Return the hash of an entry, which chains it to the one before."""
    return hash_fields([previous_hash, number, published_time(at), kind, key, action, item_hash])


def hash_fields(fields: list[str | int]) -> str:
    """Return the hash of an entry from the fields of its recipe, with the time as published."""
    return hashlib.sha256(VERSION + canonical(fields).encode()).hexdigest()


def published_time(at: datetime) -> str:
    """Return an instant in its published form: RFC 3339, UTC, whole seconds, Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _check_value(value: Any, where: str) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise NotCanonicalError(f"{where}: the integer is beyond ±2^53")
    elif isinstance(value, str):
        _check_text(value, where)
    elif isinstance(value, list):
        for position, member in enumerate(value):
            _check_value(member, f"{where}[{position}]")
    elif isinstance(value, dict):
        for name, member in value.items():
            if not isinstance(name, str):
                raise NotCanonicalError(f"{where}: names must be text")
            _check_text(name, where)
            _check_value(member, f"{where}.{name}")
    else:
        raise NotCanonicalError(
            f"{where}: {type(value).__name__} has no canonical form (write decimals as text)"
        )


def _check_text(value: str, where: str) -> None:
    if "\x00" in value:
        raise NotCanonicalError(f"{where}: text must not hold NUL")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise NotCanonicalError(f"{where}: text must not hold surrogates")
    if not unicodedata.is_normalized("NFC", value):
        raise NotCanonicalError(f"{where}: text must be in NFC")
