"""The register signs the head of its log, and compares a head that someone kept with it."""

import base64
import json
from dataclasses import asdict
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import DatabaseError, transaction

from registry import clock
from registry.environment import new_signing_key
from registry.log import heads, publishing
from registry.models import Entry, SigningKey
from tests.registry import items
from tests.registry.public_pages import day, publish, read

pytestmark = pytest.mark.django_db

LAST = len(items.small_register())
HEAD, KEYS = "/.well-known/register-head", "/.well-known/register-head-keys"


@pytest.fixture(autouse=True)
def register(settings):
    settings.HEAD_SIGNING_KEY = new_signing_key()
    publish("2026-01-05", *items.small_register())


def verify(reader, text: str) -> str:
    """Return what the page says about a pasted text."""
    return read(reader, f"/verify?{urlencode({'head': text})}")


def test_signed_head_is_verified_with_the_published_key_and_documented_text(reader):
    head = reader.get(HEAD).json()
    [key] = reader.get(KEYS).json()["keys"]
    last = publishing.head()
    assert (head["number"], head["hash"]) == (LAST, last.hash)
    assert (head["at"], head["register"]) == ("2026-01-05T09:00:00Z", "http://localhost:8000")
    assert head["key"] == key["fingerprint"]
    signed = json.dumps(
        ["register-head", head["register"], head["number"], head["at"], head["hash"]],
        separators=(",", ":"),
    )
    public_key = Ed25519PublicKey.from_public_bytes(base64.b64decode(key["public_key"]))
    public_key.verify(base64.b64decode(head["signature"]), signed.encode())
    assert reader.get(HEAD).json() == head


def test_old_keys_stay_published_with_their_days_and_verify_what_they_signed(reader, settings):
    with clock.fixed_at(day("2026-01-05")):
        heads.record_key()
        heads.record_key()
        old = json.dumps(asdict(heads.sign_head(publishing.head())))
    settings.HEAD_SIGNING_KEY = new_signing_key()
    with clock.fixed_at(day("2026-03-01")):
        heads.record_key()
        first, second = reader.get(KEYS).json()["keys"]
    assert (first["valid_from"], first["valid_to"]) == ("2026-01-05", "2026-03-01")
    assert (second["valid_from"], second["valid_to"]) == ("2026-03-01", None)
    answer = verify(reader, old)
    assert "with the key in use from 5 January 2026 to 1 March 2026." in answer
    with pytest.raises(DatabaseError), transaction.atomic():
        SigningKey.objects.all().delete()


def forms_of_a_head() -> list[str]:
    signed = heads.sign_head(publishing.head())
    number, hash_ = signed.number, signed.hash
    quoted = "\r\n".join(f"> {line}" for line in signed.as_text().splitlines())
    return [
        f"{number} {hash_}",
        f"{number}\n{hash_.upper()}",
        f"Entry {number} · head {hash_[:12]}… · What is this?",
        f"As at 5 January 2026, entry {number} of the register, fingerprint {hash_}.",
        json.dumps({"number": number, "hash": hash_}),
        json.dumps({"meta": 1, "head": {"number": number, "hash": hash_}}),
        json.dumps(asdict(signed), indent=1),
        f"Hello\n\n{signed.as_text()}\n\nRegards",
        f"On Monday you wrote:\r\n{quoted}\r\n",
    ]


@pytest.mark.parametrize("number", range(9))
def test_head_in_any_form_is_found_in_the_log(reader, number):
    text = forms_of_a_head()[number]
    publish("2026-01-06", items.commitment(action="confirm"))
    answer = verify(reader, text)
    assert f"Yes, this head is part of today’s log: it is entry {LAST} of 5 January 2026" in answer
    assert ("as far as 12 digits can tell" in answer) == (number == 2)
    assert ("The register signed this head, with the key in use since" in answer) == (number > 5)


def test_other_hash_and_later_entry_are_answered_with_no(reader):
    answer = verify(reader, f"4 {publishing.head().hash}")
    assert (
        f"No, the register’s entry 4 has another hash: {Entry.objects.get(number=4).hash}."
        in answer
    )
    answer = verify(reader, f"4,211 {publishing.head().hash}")
    assert f"No, the log has not reached entry 4211: its latest is entry {LAST}." in answer


def test_signature_of_another_head_or_key_does_not_pass(reader, settings):
    signed = asdict(heads.sign_head(publishing.head()))
    other = {**signed, "at": "2026-01-05T09:00:01Z"}
    assert "The signature does not fit this head" in verify(reader, json.dumps(other))
    assert "The signature does not fit" in verify(reader, json.dumps({**signed, "signature": "x"}))
    settings.HEAD_SIGNING_KEY = new_signing_key()
    assert "The signature does not fit this head" in verify(reader, json.dumps(signed))


def test_head_signed_at_an_earlier_address_of_the_register_still_passes(reader, settings):
    settings.PUBLIC_URL = "https://old.example"
    signed = asdict(heads.sign_head(publishing.head()))
    settings.PUBLIC_URL = "https://new.example"
    assert "signed this head at its address https://old.example" in verify(
        reader, json.dumps(signed)
    )


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "Paste the number of an entry and its hash"),
        ("hello", "Enter the hash too"),
        ("5 abc123", "Enter the hash too"),
        ("a" * 64, "Enter the number of the entry before its hash"),
        (f"0 {'a' * 64}", "Enter the number of an entry: from 1 up"),
        (f"{'9' * 20} {'a' * 64}", "Enter the number of an entry: from 1 up"),
        ('{"number": 5, "hash": "7a57', "This is not a complete JSON object"),
        ('{"a":' * 700, "This is not a complete JSON object"),
        ('{"number": [5], "hash": 7}', "Enter the number of the entry before its hash"),
        ('{"number": 5, "hash": 7}', "Copy the hash again"),
        ("Entry: 5\nHash: 7a57", "Copy the hash again"),
        ("5 " * 2001, "Paste only the head: at most 4,000 characters"),
    ],
)
def test_bad_input_is_named_beside_the_field_and_kept(reader, text, error):
    body = reader.get(f"/verify?{urlencode({'head': text})}").content.decode()
    assert 'class="govuk-error-message"' in body
    assert error in body
    assert "<title>Error: How to verify" in body
    assert text.strip().replace('"', "&quot;") in body


def test_verify_page_shows_the_fingerprint_and_sets_no_cookie(reader):
    response = reader.get("/verify")
    assert heads.published_keys()[-1].fingerprint in response.content.decode()
    assert not response.cookies
