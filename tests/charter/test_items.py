"""Public fields are listed one by one; all others stay private."""

import json

import pytest
from django.apps import apps

from charter import items
from registry.models import Entry
from registry.schema import kinds
from tests import factories
from tests.charter.field_visibility import PRIVATE, PUBLIC, WHOLLY_PRIVATE

pytestmark = pytest.mark.django_db


def test_every_model_is_public_or_private():
    ours = set(apps.get_app_config("charter").get_models())
    assert ours == set(PUBLIC) | WHOLLY_PRIVATE


@pytest.mark.parametrize("model", PUBLIC)
def test_every_field_is_public_or_private(model):
    fields = {field.name for field in model._meta.concrete_fields}
    assert fields == PUBLIC[model] | PRIVATE[model]
    assert not PUBLIC[model] & PRIVATE[model]


def test_items_contain_only_the_fields_of_their_kind():
    commitment = factories.published_commitment(
        **factories.with_measure("LE01"), area_codes=["E05011118"], baseline_value="2.5"
    )
    signatory = commitment.signatory
    items_by_kind = {
        "charter": items.charter(signatory.charter),
        "theme": items.theme(commitment.theme),
        "measure": items.measure(commitment.measure),
        "signatory": items.signatory(signatory),
        "commitment": items.commitment(commitment),
    }
    for kind, content in items_by_kind.items():
        assert set(content) <= set(kinds.item_serializer(kind).fields)
        kinds.clean_item(kind, content)


def test_personal_names_and_addresses_are_not_published():
    factories.published_commitment()
    factories.returned_commitment("Words between us: pineapple")
    published = " ".join(Entry.objects.values_list("item", flat=True))
    for private in ("Asha", "asha@brookfield.example", "Dev", "dev@council.example", "pineapple"):
        assert private not in published


def test_commitment_is_published_as_plain_json():
    commitment = factories.published_commitment(
        **factories.with_measure("LE01"),
        target_value="20.500",
        baseline_value=2,
        area_codes=["E05011118", "E08000025"],
    )
    item = json.loads(Entry.objects.get(key=commitment.key).item)
    assert item["target"]["value"] == "20.5"
    assert item["baseline"] == {"value": "2"}
    assert item["area_codes"] == ["E05011118", "E08000025"]
    assert item["unit"] == "fte"
    assert item["unit_label"] == "FTE"


def test_signatorys_record_has_the_primary_number():
    signatory = factories.signatory(identifiers=[("GB-COH", "06445363"), ("GB-CHC", "279417")])
    item = items.signatory(signatory)
    assert item["primary_org_id"] == "GB-COH-06445363"
    assert len(item["identifiers"]) == 2
