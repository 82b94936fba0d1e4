"""A field of a commitment is published, described and shown from its declaration alone."""

import pytest

from registry.schema import code_lists, commitment_fields, kinds
from registry.schema.commitment_fields import COMMITMENT_FIELDS, CommitmentField, FieldType
from registry.website.commitment_facts import Fact, Link, commitment_facts
from registry.wording.differences import field_text, item_differences
from tests.registry import items


def typed_item(**changes):
    content = items.commitment(**changes).content
    return kinds.parse_item("commitment", kinds.clean_item("commitment", content))


@pytest.mark.parametrize(
    ("type_", "value", "published", "text"),
    [
        (FieldType.TEXT, "Two kitchens", "Two kitchens", "Two kitchens"),
        (FieldType.LONG_TEXT, "One.\nTwo.", "One.\nTwo.", "One.\nTwo."),
        (FieldType.CODE, "yearly", "yearly", "Every year"),
        (FieldType.DAY, "2027-06-30", "2027-06-30", "30 June 2027"),
        (FieldType.NUMBER, "1250.500", "1250.5", "1,250.5"),
    ],
)
def test_plain_field_of_each_type_needs_only_its_declaration(
    monkeypatch, type_, value, published, text
):
    trial = CommitmentField(
        name="trial",
        label="Trial",
        type=type_,
        description="A trial",
        code_list=code_lists.Cadence if type_ is FieldType.CODE else None,
    )
    monkeypatch.setattr(commitment_fields, "COMMITMENT_FIELDS", (trial,))
    field = commitment_fields.serializer_fields()["trial"]
    assert (field.help_text, field.required) == ("A trial", False)
    typed = field.run_validation(value)
    assert field.to_representation(typed) == published
    assert field_text(trial, {"trial": typed}) == text
    assert field_text(trial, {"trial": None}) == field_text(trial, {}) == ""


def test_page_lists_the_facts_in_the_order_of_the_form():
    item = typed_item(
        unit_label="people",
        baseline={"value": "1", "on": "2026-01-31"},
        start_on="2026-02-01",
        area_codes=["E05011118"],
        responsible_role="Head of people",
        contracts=[{"reference": "P0123"}],
    )
    assert commitment_facts(item, items.measure().content) == [
        Fact(
            "Measure",
            links=(
                Link("New apprentices started", "/measures/M-00001"),
                Link("Compare with similar commitments", "/compare?measure=M-00001"),
            ),
        ),
        Fact("Target", "20 people by 30 June 2027"),
        Fact("Starting point", "1 person on 31 January 2026"),
        Fact("Start date", "1 February 2026"),
        Fact("Where", links=(Link("Acocks Green", "/places/E05011118"),)),
        Fact("Core or additional", "Additional: beyond the organisation’s paid or usual work"),
        Fact("Responsible role", "Head of people"),
        Fact("Update frequency", "Every 3 months"),
        Fact("Contract", "P0123"),
        Fact("Planned evidence", "Payroll records and college letters", is_quoted=True),
    ]


def test_commitment_in_words_still_shows_its_deadline():
    facts = commitment_facts(typed_item(target=None, measure=None), {})
    assert [(fact.label, fact.text) for fact in facts][:2] == [
        ("Target", "No numerical target"),
        ("Deadline", "30 June 2027"),
    ]


@pytest.mark.parametrize(
    ("counts", "shown"), [("on_a_day", True), ("in_a_year", True), ("since_promise", False)]
)
def test_missing_starting_point_is_shown_only_where_the_measure_has_one(counts, shown):
    facts = commitment_facts(typed_item(), items.measure(counts=counts).content)
    assert (Fact("Starting point", "Not given") in facts) is shown


def test_restated_commitment_shows_no_codes_that_its_source_does_not_state():
    source = {"note": "Restated.", "title": "A report"}
    labels = {fact.label for fact in commitment_facts(typed_item(source=source), {})}
    assert not {"Core or additional", "Update frequency"} & labels


def test_new_starting_point_date_is_a_difference():
    before = typed_item(baseline={"value": "1"})
    after = typed_item(baseline={"value": "1", "on": "2026-01-31"})
    [difference] = item_differences("commitment", before, after)
    assert (difference.label, difference.after) == ("Starting point", "1 on 31 January 2026")


def test_every_label_is_used_once():
    labels = [declared.label for declared in COMMITMENT_FIELDS]
    assert len(labels) == len(set(labels))
