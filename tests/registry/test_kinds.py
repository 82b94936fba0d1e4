"""Each kind of record is declared once, in registry/schema; all else reads its declaration."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.urls import reverse

from registry.log import keys
from registry.schema import kinds

ROOT = Path(__file__).parents[2]
NAMES = {name for spec in kinds.KINDS.values() for name in (spec.name, spec.plural)}
# A list of this many kinds is a table of its own, which a new kind would be missing from.
TABLE = 3


@pytest.mark.django_db
def test_no_two_kinds_share_a_letter_or_an_address():
    specs = kinds.KINDS.values()
    assert len({spec.letter for spec in specs}) == len(specs)
    assert len({spec.plural for spec in specs}) == len(specs)
    for spec in specs:
        assert keys.kind_of(keys.new_key(spec.name)) == spec.name
        assert keys.is_key(keys.new_key(spec.name))


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_spec_names_only_fields_that_the_kind_has(kind):
    spec = kinds.KINDS[kind]
    fields = kinds.item_serializer(kind).fields
    named = {spec.parent} - {""} | set(spec.compared)
    assert named | {
        name.partition("__")[0] for name in (*spec.name_fields, *spec.search_fields)
    } <= set(fields)
    if spec.parent:
        assert fields[spec.parent].kinds == (spec.parent,)
        assert list(kinds.KINDS).index(spec.parent) < list(kinds.KINDS).index(kind)


@pytest.mark.parametrize("kind", [kind for kind, spec in kinds.KINDS.items() if spec.has_page])
def test_kind_with_a_section_has_a_page_there(kind):
    spec = kinds.KINDS[kind]
    assert reverse(f"website:{kind}", args=["KEY"]) == f"/{spec.plural}/KEY"
    assert reverse(f"website:{spec.section}")


def tables_of_kinds(source: str) -> Iterator[int]:
    """Yield the lines of lists and dicts made of kinds, and of patterns with several of them."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Tuple | ast.List | ast.Set):
            members = node.elts
        elif isinstance(node, ast.Dict):
            # What is done for each kind is no table of what the kinds are.
            is_dispatch = all(isinstance(value, ast.Name) for value in node.values)
            members = [] if is_dispatch else [key for key in node.keys if key]
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            is_pattern = "|" in node.value.replace("||", "")  # which joins texts in SQL
            words = re.findall("[a-z]+", node.value) if is_pattern else []
            if len(NAMES & set(words)) >= TABLE or keys.LETTERS in node.value:
                yield node.lineno
            continue
        else:
            continue
        named = [m for m in members if isinstance(m, ast.Constant) and m.value in NAMES]
        if len(named) >= TABLE and 2 * len(named) >= len(members):
            yield node.lineno


# Tables that stay, each with its reason.
TABLES_THAT_STAY = {
    "history.py": "the lists whose past is counted, a choice",
    "sharing_cards.py": "the titles of pages, whose names are those of kinds",
}


def test_no_module_has_a_table_of_kinds_of_its_own():
    found = [
        f"{path.relative_to(ROOT)}:{line}"
        for path in sorted((ROOT / "registry").rglob("*.py"))
        if "migrations" not in path.parts
        and path.parent != ROOT / "registry" / "schema"
        and path.name not in TABLES_THAT_STAY
        for line in tables_of_kinds(path.read_text())
    ]
    assert found == [], "read registry.schema.kinds.KINDS instead"


@pytest.mark.parametrize(
    "table",
    [
        "NOTABLE = ('signatory', 'commitment', 'update')",
        "SECTIONS = {'theme': 'themes', 'measure': 'themes', 'update': 'commitments'}",
        "LABELS = {'theme': 1, 'charter': 2, 'notice': 3, 'letter': 4}",
        "FEEDS = r'^feeds/(?P<plural>signatories|commitments|themes)/'",
        f"PATTERN = '[{keys.LETTERS}]-'",
    ],
)
def test_table_of_kinds_is_noticed(table):
    assert list(tables_of_kinds(table)) == [1]
