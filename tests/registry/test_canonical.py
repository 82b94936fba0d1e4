"""The canonical form and its hashes, which must never change."""

import json
import re
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.log.canonical import (
    HASH_BEFORE_THE_FIRST,
    NotCanonicalError,
    canonical,
    hash_entry,
    hash_item,
)

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")).map(
    lambda text: unicodedata.normalize("NFC", text)
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_canonical_text_round_trips(value):
    text = canonical(value)
    assert json.loads(text) == value
    assert canonical(json.loads(text)) == text


@given(st.dictionaries(texts, values, max_size=5))
def test_order_of_names_does_not_matter(value):
    assert canonical(dict(reversed(value.items()))) == canonical(value)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (0.5, "float"),
        ({"a": [1.0]}, "float"),
        (2**53 + 1, "beyond"),
        ("\x00", "NUL"),
        ("\ud800", "surrogates"),
        (["\udfff"], "surrogates"),
        ("e\u0301", "NFC"),
        ({1: "a"}, "names must be text"),
        ({"e\u0301": "a"}, "NFC"),
        (float("nan"), "float"),
    ],
)
def test_value_without_a_canonical_form_is_refused_with_a_reason(value, reason):
    with pytest.raises(NotCanonicalError, match=reason):
        canonical(value)


def test_refusal_names_the_part_of_the_item():
    with pytest.raises(NotCanonicalError, match=r"^item\.targets\[1\]\.value: float"):
        canonical({"targets": [{"value": "12"}, {"value": 12.5}]})


def test_published_test_vectors_are_valid():
    text = Path("docs/data.md").read_text(encoding="utf-8")
    vectors = json.loads(re.search(r"```json\n(.*?)```", text, re.DOTALL)[1])
    previous = HASH_BEFORE_THE_FIRST
    assert len(vectors) == 2
    for vector in vectors:
        assert canonical(json.loads(vector["item"])) == vector["item"]
        assert hash_item(vector["item"]) == vector["item_hash"]
        at = datetime.strptime(vector["at"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        fields = [vector[name] for name in ("kind", "key", "action", "item_hash")]
        previous = hash_entry(previous, vector["number"], at, *fields)
        assert previous == vector["hash"]
