"""Short forms, commitments based on others, places by name, contracts."""

import re

import pytest
from django.test import Client

from charter.models import Change, Commitment, Organisation
from registry.models import Record
from tests import factories
from tests.charter.test_changes import form_of
from tests.charter.test_pages import NEW, commitment_form, new_form
from tests.visitors import send_from_preview, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def asha() -> Client:
    return signed_in(factories.asha())


@pytest.fixture
def met_commitment():
    """Return a commitment of Brookfield Catering's that was met."""
    commitment = factories.published_commitment(title="Take on 12 people who never had a trade")
    Record.objects.filter(key=commitment.key).update(delivery="met")
    return commitment


@pytest.fixture
def cara() -> Client:
    """Return a client for Cara, who owns an organisation of fewer than ten people."""
    user = factories.cara()
    Organisation.objects.filter(memberships__user=user).update(size="micro")
    return signed_in(user)


def test_signatory_of_under_ten_people_answers_three_questions(cara):
    measure = factories.measure("GE08")
    page = cara.get(f"{NEW}?measure={measure.theme.key}", follow=True).text
    assert "Three questions, once a year" in page
    answers = {
        "measure": measure.theme.key,
        "title": "Repair tools for two schools of Aston by summer",
        "end_on": factories.in_days(200).isoformat(),
        "evidence_text": "Photographs and a letter from each school",
    }
    preview = cara.post(NEW, new_form(cara) | answers)
    commitment = Commitment.objects.get()
    assert preview.url == f"/business/commitments/{commitment.key}/preview"
    assert commitment.cadence == "yearly"
    send_from_preview(cara, f"/business/commitments/{commitment.key}")
    commitment.refresh_from_db()
    assert commitment.status == "submitted"
    factories.publish(commitment, by=factories.officer())
    assert Record.objects.get(key=commitment.key).item.get("additionality") is None
    page = Client().get(f"/commitments/{commitment.key}").text
    assert re.search(r">Core or additional</dt>\s*<dd[^>]*>\s*Not said\s*</dd>", page)
    assert "beyond the organisation’s paid or usual work" not in page


def test_larger_signatory_must_fill_in_both_parts(asha):
    empty = dict.fromkeys(["description", "evidence_kind", "additionality"], "")
    page = asha.post(NEW, new_form(asha) | commitment_form(**empty))
    assert "Enter what you will do" in page.text
    assert "Select the kind of evidence you will have" in page.text
    assert "Select core or additional" in page.text


def test_commitment_and_the_met_one_it_is_based_on_are_linked(cara, met_commitment):
    address = f"{NEW}?like={met_commitment.key}"
    assert f'href="{address}"' in Client().get(f"/commitments/{met_commitment.key}").text
    form = cara.get(address, follow=True).context["form"]
    assert form["title"].value() == met_commitment.title
    assert form["evidence_text"].value() == met_commitment.evidence_text
    assert form["measure"].value() == met_commitment.measure.key
    assert form["target_value"].value() is None
    data = {name: form[name].value() for name in form.fields if form[name].value()}
    cara.post(NEW, data | {"target_value": "3", "end_on": factories.in_days(90).isoformat()})
    copy = Commitment.objects.exclude(pk=met_commitment.pk).get()
    assert (
        f'Based on <a class="govuk-link" href="/commitments/{met_commitment.key}"'
        in cara.get(f"/business/commitments/{copy.key}/preview").text
    )
    factories.submit(copy, by=factories.cara())
    factories.publish(copy, by=factories.officer())
    assert Record.objects.get(key=copy.key).item["based_on"] == met_commitment.key
    assert f"/commitments/{met_commitment.key}" in Client().get(f"/commitments/{copy.key}").text
    Record.objects.filter(key=met_commitment.key).update(delivery="met")
    assert f"/commitments/{copy.key}" in Client().get(f"/commitments/{met_commitment.key}").text


def test_page_names_support_body_even_after_consent_is_withdrawn(
    asha,
):
    ines, draft = factories.ines(), factories.draft()
    visitor = signed_in(ines)
    send_from_preview(visitor, f"/business/commitments/{draft.key}")
    factories.publish(draft, by=factories.officer())
    member = ines.memberships.get()
    assert "Withdraw consent" in asha.get("/business/people").text
    asha.post(f"/business/people/{member.pk}/end")
    assert visitor.get("/business").status_code == 403
    assert visitor.get(f"/business/commitments/{draft.key}").status_code == 403
    member.refresh_from_db()
    assert (member.ended_by, member.invited_by) == (factories.asha(), factories.asha())
    page = Client().get(f"/commitments/{draft.key}").text
    assert "Sent by Canal Side Chamber on behalf of Brookfield Catering." in page


