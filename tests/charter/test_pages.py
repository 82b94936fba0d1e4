"""Asha writes in the browser; the council sets the register up and admits signatories."""

import json
import re
from datetime import date

import pytest
from django.test import Client

from charter.models import Authority, Commitment, Message, Signatory
from registry.models import Entry, Record
from tests import factories
from tests.reporting import scenarios
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db

WRITTEN = {
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


def form_data(page) -> dict:
    """Read the hidden fields of a form."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text))


def written(**fields) -> dict:
    end = factories.in_days(365).isoformat()
    return WRITTEN | {"measure": factories.measure().key, "end_on": end} | fields


def new_form(asha: Client) -> dict:
    return form_data(asha.get(f"{NEW}?measure={factories.measure().key}", follow=True))


def test_the_menu_offers_measures_with_guidance_and_usual_evidence(asha):
    page = asha.get(NEW).text
    assert "New apprentices started" in page
    assert "Apprenticeship agreement" in page
    assert "describe the change in words" in page


def test_the_form_begins_with_the_usual_evidence_of_the_measure(asha):
    page = asha.get(f"{NEW}?measure={factories.measure().key}", follow=True).text
    assert "Apprenticeship agreement</textarea>" in page
    assert "Target (people)" in page


def test_going_back_to_the_form_leads_to_the_draft_that_it_made(asha):
    shown = asha.get(f"{NEW}?measure={factories.measure().key}", follow=True)
    (address, _) = shown.redirect_chain[-1]
    asha.post(address, form_data(shown) | written(later="yes"))
    draft = Commitment.objects.get()
    assert asha.get(address).url == f"/business/commitments/{draft.key}/edit"


def test_the_guide_of_the_measure_stands_beside_the_form_and_in_public(asha):
    commitment = scenarios.commitment(title="Train 20 cooks")
    address = f"/business/commitments/new?measure={factories.measure().key}"
    assert "A good example" not in asha.get(address, follow=True).text
    with scenarios.on(date(2026, 6, 1)):
        scenarios.published_update(
            commitment, evidence=[scenarios.LINK], self_assessment="met", value=20
        )
    for page in (
        asha.get(address, follow=True).text,
        Client().get(f"/measures/{factories.measure().key}").text,
    ):
        assert "Count each person once" in page
        assert "Leave out people who only changed" in page
        assert "Apprenticeship agreement" in page
        assert "Strong: somebody else made it" in page
        assert f'href="/commitments/{commitment.key}">Train 20 cooks</a>, met and shown' in page


def test_asha_writes_previews_and_sends(asha):
    page = asha.post(NEW, new_form(asha) | written())
    commitment = Commitment.objects.get()
    assert page.url == f"/business/commitments/{commitment.key}/preview"
    preview = asha.get(page.url).text
    assert "This is what everybody will see" in preview
    assert "1,250 people" in preview
    assert "Acocks Green" in preview
    assert not Record.objects.filter(key=commitment.key).exists()
    sent = asha.post(f"/business/commitments/{commitment.key}/send")
    assert sent.url == f"/business/commitments/{commitment.key}"
    assert "With the council" in asha.get(sent.url).text


def test_the_preview_is_the_page_that_will_be_public(asha):
    commitment = factories.submitted_commitment()
    preview = asha.get(f"/business/commitments/{commitment.key}/preview").text
    public = Client().get(f"/commitments/{commitment.key}")
    assert public.status_code == 404
    assert commitment.description in preview
    assert "Payroll records and college letters" in preview


def test_a_form_sent_twice_makes_one_commitment(asha):
    data = new_form(asha) | written()
    asha.post(NEW, data)
    asha.post(NEW, data)
    commitment = Commitment.objects.get()
    address = f"/business/commitments/{commitment.key}/send"
    asha.post(address)
    asha.post(address)
    assert Commitment.objects.get().status == "submitted"


def test_a_form_with_an_altered_key_is_refused(asha):
    page = asha.post(NEW, new_form(asha) | written(new_key="C-AAAAA:forged"))
    assert page.status_code == 200
    assert not Commitment.objects.exists()


def test_nothing_typed_is_lost_when_something_is_missing(asha):
    page = asha.post(NEW, new_form(asha) | written(target_value="", end_on="31/2/2027"))
    text = page.text
    assert text.count("Give the number that you aim at") == 2  # in the summary and at the field
    assert "Give a day, such as 30/6/2027" in text
    assert 'href="#id_target_value"' in text
    assert "We train care leavers as cooks." in text
    assert 'value="31/2/2027"' in text
    assert re.search(r'value="E05011118"[^>]*checked', text)
    assert not Commitment.objects.exists()


def test_an_unfinished_draft_is_saved_and_taken_up_later(asha):
    data = new_form(asha) | {"measure": factories.measure().key, "title": "Cooks", "later": "yes"}
    page = asha.post(NEW, data, follow=True)
    assert "Your draft is saved" in page.text
    commitment = Commitment.objects.get()
    gaps = asha.get(f"/business/commitments/{commitment.key}/preview").text
    assert "Say what you will do" in gaps
    assert "Send to the council" not in gaps
    asha.post(f"/business/commitments/{commitment.key}/send")
    assert Commitment.objects.get().status == "draft"


def test_a_measure_told_in_words_asks_for_no_number(asha):
    theme = factories.measure().theme
    page = asha.get(f"{NEW}?measure={theme.key}", follow=True).text
    assert "id_title" in page
    assert "id_target_value" not in page
    asha.post(NEW, new_form(asha) | written(measure=theme.key))
    commitment = Commitment.objects.get()
    assert commitment.measure is None
    assert commitment.target_value is None


def test_ben_and_asha_edit_the_same_draft_and_asha_sees_both_texts(asha, ben):
    draft = factories.draft()
    address = f"/business/commitments/{draft.key}/edit"
    opened = form_data(asha.get(address))
    assert (
        ben.post(address, form_data(ben.get(address)) | written(title="By Ben")).status_code == 302
    )
    conflict = asha.post(address, opened | written(title="By Asha"))
    assert conflict.status_code == 409
    assert '<td class="govuk-table__cell">By Ben</td>' in conflict.text
    assert 'value="By Asha"' in conflict.text
    again = asha.post(address, form_data(conflict) | written(title="By Asha"))
    assert again.status_code == 302
    assert Commitment.objects.get().title == "By Asha"


def test_asha_reads_what_the_council_returned_and_edits_it(asha):
    draft = factories.returned_commitment("Which college?")
    assert "Which college?" in asha.get(f"/business/commitments/{draft.key}").text
    assert "Which college?" in asha.get(f"/business/commitments/{draft.key}/edit").text


def test_what_is_sent_can_no_longer_be_edited(asha):
    sent = factories.submitted_commitment()
    address = f"/business/commitments/{sent.key}"
    assert asha.get(f"{address}/edit").url == address
    assert asha.post(f"{address}/edit", written(version=1)).url == address


def test_characters_that_nobody_can_see_do_not_reach_the_register(asha):
    asha.post(NEW, new_form(asha) | written(description="Cooks\u202e\t and\x07 bakers"))
    assert Commitment.objects.get().description == "Cooks  and bakers"


def test_a_session_that_runs_out_in_mid_form_loses_nothing_that_was_typed():
    asha = Client(enforce_csrf_checks=True)
    asha.force_login(factories.asha())
    opened = form_data(asha.get(f"{NEW}?measure={factories.measure().key}", follow=True))
    long = "We train cooks. " * 600
    written_down = opened | written(description=long, area_codes=["E05011118", "E05011119"])
    asha.cookies.pop("sessionid")  # it ran out while she was writing
    led = asha.post(NEW, written_down)
    assert led.url == f"/account/login/?next={NEW}"
    token = form_data(asha.get(led.url))
    entered = {"login": factories.asha().email, "password": factories.PASSWORD}
    back = asha.post(led.url, token | entered)
    kept = asha.get(back.url)
    assert "What you typed is here." in kept.text
    fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', kept.text)
    again = {name: [v for n, v in fields if n == name] for name, _ in fields}
    page = asha.post(NEW, again)
    commitment = Commitment.objects.get()
    assert page.url == f"/business/commitments/{commitment.key}/preview"
    assert commitment.description == long.strip()
    assert commitment.area_codes == ["E05011118", "E05011119"]
    assert "What you typed" not in asha.get(NEW).text


def test_a_text_of_ten_thousand_characters_is_kept_and_a_longer_one_says_so(asha):
    long = "ä" * 10_000
    data = new_form(asha)
    page = asha.post(NEW, data | written(description=long + "x"))
    assert "at most 10000 characters" in page.text
    assert long + "x" in page.text
    asha.post(NEW, data | written(description=long))
    assert Commitment.objects.get().description == long


def test_edna_sets_the_register_up_with_birminghams_charter(edna):
    page = edna.get("/council/set-up")
    assert "Birmingham Business Charter for Social Responsibility" in page.text
    values = page.context["form"].initial | {
        "name": "Exampleton Council",
        "telephone": "01632 960 002",
        "contact_email": "charter@exampleton.example",
    }
    form = {name: value for name, value in values.items() if name in page.context["form"].fields}
    assert edna.post("/council/set-up", form).url == "/council"
    [record] = Record.objects.of_kind("charter")
    assert record.item["owner"]["name"] == "Exampleton Council"
    assert Record.objects.of_kind("measure").count() == 64
    head = Entry.objects.count()
    edna.post("/council/set-up", form | {"sender_address": "register@exampleton.example"})
    assert Authority.objects.get().sender_address == "register@exampleton.example"
    assert Entry.objects.count() == head


def test_the_tiers_are_written_by_the_council_and_read_by_everybody(edna):
    factories.charter()
    shown = edna.get("/council/set-up").context["form"]
    form = {name: shown[name].value() or "" for name in shown.fields} | {"reason": "New tiers."}
    refused = edna.post("/council/set-up", form | {"tiers": "Full charter"})
    assert "Write a name, a colon and pounds in each line" in refused.text
    edna.post("/council/set-up", form | {"tiers": "Standard: 200,000\nFull charter: £500,000"})
    page = Client().get("/join").text
    assert "Standard: from £200,000" in page
    assert "Full charter: from £500,000" in page
    assert "Full charter: 500000" in edna.get("/council/set-up").text


def test_what_is_public_of_the_charter_changes_with_a_public_reason(edna):
    factories.charter()
    shown = edna.get("/council/set-up").context["form"]
    form = {name: shown[name].value() or "" for name in shown.fields}
    head = Entry.objects.count()
    page = edna.post("/council/set-up", form | {"telephone": "01632 960 003"})
    assert "Say why: the public reads it" in page.text
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


def test_edna_admits_a_signatory_and_invites_its_contact(edna):
    factories.charter()
    page = edna.post("/council/signatories/new", SIGNATORY)
    assert page.url == "/council"
    record = Record.objects.get(kind="signatory")
    assert record.item["primary_org_id"] == "GB-COH-06445363"
    assert "cara@canal-street.example" not in str(record.item)
    assert Message.objects.get(kind="invitation", recipient="cara@canal-street.example")


def test_an_organisation_without_any_number_can_sign_too(edna):
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
def test_a_number_is_checked_for_its_shape(edna, fields, words):
    factories.charter()
    page = edna.post("/council/signatories/new", SIGNATORY | fields)
    if words:
        assert words in page.text
        assert "Canal Street Joinery Ltd" in page.text
    assert Signatory.objects.exists() is (words is None)


def test_an_odd_number_is_asked_about_once_and_then_taken(edna):
    factories.charter()
    odd = SIGNATORY | {"number": "QQ123456"}
    page = edna.post("/council/signatories/new", odd)
    assert "Few Companies House numbers look like this one" in page.text
    assert 'name="number_is_right"' in page.text
    assert not Signatory.objects.exists()
    edna.post("/council/signatories/new", odd | {"number_is_right": "on"})
    assert Signatory.objects.get().organisation.identifiers.get().number == "QQ123456"


@pytest.mark.parametrize("number", [{}, {"scheme": "", "number": ""}])
def test_the_same_organisation_is_not_admitted_twice(edna, number):
    factories.charter()
    edna.post("/council/signatories/new", SIGNATORY | number)
    page = edna.post("/council/signatories/new", SIGNATORY | number)
    assert "is in the register already" in page.text
    assert Signatory.objects.count() == 1
