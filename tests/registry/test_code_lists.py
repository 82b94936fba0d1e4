"""Each code list is declared once: every place that knows its codes knows all of them."""

import ast
import re
from datetime import date

import pytest
from django.conf import settings
from django.db import models
from rest_framework import serializers

from registry.api import schema
from registry.api.representation import RECORD_SERIALIZERS
from registry.models import Record
from registry.schema.code_lists import Delivery, LevelOfProof, Reporting
from registry.schema.codes import TaggedList, Tone, published_lists
from registry.schema.fields import CodeField
from registry.website import signatories
from registry.website.charts import records
from registry.wording import sentences

STATIC = settings.BASE_DIR / "registry" / "static" / "register"
# Codes of others: the kinds of records, ISO 4217 and media types.
CODES_OF_OTHERS = {"kind", "currency", "media_type"}
LISTS = [pytest.param(code_list, id=name) for name, code_list in published_lists().items()]


def published_fields(serializer):
    """Yield the name and field of each published field, nested ones included."""
    for name, field in serializer.fields.items():
        member = getattr(field, "child", field)
        yield name, member
        if isinstance(member, serializers.Serializer):
            yield from published_fields(member)


def choice_fields():
    shapes = [*RECORD_SERIALIZERS.values(), schema.EntryShape, schema.Change, schema.Version]
    for shape in shapes:
        for name, field in published_fields(shape()):
            if isinstance(field, serializers.ChoiceField) and name not in CODES_OF_OTHERS:
                yield name, field


def test_every_code_in_the_data_is_of_a_public_list_and_every_list_is_in_the_data():
    fields = list(choice_fields())
    for name, field in fields:
        assert isinstance(field, CodeField), f"{name} has codes without a code list"
        assert set(field.choices) <= set(field.code_list.values)
    assert {field.code_list for _, field in fields} == set(published_lists().values())


@pytest.mark.parametrize("code_list", LISTS)
def test_every_code_has_a_label_of_its_own(code_list):
    assert all(re.match(r"[A-Z0-9]", label) for label in code_list.labels)
    assert len(set(code_list.labels)) == len(code_list)
    described = [bool(code.description) for code in code_list]
    assert all(described) or not any(described), "A description for each code, or for none"


def test_every_tag_has_a_shape_and_a_colour():
    tags = [tag for code_list in TaggedList.__subclasses__() for tag in code_list]
    shapes = re.findall(r'symbol id="(\w+)"', (STATIC / "shapes.svg").read_text())
    marks = [*tags, *LevelOfProof, *records.SQUARES.values()]
    assert sorted(shapes) == sorted({mark.shape for mark in marks})
    styles = (STATIC / "register.css").read_text()
    for tone in Tone:
        assert f".status--delivery.status--{tone}" in styles
        assert f".status--reporting.status--{tone}" in styles
    badge = (settings.BASE_DIR / "templates" / "website" / "badge.svg").read_text()
    assert all(f".strip--{tone}" in badge for tone in Tone)


def test_every_delivery_is_counted_in_a_summary():
    commitments = [Record(delivery=delivery) for delivery in Delivery for _ in range(2)]
    for commitment in commitments:
        commitment.ending, commitment.reporting = "open", "up_to_date"
    sentence = signatories.delivery_sentence(commitments)
    for label in Delivery.labels:
        assert f"2 {label.lower()}" in sentence
    results = [sentence.index(f"2 {code.label.lower()}") for code in Delivery.final_results()]
    assert results == sorted(results), "Results come first"
    assert max(results) < sentence.index("2 on track")


def test_every_reporting_state_has_a_sentence_of_its_own():
    day = date(2026, 3, 1)
    signatory = {
        "pause": {"to": "2026-06-30", "reason": "A fire."},
        "unreachable_since": "2026-02-01",
        "no_contact_since": "2026-02-01",
    }
    texts = set()
    for state in Reporting:
        record = Record(open_due_on=day, overdue_on=day, silent_on=day, last_heard_on=day)
        record.reporting = state
        details = sentences.ReportingDetails(signatory, "", later_missing=0, latest_update="")
        texts.add(sentences.reporting_sentence(record, day, details))
    assert len(texts) == len(Reporting)


def declared_lists(parent=models.TextChoices):
    """Yield all lists of codes by their names in code, the private ones too."""
    for code_list in parent.__subclasses__():
        if code_list.values:
            yield code_list.__qualname__, code_list
        yield from declared_lists(code_list)


def tables():
    """Yield the file and the keys of each table in the product's code, as they are written."""
    for package in ("registry", "charter", "reporting"):
        for path in sorted((settings.BASE_DIR / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Dict):
                    keys = [ast.unparse(key) for key in node.keys if key is not None]
                    if len(keys) > 1:
                        yield str(path.relative_to(settings.BASE_DIR)), keys


# Tables that are meant for some codes only, and what happens to the others.
PARTIAL_TABLES = {
    "charter/actions/changes.py": "Other changes do not end a commitment",
    "charter/correction_rules.py": "No correction withdraws a commitment",
    "charter/forms/changes.py": "What ends a commitment has no hint",
    "charter/activity.py": "An act of a person has the person's name",
    "charter/workflow.py": "Before publication a change moves as every submission does",
    "registry/log/folding.py": "Other actions do not end a record",
    "registry/log/history.py": "Other deliveries are no result",
    "registry/website/changes.py": "Other ways to weaken have no value to compare",
    "registry/website/overview.py": "Each picture shows some of what is counted",
    "registry/website/signatories.py": "Other reporting states have no first day to name",
    "registry/wording/standings.py": "Other charter statuses have dates, or need no note",
    "registry/wording/timeline.py": "Other actions have no event of their own",
    "reporting/actions/periods.py": "Other statuses do not end reporting",
    "reporting/redaction/actions.py": "Other records are corrected",
    "reporting/redaction/restoring.py": "Other actions do not end a commitment",
    "reporting/demonstration/script.py": "The demonstration has no other evidence",
}


def test_every_table_of_codes_is_complete():
    lists = dict(declared_lists())
    for path, keys in tables():
        names = [re.sub(r"^(code_lists|measure_codes)\.", "", key).rpartition(".") for key in keys]
        code_list = lists.get(names[0][0])
        if code_list and {name for name, _, _ in names} == {names[0][0]}:
            members = {member for _, _, member in names}
            assert members == set(code_list.__members__) or path in PARTIAL_TABLES, (path, keys)


def test_no_table_is_keyed_by_codes_that_are_typed_out():
    for path, keys in tables():
        for code_list in published_lists().values():
            typed = {repr(code) for code in code_list.values} & set(keys)
            assert len(typed) < max(3, len(keys) / 2) or path in PARTIAL_TABLES, (path, keys)
