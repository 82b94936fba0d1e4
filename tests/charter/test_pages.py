"""Asha writes in the browser; the council sets up the register and admits signatories."""

import json
import re
from datetime import date

import pytest
from django.test import Client

from charter.forms.commitments import NEW_KEY_SIGNER
from charter.models import Authority, Commitment, Message, Signatory
from registry.models import Entry, Record
from tests import factories
from tests.reporting import scenarios
from tests.visitors import seen_questions, send_from_preview, signed_in, with_second_factor

pytestmark = pytest.mark.django_db

COMMITMENT = {
    "title": "Start 20 apprenticeships for care leavers",
    "description": "We train care leavers as cooks.",
    "target_value": "1,250",
    "additionality": "additional",
    "evidence_kind": "payroll",
    "evidence_text": "Payroll records",
    "area_codes": ["E05011118"],
}
NEW = "/business/commitments/new"


@pytest.fixture
def asha() -> Client:
    return signed_in(factories.asha())


@pytest.fixture
def ben() -> Client:
    return signed_in(factories.ben())


@pytest.fixture
def edna() -> Client:
    return signed_in(with_second_factor(factories.administrator()))


def hidden_fields(page) -> dict:
    """Return the hidden fields of a page's form."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))


def commitment_form(**fields) -> dict:
    end = factories.in_days(365).isoformat()
    return COMMITMENT | {"measure": factories.measure().key, "end_on": end} | fields


def new_form(asha: Client) -> dict:
    return hidden_fields(asha.get(f"{NEW}?measure={factories.measure().key}", follow=True))


def test_measure_menu_shows_guidance_and_usual_evidence(asha):
    page = asha.get(NEW).text
    assert "New apprentices started" in page
    assert "Apprenticeship agreement" in page
    assert "describe the change in words" in page


def test_form_starts_with_the_measures_usual_evidence(asha):
    page = asha.get(f"{NEW}?measure={factories.measure().key}", follow=True).text
    assert "Apprenticeship agreement</textarea>" in page
    assert "Target (people)" in page


def test_going_back_to_a_new_form_opens_its_draft(asha):
    page = asha.get(f"{NEW}?measure={factories.measure().key}", follow=True)
    (address, _) = page.redirect_chain[-1]
    asha.post(address, hidden_fields(page) | commitment_form(later="yes"))
    draft = Commitment.objects.get()
    assert asha.get(address).url == f"/business/commitments/{draft.key}/edit"


def test_measure_guide_is_beside_the_form_and_public(asha):
    commitment = scenarios.commitment(title="Train 20 cooks")
    address = f"/business/commitments/new?measure={factories.measure().key}"
    assert "which was met" not in asha.get(address, follow=True).text
    with scenarios.on(date(2026, 6, 1)):
        scenarios.published_update(commitment, evidence=[scenarios.LINK], final=True, value=20)
    for page in (
        asha.get(address, follow=True).text,
        Client().get(f"/measures/{factories.measure().key}").text,
    ):
        assert "Count each person once" in page
        assert "Leave out people who only moved" in page
        assert "Apprenticeship agreement" in page
        assert "Strong: someone else made it" in page
        assert f'href="/commitments/{commitment.key}">Train 20 cooks</a>, which was met' in page


def test_asha_writes_previews_and_submits(asha):
    page = asha.post(NEW, new_form(asha) | commitment_form())
    commitment = Commitment.objects.get()
    assert page.url == f"/business/commitments/{commitment.key}/preview"
    preview = asha.get(page.url).text
    assert "Preview of the public page" in preview
    assert "1,250 people" in preview
    assert "Acocks Green" in preview
    assert not Record.objects.filter(key=commitment.key).exists()
    response = send_from_preview(asha, f"/business/commitments/{commitment.key}")
    assert response.url == f"/business/commitments/{commitment.key}"
    assert "With the council" in asha.get(response.url).text


def test_preview_shows_the_future_public_page(asha):
    commitment = factories.submitted_commitment()
    preview = asha.get(f"/business/commitments/{commitment.key}/preview").text
    public = Client().get(f"/commitments/{commitment.key}")
    assert public.status_code == 404
    assert commitment.description in preview
    assert "Payroll records and college letters" in preview


def test_form_sent_twice_creates_one_commitment(asha):
    data = new_form(asha) | commitment_form()
    asha.post(NEW, data)
    asha.post(NEW, data)
    commitment = Commitment.objects.get()
    address = f"/business/commitments/{commitment.key}"
    seen = seen_questions(asha.get(f"{address}/preview"))
    asha.post(f"{address}/send", seen)
    asha.post(f"{address}/send", seen)
    assert Commitment.objects.get().status == "submitted"


def test_commitment_form_is_saved_although_its_key_was_taken_meanwhile(asha):
    taken = factories.draft(by=None, title="Plant a wood")
    Commitment.objects.filter(pk=taken.pk).update(signatory=factories.signatory("Other firm"))
    form = new_form(asha) | commitment_form(title="Ten trainees")
    form["new_key"] = NEW_KEY_SIGNER.sign(taken.key)
    response = asha.post(NEW, form)
    saved = Commitment.objects.exclude(pk=taken.pk).get()
    assert response.url == f"/business/commitments/{saved.key}/preview"
    assert saved.title == "Ten trainees"
    taken.refresh_from_db()
    assert taken.title == "Plant a wood"


def test_form_with_an_altered_key_is_refused(asha):
    page = asha.post(NEW, new_form(asha) | commitment_form(new_key="C-AAAAA:forged"))
    assert page.status_code == 200
    assert not Commitment.objects.exists()


def test_incomplete_form_keeps_the_typed_text(asha):
    page = asha.post(NEW, new_form(asha) | commitment_form(target_value="", end_on="31/2/2027"))
    text = page.text
    assert text.count("Enter a target") == 2  # in the summary and at the field
    assert "Enter a date, like 30/6/2027" in text
    assert 'href="#id_target_value"' in text
    assert "We train care leavers as cooks." in text
    assert 'value="31/2/2027"' in text
    assert re.search(r'value="E05011118"[^>]*checked', text)
    assert not Commitment.objects.exists()


def test_unfinished_draft_is_saved_and_cannot_be_submitted(asha):
    data = new_form(asha) | {"measure": factories.measure().key, "title": "Cooks", "later": "yes"}
    page = asha.post(NEW, data, follow=True)
    assert "Your draft is saved" in page.text
    commitment = Commitment.objects.get()
    preview = asha.get(f"/business/commitments/{commitment.key}/preview").text
    assert "Enter what you will do" in preview
    assert "Send to the council" not in preview
    asha.post(f"/business/commitments/{commitment.key}/send")
    assert Commitment.objects.get().status == "draft"


def test_narrative_measure_asks_for_no_number(asha):
    theme = factories.measure().theme
    page = asha.get(f"{NEW}?measure={theme.key}", follow=True).text
    assert "id_title" in page
    assert "id_target_value" not in page
    asha.post(NEW, new_form(asha) | commitment_form(measure=theme.key))
    commitment = Commitment.objects.get()
    assert commitment.measure is None
    assert commitment.target_value is None


def test_asha_sees_both_texts_if_ben_edits_the_same_draft(asha, ben):
    draft = factories.draft()
    address = f"/business/commitments/{draft.key}/edit"
    hidden = hidden_fields(asha.get(address))
    assert (
        ben.post(
            address, hidden_fields(ben.get(address)) | commitment_form(title="By Ben")
        ).status_code
        == 302
    )
    conflict = asha.post(address, hidden | commitment_form(title="By Asha"))
    assert conflict.status_code == 409
    assert '<td class="govuk-table__cell">By Ben</td>' in conflict.text
    assert 'value="By Asha"' in conflict.text
    response = asha.post(address, hidden_fields(conflict) | commitment_form(title="By Asha"))
    assert response.status_code == 302
    assert Commitment.objects.get().title == "By Asha"


def test_asha_sees_the_councils_comments_on_a_returned_draft(asha):
    draft = factories.returned_commitment("Which college?")
    assert "Which college?" in asha.get(f"/business/commitments/{draft.key}").text
    assert "Which college?" in asha.get(f"/business/commitments/{draft.key}/edit").text


def test_submitted_commitment_cannot_be_edited(asha):
    commitment = factories.submitted_commitment()
    address = f"/business/commitments/{commitment.key}"
    assert asha.get(f"{address}/edit").url == address
    assert asha.post(f"{address}/edit", commitment_form(version=1)).url == address


def test_invisible_characters_are_removed(asha):
    asha.post(
        NEW, new_form(asha) | commitment_form(description="Co\u200boks\u202e\t and\x07 bak\xaders")
    )
    assert Commitment.objects.get().description == "Cooks  and bakers"


def test_expired_session_loses_nothing_typed_in_a_form():
    asha = Client(enforce_csrf_checks=True)
    asha.force_login(factories.asha())
    hidden = hidden_fields(asha.get(f"{NEW}?measure={factories.measure().key}", follow=True))
    long = "We train cooks. " * 600
    form = hidden | commitment_form(description=long, area_codes=["E05011118", "E05011119"])
    asha.cookies.pop("sessionid")  # it expires while she is writing
    sign_in = asha.post(NEW, form)
    assert sign_in.url == f"/account/login/?next={NEW}"
    token = hidden_fields(asha.get(sign_in.url))
    credentials = {"login": factories.asha().email, "password": factories.PASSWORD}
    signed_in_response = asha.post(sign_in.url, token | credentials)
    restored = asha.get(signed_in_response.url)
    assert "Carry on where you left off." in restored.text
    fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', restored.text)
    data = {name: [v for n, v in fields if n == name] for name, _ in fields}
    page = asha.post(NEW, data)
    commitment = Commitment.objects.get()
    assert page.url == f"/business/commitments/{commitment.key}/preview"
    assert commitment.description == long.strip()
    assert commitment.area_codes == ["E05011118", "E05011119"]
    assert "Carry on where you left off" not in asha.get(NEW).text


def test_text_of_10_000_characters_is_saved_and_longer_refused(asha):
    long = "ä" * 10_000
    data = new_form(asha)
    page = asha.post(NEW, data | commitment_form(description=long + "x"))
    assert "at most 10000 characters" in page.text
    assert long + "x" in page.text
    asha.post(NEW, data | commitment_form(description=long))
    assert Commitment.objects.get().description == long


def test_frida_sets_up_the_register_with_birminghams_charter():
    frida = signed_in(with_second_factor(factories.founder()))
    page = frida.get("/council/set-up")
    assert "Birmingham Business Charter for Social Responsibility" in page.text
    values = page.context["form"].initial | {
        "name": "Exampleton Council",
        "telephone": "01632 960 002",
        "contact_email": "charter@exampleton.example",
    }
    form = {name: value for name, value in values.items() if name in page.context["form"].fields}
    assert frida.post("/council/set-up", form).url == "/council"
    [record] = Record.objects.of_kind("charter")
    assert record.item["owner"]["name"] == "Exampleton Council"
    assert Record.objects.of_kind("measure").count() == 64
    head = Entry.objects.count()
    frida.post("/council/set-up", form | {"sender_address": "register@exampleton.example"})
    assert Authority.objects.get().sender_address == "register@exampleton.example"
    assert Entry.objects.count() == head


def filled_in(form) -> dict:
    """Return what a browser sends for a form: an empty group of checkboxes sends nothing."""
    return {name: value for name in form.fields if (value := form[name].value())}


def test_edna_writes_the_tiers_and_they_are_public(edna):
    factories.charter()
    set_up_form = edna.get("/council/set-up").context["form"]
    form = filled_in(set_up_form) | {"reason": "New tiers."}
    response = edna.post("/council/set-up", form | {"tiers": "Full charter"})
    assert "Write a name, a colon and pounds in each line" in response.text
    edna.post("/council/set-up", form | {"tiers": "Standard: 200,000\nFull charter: £500,000"})
    page = Client().get("/join").text
    assert "Standard: from £200,000" in page
    assert "Full charter: from £500,000" in page
    assert "Full charter: 500000" in edna.get("/council/set-up").text


def test_charters_public_details_change_only_with_a_reason(edna):
    factories.charter()
    set_up_form = edna.get("/council/set-up").context["form"]
    form = filled_in(set_up_form)
    head = Entry.objects.count()
    page = edna.post("/council/set-up", form | {"telephone": "01632 960 003"})
    assert "Enter a reason" in page.text
    assert "01632 960 003" in page.text
    assert Entry.objects.count() == head
    assert Authority.objects.get().telephone == "01632 960 001"
    edna.post("/council/set-up", form | {"telephone": "01632 960 003", "reason": "We moved house."})
    entry = Entry.objects.latest("number")
    assert (entry.kind, entry.action, json.loads(entry.item)["change_reason"]) == (
        "charter",
        "amend",
        "We moved house.",
    )
    assert Authority.objects.get().telephone == "01632 960 003"


SIGNATORY = {
    "legal_name": "Canal Street Joinery Ltd",
    "kind": "company",
    "size": "micro",
    "scheme": "GB-COH",
    "number": "644 5363",
    "route": "voluntary",
    "contact_email": "cara@canal-street.example",
}


def test_edna_invites_an_organisation_and_its_contact(edna):
    factories.charter()
    page = edna.post("/council/signatories/new", SIGNATORY)
    assert page.url == "/council"
    assert not Record.objects.of_kind("signatory").exists()
    record = Record.objects.get(key=factories.sign(Signatory.objects.get()).key)
    assert record.item["primary_org_id"] == "GB-COH-06445363"
    assert "cara@canal-street.example" not in str(record.item)
    assert Message.objects.get(kind="invitation", recipient="cara@canal-street.example")


def test_edna_invites_an_organisation_with_all_its_public_details(edna):
    factories.charter()
    details = {"website": "canal-street.example", "covers": "Both workshops."}
    page = edna.post(
        "/council/signatories/new", SIGNATORY | details | {"area_codes": ["E08000025"]}
    )
    assert page.url == "/council"
    item = Record.objects.get(key=factories.sign(Signatory.objects.get()).key).item
    assert item["website"] == "https://canal-street.example"
    assert item["covers"] == "Both workshops."
    assert item["area_codes"] == ["E08000025"]


def test_organisation_without_a_number_can_sign(edna):
    factories.charter()
    edna.post("/council/signatories/new", SIGNATORY | {"scheme": "", "number": ""})
    assert Signatory.objects.get().organisation.identifiers.count() == 0


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"number": "12"}, None),
        ({"number": "A#123"}, "not a number of that list"),
        ({"scheme": ""}, "both the list and the number"),
        ({"contact_email": "cara"}, "valid email address"),
    ],
)
def test_format_of_a_number_is_checked(edna, fields, words):
    factories.charter()
    page = edna.post("/council/signatories/new", SIGNATORY | fields)
    if words:
        assert words in page.text
        assert "Canal Street Joinery Ltd" in page.text
    assert Signatory.objects.exists() is (words is None)


def test_unusual_number_must_be_confirmed_once(edna):
    factories.charter()
    data = SIGNATORY | {"number": "QQ123456"}
    page = edna.post("/council/signatories/new", data)
    assert "Few Companies House numbers look like this one" in page.text
    assert 'name="number_is_right"' in page.text
    assert not Signatory.objects.exists()
    edna.post("/council/signatories/new", data | {"number_is_right": "on"})
    assert Signatory.objects.get().organisation.identifiers.get().number == "QQ123456"


@pytest.mark.parametrize("number", [{}, {"scheme": "", "number": ""}])
def test_same_organisation_is_not_admitted_twice(edna, number):
    factories.charter()
    edna.post("/council/signatories/new", SIGNATORY | number)
    page = edna.post("/council/signatories/new", SIGNATORY | number)
    assert "is in the register already" in page.text
    assert Signatory.objects.count() == 1
