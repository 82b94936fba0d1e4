"""What the public may see is named field by field; the rest stays private."""

import json

import pytest

from charter import items
from charter.models import (
    Change,
    Charter,
    Commitment,
    Identifier,
    Measure,
    Organisation,
    Signatory,
    Theme,
)
from registry import kinds
from registry.models import Entry
from tests import factories

pytestmark = pytest.mark.django_db

# Every field of a model that has an item is classed here; a new field fails the test until it is.
PUBLIC = {
    Charter: {
        "key",
        "authority",  # its name, identifier and contacts
        "title",
        "description",
        "edition",
        "document_url",
        "valid_from",
        "valid_to",
        "tiers",
        "default_cadence",
        "reminder_days",
        "overdue_after_days",
        "silent_after_days",
    },
    Theme: {"key", "charter", "code", "title", "description", "position", "valid_from"},
    Measure: {
        "key",
        "theme",
        "code",
        "title",
        "definition",
        "nature",
        "unit",
        "unit_label",
        "usual_evidence",
        "aggregation",
        "direction",
        "valid_from",
        "valid_to",
    },
    Organisation: {
        "legal_name",
        "trading_name",
        "kind",
        "social_enterprise",
        "size",
        "sector",
        "website",
        "area_codes",
    },
    Identifier: {"scheme", "number", "primary"},
    Signatory: {
        "key",
        "charter",
        "organisation",
        "route",
        "standing",
        "certificate_number",
        "accredited_from",
        "accredited_to",
        "joined_on",
        "left_on",
        "covers",
        "pause_from",
        "pause_to",
        "pause_reason",
        "unreachable_since",
        "source",
    },
    Commitment: {
        "key",
        "signatory",
        "theme",
        "measure",
        "title",
        "description",
        "baseline_value",
        "baseline_on",
        "target_value",
        "start_on",
        "end_on",
        "area_codes",
        "additionality",
        "answerable_role",
        "cadence",
        "evidence_kind",
        "evidence_text",
        "source",
        "end_reason",
    },
    Change: {"reason", "values", "end_reason", "action"},  # with the change itself
}
PRIVATE = {
    Charter: {"id", "accreditation_months"},
    Theme: {"id"},
    Measure: {"id"},
    Organisation: {"id"},
    Identifier: {"id", "organisation"},
    Signatory: {"id"},
    Commitment: {
        "id",
        "status",
        "version",
        "update_owner",
        "returned_words",
        "submitted_at",
        "published_at",
        "reporting_from",
    },
    Change: {"id", "commitment", "status", "returned_words", "submitted_at", "decided_at"},
}


@pytest.mark.parametrize("model", PUBLIC)
def test_every_field_is_classed_public_or_private(model):
    fields = {field.name for field in model._meta.concrete_fields}
    assert fields == PUBLIC[model] | PRIVATE[model]
    assert not PUBLIC[model] & PRIVATE[model]


def test_items_hold_only_what_their_kind_allows():
    commitment = factories.published_commitment(area_codes=["E05011118"], baseline_value="2.5")
    signatory = commitment.signatory
    made = {
        "charter": items.charter(signatory.charter),
        "theme": items.theme(commitment.theme),
        "measure": items.measure(commitment.measure),
        "signatory": items.signatory(signatory),
        "commitment": items.commitment(commitment),
    }
    for kind, content in made.items():
        assert set(content) <= set(kinds.KINDS[kind]().fields)
        kinds.clean(kind, content)


def test_no_name_and_no_address_of_a_person_is_published():
    factories.published_commitment()
    factories.returned_commitment("Words between us: pineapple")
    published = " ".join(Entry.objects.values_list("item", flat=True))
    for private in ("Asha", "asha@brookfield.example", "Dev", "dev@council.example", "pineapple"):
        assert private not in published


def test_a_commitment_is_published_in_json_that_anyone_can_read():
    commitment = factories.published_commitment(
        target_value="20.500", baseline_value=2, area_codes=["E05011118", "E08000025"]
    )
    item = json.loads(Entry.objects.get(key=commitment.key).item)
    assert item["target"]["value"] == "20.5"
    assert item["baseline"] == {"value": "2"}
    assert item["area_codes"] == ["E05011118", "E08000025"]
    assert item["unit"] == "count"
    assert item["unit_label"] == "people"


def test_the_primary_number_of_an_organisation_stands_in_its_record():
    signatory = factories.signatory(identifiers=[("GB-COH", "06445363"), ("GB-CHC", "279417")])
    item = items.signatory(signatory)
    assert item["primary_org_id"] == "GB-COH-06445363"
    assert len(item["identifiers"]) == 2
