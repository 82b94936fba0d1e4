"""A marker is planted in every private field; the public finds it nowhere."""

import pytest
from django.db import models
from django.test import Client

from charter.actions import changes, charters, commitments, signatories
from registry import kinds
from registry.models import Entry, Record
from tests import factories
from tests.charter.classed import PRIVATE, WHOLLY_PRIVATE

pytestmark = pytest.mark.django_db
MARKER = "pineapple"


def private_texts(model):
    """Return the private fields of a model that can hold any text."""
    names = PRIVATE.get(model) or {field.name for field in model._meta.concrete_fields}
    return [
        field
        for field in model._meta.concrete_fields
        if field.name in names
        and isinstance(field, models.CharField | models.TextField)
        and not field.choices
    ]


def plant() -> int:
    """Write the marker into every private text of every row; return how many rows hold it."""
    planted = 0
    for model in set(PRIVATE) | WHOLLY_PRIVATE:
        for row in model.objects.all():
            marked = f"{MARKER}{row.pk}@{MARKER}.example"
            texts = {field.name: marked[: field.max_length] for field in private_texts(model)}
            planted += model.objects.filter(pk=row.pk).update(**texts) if texts else 0
    return planted


def written(commitment):
    """Return what a person wrote in a commitment."""
    names = ("theme", "measure", "title", "description", "target_value", "end_on")
    names += ("evidence_kind", "evidence_text")
    return {name: getattr(commitment, name) for name in names}


def public_addresses():
    yield from ("/", "/changes", "/contact", "/data", "/verify", "/privacy", "/accessibility")
    yield from ("/commitments", "/commitments.csv", "/signatories")
    for kind in ("commitment", "signatory"):
        for record in Record.objects.of_kind(kind):
            yield f"/{kinds.PLURALS[kind]}/{record.key}"
    yield from ("/api/v1/changes", "/api/v1/entries")
    for kind in ("charter", "theme", "measure", "signatory", "commitment"):
        for record in Record.objects.of_kind(kind):
            yield f"/api/v1/{kinds.PLURALS[kind]}/{record.key}"


def test_what_is_private_is_in_no_entry_no_page_no_file_and_no_answer():
    asha, edna = factories.asha(), factories.administrator()
    commitment = factories.published_commitment()
    factories.returned_commitment()
    waiting = factories.proposed_change(commitment)
    assert plant() > 10

    # Every kind is published anew from the planted rows.
    changes.approve(waiting, by=edna)
    signatories.pause(commitment.signatory, by=edna, until=None, reason="Rest.")
    charter = commitment.signatory.charter
    charters.set_up(by=edna, authority={"name": "Exampleton"}, charter={}, ours=charter)
    second = commitments.start(by=asha, signatory=commitment.signatory, **written(commitment))
    commitments.submit(second, by=asha)
    commitments.approve(second, by=edna)

    for item in Entry.objects.values_list("item", flat=True):
        assert MARKER not in item
    for address in public_addresses():
        page = Client().get(address)
        assert page.status_code == 200, address
        content = b"".join(page) if page.streaming else page.content
        assert MARKER.encode() not in content, address
