"""Each code list is declared once: every place that knows its codes knows all of them."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from rest_framework import serializers

from registry.api import schema
from registry.api.representation import RECORD_SERIALIZERS
from registry.models import Record
from registry.schema.code_lists import Delivery, LevelOfProof, Reporting
from registry.schema.codes import TaggedList, Tone, published_lists
from registry.schema.fields import CodeField
from registry.website import badges, signatories

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


def test_every_code_in_the_data_is_explained_by_a_public_list():
    fields = list(choice_fields())
    assert {"delivery", "unit", "planned_evidence", "action", "reason_code"} - {
        name for name, _ in fields
    } == {"planned_evidence"}
    for name, field in fields:
        assert isinstance(field, CodeField), f"{name} has codes without a code list"
        assert published_lists()[field.code_list.list_name()] is field.code_list
        assert set(field.choices) <= set(field.code_list.values)


@pytest.mark.parametrize("code_list", LISTS)
def test_every_code_has_a_label_of_its_own(code_list):
    assert all(re.match(r"[A-Z0-9]", label) for label in code_list.labels)
    assert len(set(code_list.labels)) == len(code_list)
    described = [bool(code.description) for code in code_list]
    assert all(described) or not any(described), "A description for each code, or for none"


def test_every_tag_has_a_shape_of_its_own_and_a_colour():
    tags = [tag for code_list in TaggedList.__subclasses__() for tag in code_list]
    shapes = re.findall(r'symbol id="(\w+)"', (STATIC / "shapes.svg").read_text())
    assert sorted(shapes) == sorted({tag.shape for tag in [*tags, *LevelOfProof]})
    styles = (STATIC / "register.css").read_text()
    for tone in Tone:
        assert f".status--delivery.status--{tone}" in styles
        assert f".status--reporting.status--{tone}" in styles
    assert set(badges.COLOURS) == set(Tone)


def test_every_delivery_is_counted_in_a_summary():
    commitments = [Record(delivery=delivery) for delivery in Delivery for _ in range(2)]
    sentence = signatories.delivery_sentence(commitments)
    for label in Delivery.labels:
        assert f"2 {label.lower()}" in sentence
    results = [sentence.index(f"2 {code.label.lower()}") for code in Delivery.final_results()]
    assert results == sorted(results), "Results come first"
    assert max(results) < sentence.index("2 on track")


def test_every_reporting_state_is_late_or_named():
    def sentence(state):
        record = Record(delivery=Delivery.ON_TRACK, status=Record.Status.LIVE)
        record.reporting = state
        return signatories.signatory_sentence([record])

    for state in {*Reporting.late_states(), Reporting.DUE}:
        assert f"1 {state.label.lower()}" in sentence(state)


def code_tables():
    """Yield where each table keyed by codes of one list stands, and its codes."""
    by_class = {code_list.__qualname__: code_list for code_list in published_lists().values()}
    for package in ("registry", "charter", "reporting"):
        for path in sorted((Path(settings.BASE_DIR) / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Dict) and len(node.keys) > 1:
                    keys = [ast.unparse(key) for key in node.keys if key is not None]
                    names = [key.removeprefix("code_lists.").rpartition(".") for key in keys]
                    classes = {name for name, _, _ in names}
                    if len(classes) == 1 and (code_list := by_class.get(*classes)):
                        where = f"{path.relative_to(settings.BASE_DIR)}:{node.lineno}"
                        yield where, code_list, {member for _, _, member in names}


# The tables that are about some codes only, each with what happens to the others.
PARTIAL_TABLES = {
    "registry/log/folding.py": "Other actions keep the status of a record, or make it live again",
    "registry/wording/timeline.py": "Other actions have no event of their own",
    "reporting/redaction/actions.py": "Records that did not end are corrected",
}


def test_every_table_of_codes_is_complete():
    for where, code_list, members in code_tables():
        if where.partition(":")[0] not in PARTIAL_TABLES:
            assert members == set(code_list.__members__), where
