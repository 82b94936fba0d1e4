"""Each declared field of a commitment is asked, published, shown and changed."""

import csv
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.test import Client

from charter.actions import commitments
from charter.forms.changes import WEAKENING_HINTS, ChangeForm
from charter.forms.commitment_fields import code_choices, form_fields
from charter.forms.commitments import CommitmentForm
from charter.models import Change, Commitment, Organisation
from charter.spreadsheets.commitments import (
    COMMITMENT_COLUMNS,
    MeasureMenu,
    as_text,
    build_form,
    commitment_cells,
)
from registry import clock
from registry.models import Record
from registry.schema import kinds
from registry.schema.commitment_fields import COMMITMENT_FIELDS, FieldType
from registry.wording.differences import field_text
from tests import factories
from tests.registry import items
from tests.registry.test_weakening import weakenings
from tests.visitors import signed_in

pytestmark = pytest.mark.django_db

# Public fields that no form asks for, with the reason.
NOT_ASKED = {
    "change_reason": "asked by the form of a change",
    "correction_ground": "follows for a signatory, asked of the council when it corrects",
    "correction_document": "asked of the council when it corrects",
    "signatory": "the organisation of the person who writes",
    "charter": "the charter that the signatory is in",
    "theme": "the theme of the measure, or chosen in its place",
    "value_type": "a property of the measure",
    "unit": "a property of the measure",
    "unit_label": "a property of the measure",
    "supersedes": "no form replaces a commitment yet",
    "based_on": "the link that the form was opened by",
    "sent_on_behalf_by": "the support body of the person who submits",
    "end_reason": "asked when a change closes the commitment",
    "source": "records restated from a report, which no form makes",
}
# On the page beside the declared fields.
OTHER_FACTS = {"Charter", "Published on"}
# A weaker value of each field that may weaken, as changes of the public item.
WEAKER = {
    "target_value": {"target": {"value": "15", "by": "2027-06-30"}},
    "end_on": {"end_on": "2027-12-31", "target": {"value": "20", "by": "2027-12-31"}},
    "baseline_value": {"baseline": {"value": "15"}},
}
PLAIN_FIELDS = [declared for declared in COMMITMENT_FIELDS if declared.is_plain]


def sample_value(declared, number: int) -> str:
    """Return a valid value as typed into a form; each `number` has its own."""
    match declared.type:
        case FieldType.CODE:
            return code_choices(declared)[number % 2][0]
        case FieldType.DAY:
            # The start before the end.
            days = 100 + number + (100 if declared.name == "end_on" else 0)
            return (clock.today() + timedelta(days)).isoformat()
        case FieldType.NUMBER:
            return str(10 + number)
    return f"{declared.label}, version {number}"


def form_data(**fields) -> dict:
    """Return a form with every plain field and all that a commitment needs besides."""
    plain_values = {declared.name: sample_value(declared, 0) for declared in PLAIN_FIELDS}
    return plain_values | {
        "measure": factories.measure("LE01").key,
        "target_value": "20",
        "baseline_value": "3",
        "baseline_on": "1/1/2026",
        "area_codes": ["E05011118"],
        "contract_reference": "P0123-2026",
        "evidence_kind": "payroll",
        "evidence_text": "Payroll records",
        "version": "1",
        **fields,
    }


def written_commitment() -> Commitment:
    form = CommitmentForm(form_data(), signatory=factories.brookfield())
    assert form.is_valid(), form.errors
    return commitments.start_draft(
        by=factories.asha(), signatory=factories.brookfield(), **form.values()
    )


def published_commitment() -> Commitment:
    commitment = factories.submit(written_commitment(), by=factories.asha())
    return factories.publish(commitment, by=factories.officer())


def typed_item(key: str) -> dict:
    return kinds.parse_item("commitment", Record.objects.get(key=key).item)


def inputs(page) -> set[str]:
    return set(re.findall(r'<(?:input|select|textarea)[^>]* name="(\w+)"', page.text))


def facts(page) -> dict[str, str]:
    """Return the labels and texts of the facts on a commitment's page."""
    rows = re.findall(
        r'summary-list__key">([^<]+)</dt>\s*<dd[^>]*>(.*?)</dd>',
        page.text.partition('id="promise"')[2].partition("</section>")[0],
        re.DOTALL,
    )
    return {label: re.sub(r"<[^>]+>", "", text) for label, text in rows}


def test_every_public_field_is_asked_for():
    asked = {declared.part_of or declared.name for declared in COMMITMENT_FIELDS}
    public = set(kinds.item_serializer("commitment").fields)
    assert public - asked == set(NOT_ASKED)
    assert asked <= public


def test_forms_of_large_and_small_organisations_ask_for_every_field():
    asha = signed_in(factories.asha())
    address = f"/business/commitments/new?measure={factories.measure('LE01').key}"
    every_name = set(form_fields(COMMITMENT_FIELDS))
    assert every_name <= inputs(asha.get(address, follow=True))
    Organisation.objects.filter(signatories=factories.brookfield()).update(size="micro")
    page = asha.get(address, follow=True)
    assert "Three questions" in page.text
    assert every_name <= inputs(page)


def test_spreadsheet_has_a_column_for_every_field_but_the_contract():
    columns = {declared.name for declared in COMMITMENT_COLUMNS.values()}
    assert {declared.name for declared in COMMITMENT_FIELDS} - columns == {"contracts"}


