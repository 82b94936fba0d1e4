"""Published items are parsed without another check, into the values that the check gives."""

from typing import Any

import pytest
from rest_framework import serializers

from registry.schema import kinds
from tests.registry import items

EVIDENCE = {
    "id": "6f1c0a52-7c1e-4f55-9a53-0f6a1b2c3d4e",
    "type": "document",
    "title": "Payroll",
    "url": "https://example.org/payroll",
    "dated_on": "2026-03-01",
    "attribution": 40,
    "visibility": "public",
}
UPDATE = {
    "evidence": [EVIDENCE],
    "check": {"on": "2026-04-02", "by_role": "officer", "result": "confirmed", "finding": "Seen."},
    "confirmations": [{"on": "2026-04-03", "answer": "yes"}],
}
PERIOD = {"requested_on": ["2026-03-02", "2026-03-30"], "received_on": "2026-03-31"}
COMMITMENT = {"baseline": {"value": "1.50", "on": "2026-01-01"}, "area_codes": ["E08000025"]}


def checked_item(serializer: serializers.Serializer[Any], content: Any) -> Any:
    """Return what the check of an item makes of it, with None for what is missing."""
    return with_missing(serializer, serializer.to_internal_value(content))


def with_missing(field: Any, value: Any) -> Any:
    if value is not None and isinstance(field, serializers.ListSerializer):
        return [with_missing(field.child, member) for member in value]
    if value is not None and isinstance(field, serializers.Serializer):
        return {
            name: with_missing(member, value.get(name)) for name, member in field.fields.items()
        }
    return value


@pytest.mark.parametrize(
    "act",
    [
        *items.small_register(),
        items.commitment(**COMMITMENT),
        items.period(**PERIOD),
        items.update(**UPDATE),
        items.success(evidence=[EVIDENCE]),
        items.featured(),
    ],
    ids=lambda act: act.kind,
)
def test_parsed_item_has_the_values_that_its_check_gave(act):
    item = kinds.clean_item(act.kind, act.content)
    assert kinds.parse_item(act.kind, item) == checked_item(kinds.item_serializer(act.kind), item)


def test_unknown_field_of_an_item_is_left_out():
    assert "colour" not in kinds.parse_item("theme", items.theme().content | {"colour": "red"})
