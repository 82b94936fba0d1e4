"""A marker for private fields: if it appears in public, there is a leak."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from django.db import IntegrityError, models, transaction
from django.test import Client

from registry.models import Entry, Record
from registry.schema import kinds
from tests import databases

MARKER = "pineapple"


def plant(private: Mapping[Any, set[str]], wholly_private: Iterable[Any]) -> int:
    """Write the marker into every private text field of every row; return the number written."""
    with databases.without_triggers(*databases.ACTS):
        return _write_marker(private, wholly_private)


def _write_marker(private: Mapping[Any, set[str]], wholly_private: Iterable[Any]) -> int:
    count = 0
    for model in {*private, *wholly_private}:
        fields = list(_private_text_fields(model, private.get(model)))
        for row in model.objects.all() if fields else []:
            value = f"{MARKER}{row.pk}@{MARKER}.example"
            for field in fields:
                # The database requires some fields of some rows to be empty.
                with suppress(IntegrityError), transaction.atomic():
                    text = {field.name: value[: field.max_length]}
                    count += model.objects.filter(pk=row.pk).update(**text)
    return count


def _private_text_fields(model: Any, names: set[str] | None) -> Iterable[Any]:
    """Yield the private fields that can hold any text; all fields where none is public."""
    for field in model._meta.concrete_fields:
        holds_text = isinstance(field, models.CharField | models.TextField) and not field.choices
        if holds_text and (names is None or field.name in names):
            yield field


def find_in_public() -> list[str]:
    """Return the public entries and addresses that contain the marker."""
    leaks = [
        f"entry {entry.number}"
        for entry in Entry.objects.all()
        if entry.item is not None and MARKER in entry.item
    ]
    for address in _public_addresses():
        page = Client().get(address)
        assert page.status_code == 200, address
        content = b"".join(page) if page.streaming else page.content  # type: ignore[attr-defined]
        if MARKER.encode() in content:
            leaks.append(address)
    return leaks


def _public_addresses() -> Iterable[str]:
    yield from ("/", "/changes", "/contact", "/data", "/verify", "/privacy", "/accessibility")
    yield from ("/commitments", "/commitments.csv", "/signatories")
    yield from ("/api/v1/changes", "/api/v1/entries")
    for plural in kinds.KINDS_BY_PLURAL:
        yield f"/api/v1/{plural}"
        yield f"/api/v1/{plural}.csv"
    for record in Record.objects.all():
        yield f"/api/v1/{kinds.KINDS[record.kind].plural}/{record.key}"
        yield f"/api/v1/{kinds.KINDS[record.kind].plural}/{record.key}/versions"
        if kinds.KINDS[record.kind].has_page:
            yield f"/{kinds.KINDS[record.kind].plural}/{record.key}"