def test_commitment_can_be_based_only_on_a_met_one(asha):
    commitment = factories.published_commitment()
    assert "Make a similar commitment" not in Client().get(f"/commitments/{commitment.key}").text
    assert asha.get(f"{NEW}?like={commitment.key}").status_code == 404
    draft = factories.draft()
    for key in (draft.key, commitment.key):
        page = asha.post(NEW, new_form(asha) | commitment_form(based_on=key))
        assert "was not met" in page.text
    assert not Commitment.objects.exclude(pk__in=[commitment.pk, draft.pk]).exists()
    assert page.status_code == 200


def test_constituency_is_named(asha):
    asha.post(NEW, new_form(asha) | commitment_form(area_codes=["E14001096"]))
    commitment = Commitment.objects.get()
    assert commitment.area_codes == ["E14001096"]
    preview = asha.get(f"/business/commitments/{commitment.key}/preview").text
    assert "Birmingham Ladywood (constituency)" in preview


CONTRACT = {
    "contract_reference": "P0123-2026",
    "contract_title": "School meals",
    "contract_department": "Children and Families",
    "contract_stage": "tender",
    "contract_clause": "14.2",
    "contract_ocid": "ocds-h6vhtk-04f5a1",
    "contract_value": "£1,250,000",
    "contract_weighting": "20",
}


def test_commitments_contract_is_public(asha):
    asha.post(NEW, new_form(asha) | commitment_form(**CONTRACT))
    commitment = Commitment.objects.get()
    form = asha.get(f"/business/commitments/{commitment.key}/edit").context["form"]
    assert form["contract_value"].value() == "1250000"
    factories.submit(commitment, by=factories.asha())
    factories.publish(commitment, by=factories.officer())
    assert Record.objects.get(key=commitment.key).item["contracts"] == [
        {
            "reference": "P0123-2026",
            "title": "School meals",
            "department": "Children and Families",
            "stage": "tender",
            "clause": "14.2",
            "ocid": "ocds-h6vhtk-04f5a1",
            "value": {"amount": "1250000", "currency": "GBP"},
            "weighting": "20",
        }
    ]
    page = Client().get(f"/commitments/{commitment.key}").text
    assert "P0123-2026, School meals, Children and Families, clause 14.2, out to tender" in page
    assert "social value weighed 20% in the award" in page


def test_contracts_stage_can_be_amended(asha):
    asha.post(NEW, new_form(asha) | commitment_form(**CONTRACT))
    commitment = factories.submit(Commitment.objects.get(), by=factories.asha())
    factories.publish(commitment, by=factories.officer())
    address = f"/business/commitments/{commitment.key}/change/amend"
    data = form_of(asha.get(address)) | {"reason": "It was signed."}
    assert "You have not changed anything" in asha.post(address, data).text
    preview = asha.post(address, data | {"contract_stage": "management"}, follow=True).text
    assert "out to tender" in preview
    assert "running" in preview
    change = factories.submit(Change.objects.get(), by=factories.asha())
    factories.publish(change, by=factories.officer())
    [contract] = Record.objects.get(key=commitment.key).item["contracts"]
    assert contract["stage"] == "management"


def test_commitments_can_be_filtered_by_buying_department(asha):
    asha.post(NEW, new_form(asha) | commitment_form(**CONTRACT))
    commitment = factories.submit(Commitment.objects.get(), by=factories.asha())
    factories.publish(commitment, by=factories.officer())
    factories.published_commitment(title="A commitment of its own accord")
    all_commitments = Client().get("/commitments").text
    assert "Children and Families (1)" in all_commitments
    results = Client().get("/commitments", {"department": "Children and Families"}).text
    assert commitment.title in results
    assert "A commitment of its own accord" not in results


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"contract_reference": ""}, "Enter the contract reference"),
        ({"contract_ocid": "04f5a1"}, "OCID must start with ocds-"),
        ({"contract_weighting": "120"}, "Weight must be 100 or less"),
    ],
)
def test_contract_errors_are_reported_at_their_fields(asha, fields, words):
    page = asha.post(NEW, new_form(asha) | commitment_form(**CONTRACT | fields))
    assert words in page.text
    assert "School meals" in page.text
    assert not Commitment.objects.exists()


def test_voluntary_commitment_needs_no_contract(asha):
    asha.post(NEW, new_form(asha) | commitment_form())
    assert Commitment.objects.get().contracts == []


def test_yes_or_no_commitment_aims_at_a_yes(asha):
    answers = commitment_form(measure=factories.measure("GE01").key)
    del answers["target_value"]
    asha.post(NEW, new_form(asha) | answers)
    commitment = factories.submit(Commitment.objects.get(), by=factories.asha())
    factories.publish(commitment, by=factories.officer())
    assert Record.objects.get(key=commitment.key).item["target"]["value"] == "1"