def test_written_field_is_on_the_page_in_the_api_and_in_the_csv_file():
    commitment = published_commitment()
    page = Client().get(f"/commitments/{commitment.key}")
    item, shown = typed_item(commitment.key), facts(page)
    assert set(shown) <= {declared.label for declared in COMMITMENT_FIELDS} | OTHER_FACTS
    record = Client().get(f"/api/v1/commitments/{commitment.key}").json()
    file = Client().get("/commitments.csv").getvalue().decode("utf-8-sig")
    [row] = csv.DictReader(StringIO(file))
    for declared in PLAIN_FIELDS:
        text = field_text(declared, item)
        assert text in (shown.get(declared.label) or page.text)
        # The deadline is published once, with the target.
        expected = "" if declared.name == "end_on" else sample_value(declared, 0)
        assert (record[declared.name] or "") == row[declared.name] == expected
    assert shown["Target"].startswith("20 FTE by ")
    assert shown["Starting point"] == "3 FTE on 1 January 2026"
    assert shown["Where"] == "Acocks Green"
    assert shown["Contract"] == "P0123-2026"


def test_plain_field_is_described_in_the_schema_and_the_dictionary(client):
    schema = client.get("/schemas/v1/commitments.json").json()["properties"]
    dictionary = client.get("/data/dictionary").text
    for declared in PLAIN_FIELDS:
        assert schema[declared.name]["description"].startswith(declared.description)
        assert declared.description in dictionary


def test_preview_shows_every_field_before_it_is_public():
    commitment = written_commitment()
    asha = signed_in(factories.asha())
    preview = facts(asha.get(f"/business/commitments/{commitment.key}/preview"))
    factories.submit(commitment, by=factories.asha())
    factories.publish(commitment, by=factories.officer())
    public = facts(Client().get(f"/commitments/{commitment.key}"))
    assert public.pop("Published on")
    assert public == preview


def test_changed_field_is_in_the_preview_and_the_timeline():
    commitment = published_commitment()
    asha = signed_in(factories.asha())
    address = f"/business/commitments/{commitment.key}/change/amend"
    form = asha.get(address).context["form"]
    data = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    changed = [declared for declared in PLAIN_FIELDS if declared.may_change]
    data |= {declared.name: sample_value(declared, 1) for declared in changed}
    preview = asha.post(address, data | {"reason": "A new site."}, follow=True).text
    before = typed_item(commitment.key)
    change = factories.submit(Change.objects.get(), by=factories.asha())
    factories.publish(change, by=factories.officer())
    after = typed_item(commitment.key)
    timeline = Client().get(f"/commitments/{commitment.key}").text.partition('id="timeline"')[2]
    for declared in changed:
        old_text, new_text = field_text(declared, before), field_text(declared, after)
        if declared.name != "end_on":  # The target contains it.
            assert old_text != new_text
        assert all(text in page for text in (old_text, new_text) for page in (preview, timeline))


def test_change_form_asks_for_what_may_change_and_warns_of_what_may_weaken():
    form = ChangeForm(commitment=published_commitment(), action=Change.Action.AMEND)
    may_change = [declared for declared in COMMITMENT_FIELDS if declared.may_change]
    assert set(form.fields) == {*form_fields(may_change), "reason", "version"}
    hint = WEAKENING_HINTS[Change.Action.AMEND]
    warned = {name for name, field in form.fields.items() if hint in field.help_text}
    assert warned == {declared.name for declared in COMMITMENT_FIELDS if declared.may_weaken}


def test_fields_that_may_weaken_are_those_the_register_compares():
    assert set(WEAKER) == {d.name for d in COMMITMENT_FIELDS if d.may_weaken}
    first = ("publish", {"baseline": {"value": "5"}})
    for change in WEAKER.values():
        assert weakenings("increase", first, ("amend", change))
    unchanged = items.commitment().content
    for declared in PLAIN_FIELDS:
        if not declared.may_weaken:
            value = sample_value(declared, 1)
            change = unchanged | {declared.name: value}
            assert not weakenings("increase", ("publish", {}), ("amend", change)), declared.name


def test_downloaded_row_is_read_back_unchanged():
    commitment = written_commitment()
    signatory = commitment.signatory
    cells = {column: as_text(cell) for column, cell in commitment_cells(commitment).items()}
    form = build_form(
        cells,
        signatory=signatory,
        menu=MeasureMenu(signatory.charter),
        commitment=None,
        draft=False,
    )
    assert form.is_valid(), form.errors
    for name, value in form.values().items():
        if name not in ("contracts", "based_on"):
            assert value == getattr(commitment, name), name


def test_blank_update_frequency_is_the_usual_one_of_the_signatory():
    signatory = factories.brookfield()
    signatory.route = "contract"
    form = CommitmentForm(form_data(cadence=""), signatory=signatory)
    assert form.is_valid(), form.errors
    assert form.values()["cadence"] == "quarterly"


@pytest.mark.parametrize(
    "declared", [d for d in COMMITMENT_FIELDS if d.missing_message], ids=lambda d: d.name
)
def test_missing_field_is_reported_in_the_words_of_its_declaration(declared):
    form = CommitmentForm(form_data(**{declared.name: ""}), signatory=factories.brookfield())
    assert form.errors == {declared.name: [declared.missing_message]}
