"""Signed heads: the register says under its own key what its log was, and cannot take it back.

A head is signed by the key of the settings (Ed25519). The public keys are kept for ever, with the
days on which they signed, so that a head of long ago can still be checked.
"""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from registry import clock
from registry.log.canonical import canonical, published_time
from registry.log.publishing import Head
from registry.models import SigningKey

LABEL = "register-head"  # the first part of what is signed: the key signs nothing else
MAX_TEXT = 4000
LARGEST_NUMBER = 2**53
LINE_LENGTH = 44  # of the signature in email, half of it

HASH = re.compile(r"(?<![0-9a-z])([0-9a-f]{12,64})(?![0-9a-z])")
NUMBER = re.compile(r"(?<![0-9a-z])(\d[\d,]{0,24})(?![0-9a-z])")
ENTRY_NUMBER = re.compile(r"entry\D{0,40}(?<![0-9a-z])(\d[\d,]{0,24})(?![0-9a-z])")
# Signs of a quoted email before a line.
QUOTE_MARKS = re.compile(r"^[ \t>|]+", re.MULTILINE)
LABELLED = re.compile(r"^(register|entry|time|hash|key):[ \t]*(\S+)", re.MULTILINE | re.IGNORECASE)
SIGNATURE = re.compile(r"^signature:\s*((?:[A-Za-z0-9+/]\s*){86}==)", re.MULTILINE | re.IGNORECASE)


class HeadError(ValueError):
    """A text names no head; the message tells its reader what is missing."""


@dataclass(frozen=True)
class SignedHead:
    """A head that the register signed, in its published form."""

    register: str
    number: int
    at: str | None
    hash: str
    key: str
    signature: str

    def as_text(self) -> str:
        """Return the head as lines that an email carries and `parse_head` reads."""
        lines = [
            f"Register: {self.register}",
            f"Entry: {self.number}",
            f"Time: {self.at}",
            f"Hash: {self.hash}",
            f"Key: {self.key}",
            "Signature:",
            self.signature[:LINE_LENGTH],
            self.signature[LINE_LENGTH:],
        ]
        return "\n".join(lines)


@dataclass(frozen=True)
class RememberedHead:
    """A head that someone kept; `hash` may be its first digits, the rest "" if it is unsigned."""

    number: int
    hash: str
    register: str = ""
    at: str = ""
    key: str = ""
    signature: str = ""


@dataclass(frozen=True)
class PublishedKey:
    """A public key with its fingerprint and the days from and to which it signs."""

    fingerprint: str
    public_key: str
    valid_from: date
    valid_to: date | None


def sign_head(head: Head) -> SignedHead:
    """Sign a head. The same head always has the same signature."""
    return _sign(settings.HEAD_SIGNING_KEY, settings.PUBLIC_URL, head)


@lru_cache(maxsize=16)
def _sign(private_key: str, register: str, head: Head) -> SignedHead:
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(private_key))
    at = published_time(head.at) if head.at else None
    text = signed_text([register, head.number, at, head.hash])
    return SignedHead(
        register=register,
        number=head.number,
        at=at,
        hash=head.hash,
        key=fingerprint_of(key.public_key().public_bytes_raw()),
        signature=base64.b64encode(key.sign(text)).decode(),
    )


def signed_text(parts: list[Any]) -> bytes:
    """Return what is signed of a head: its register, number, time and hash."""
    return canonical([LABEL, *parts]).encode()


def fingerprint_of(public_key: bytes) -> str:
    """Return the fingerprint of a public key."""
    return hashlib.sha256(public_key).hexdigest()


def current_public_key() -> str:
    """Return the public key that signs heads now, in base64."""
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(settings.HEAD_SIGNING_KEY))
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def record_key() -> None:
    """Keep the public key of the settings, if it is a new one. Idempotent."""
    latest = SigningKey.objects.order_by("-pk").first()
    if latest is None or latest.public_key != current_public_key():
        SigningKey.objects.create(public_key=current_public_key(), since=clock.now())


def published_keys() -> list[PublishedKey]:
    """Return all keys that ever signed heads, the one in use last."""
    rows = list(SigningKey.objects.order_by("pk").values_list("public_key", "since"))
    if not rows or rows[-1][0] != current_public_key():
        rows.append((current_public_key(), clock.now()))
    days = [clock.local_date(since) for _, since in rows]
    return [
        PublishedKey(fingerprint_of(base64.b64decode(key)), key, valid_from, valid_to)
        for (key, _), valid_from, valid_to in zip(rows, days, [*days[1:], None], strict=True)
    ]


def find_signer(head: RememberedHead) -> PublishedKey | None:
    """Return the latest key of ours that signed a remembered head, or None if none did."""
    text = signed_text([head.register, head.number, head.at or None, head.hash])
    for key in reversed(published_keys()):
        public_key = Ed25519PublicKey.from_public_bytes(base64.b64decode(key.public_key))
        try:
            public_key.verify(base64.b64decode(head.signature), text)
        except (InvalidSignature, ValueError):
            continue
        return key
    return None


def parse_head(text: str) -> RememberedHead:
    """Read a head from its JSON, from the text of an email or from any text with number and hash.

    Raise HeadError if there is none.
    """
    if len(text) > MAX_TEXT:
        raise HeadError(f"Paste only the head: at most {MAX_TEXT:,} characters")
    if text.lstrip().startswith("{"):
        return _parse_json(text)
    text = QUOTE_MARKS.sub("", text.replace("\r", ""))
    lines = {name.lower(): value for name, value in LABELLED.findall(text)}
    signature = SIGNATURE.search(text)
    if "entry" not in lines or "hash" not in lines:
        return _parse_loose_text(text.lower())
    return RememberedHead(
        number=_check_number(lines["entry"]),
        hash=_check_hash(lines["hash"]),
        register=lines.get("register", ""),
        at=lines.get("time", ""),
        key=lines.get("key", ""),
        signature="".join(signature[1].split()) if signature else "",
    )


def _parse_json(text: str) -> RememberedHead:
    try:
        values: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise HeadError("This is not a complete JSON object. Copy all of it") from None
    values = values["head"] if isinstance(values.get("head"), dict) else values
    names = ("register", "at", "key", "signature")
    texts = {name: values[name] for name in names if isinstance(values.get(name), str)}
    return RememberedHead(
        number=_check_number(str(values.get("number", ""))),
        hash=_check_hash(str(values.get("hash", ""))),
        **texts,
    )


def _parse_loose_text(text: str) -> RememberedHead:
    """Find the last hash in a text, and the number of an entry before it."""
    hashes = list(HASH.finditer(text))
    if not hashes:
        raise HeadError(
            "Enter the hash too: 64 digits from 0 to 9 and a to f, or at least the first 12"
        )
    before = text[: hashes[-1].start()]
    numbers = ENTRY_NUMBER.findall(before) or NUMBER.findall(before)
    return RememberedHead(_check_number(numbers[-1] if numbers else ""), hashes[-1][1])


def _check_number(text: str) -> int:
    digits = text.replace(",", "")
    if not (digits.isascii() and digits.isdecimal()):
        raise HeadError("Enter the number of the entry before its hash")
    if len(digits) > len(str(LARGEST_NUMBER)) or not 0 < int(digits) <= LARGEST_NUMBER:
        raise HeadError("Enter the number of an entry: from 1 up")
    return int(digits)


def _check_hash(text: str) -> str:
    if not HASH.fullmatch(text.lower()):
        raise HeadError(
            "Copy the hash again: it has 64 digits from 0 to 9 and a to f. At least the first 12"
        )
    return text.lower()
