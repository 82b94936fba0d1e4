"""Where several councils share a register, visitors and staff choose a charter; with one nobody."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from charter.models import Application, Authority, Membership, Organisation, Signatory, Upload
from charter.roles import StaffRole
from tests import factories
from tests.visitors import form_of, page, signed_in, with_second_factor

pytestmark = pytest.mark.django_db
OURS = {"HTTP_ORIGIN": "http://testserver", "HTTP_SEC_FETCH_SITE": "same-origin"}
BAKERY = {
    "legal_name": "Lantern Bakery CIC",
    "kind": "community_interest_company",
    "size": "micro",
    "route": "voluntary",
    "contact_email": "noor@lantern-bakery.example",
}


@pytest.fixture
def keys():
    """Return the keys of Birmingham's and Sandwell's charters."""
    sandwell = factories.sandwell()
    return factories.charter().key, sandwell.key


def staff_of_both(role: str = StaffRole.PUBLISHER) -> Client:
    """Return a client of Sana, who works for both councils."""
    sana = factories.sandwell_officer(role=role)
    factories.invite_staff(sana.email, by=factories.people.get_operator(), role=role)
    factories.accept_invitation(sana.email, "Sana")
    return signed_in(with_second_factor(sana))


def test_visitor_chooses_the_charter_and_applies_to_its_council(keys):
    birmingham, sandwell = keys
    choice = page(Client().get("/join"))
    assert f"/join?charter={birmingham}" in choice
    assert "Sandwell Promise</a>, Sandwell Council" in choice
    questions = page(Client().get("/join", {"charter": sandwell}))
    assert "Sandwell Promise: a few questions" in questions
    answers = {"charter": sandwell, "route": "voluntary", "size": "micro"}
    result = page(Client().get("/join", answers))
    assert f"size=micro&amp;charter={sandwell}" in result
    address = f"/join/apply?charter={sandwell}&size=micro"
    assert "Sandwell Promise" in page(Client().get(address))
    Client().post(address, BAKERY, **OURS)
    assert Application.objects.get().charter == factories.sandwell()
    assert Client().get("/join?charter=CH-00000").status_code == 404
    assert Client().get("/join/apply?charter=CH-00000").status_code == 404


def test_applicant_who_has_not_chosen_is_asked_and_keeps_the_answers(keys):
    choice = page(Client().get("/join/apply?route=voluntary&size=micro"))
    assert f"/join/apply?charter={keys[1]}&amp;route=voluntary&amp;size=micro" in choice
    Client().post("/join/apply", BAKERY, **OURS)
    assert not Application.objects.exists()


def test_with_one_charter_nobody_chooses():
    factories.charter()
    edna = signed_in(with_second_factor(factories.administrator()))
    texts = [page(Client().get(address)) for address in ("/join", "/join/apply", "/contact")]
    addresses = ("/council/signatories/new", "/council/import", "/council/set-up")
    texts += [page(edna.get(address)) for address in addresses]
    factories.brookfield()
    texts.append(page(edna.get("/council/signatories")))
    for text in texts:
        assert "Which charter" not in text
        assert "Several councils" not in text
    assert factories.charter().title not in texts[-1]


def test_contact_page_home_page_and_catalogue_name_both_councils(keys):
    contact = page(Client().get("/contact"))
    assert "charter@council.example" in contact
    assert "charter@sandwell.example" in contact
    assert "of Sandwell Council keeps this charter." in contact
    assert "charters of Birmingham City Council and Sandwell Council" in page(Client().get("/"))
    [dataset] = Client().get("/data.json").json()["dataset"]
    assert dataset["publisher"]["name"] == "Birmingham City Council and Sandwell Council"


def test_officer_of_both_councils_chooses_the_charter_that_a_signatory_signs(keys):
    sana = staff_of_both()
    assert "Which charter is it to sign?" in page(sana.get("/council/signatories/new"))
    address = f"/council/signatories/new?charter={keys[1]}"
    assert "Sandwell Promise" in page(sana.get(address))
    sana.post(address, BAKERY)
    assert Signatory.objects.get().charter == factories.sandwell()
    assert "Sandwell Promise" in page(sana.get("/council/signatories"))


def test_officer_of_both_councils_chooses_the_charter_of_a_list(keys):
    sana = staff_of_both()
    assert "Which charter have they signed?" in page(sana.get("/council/import"))
    file = SimpleUploadedFile("list.csv", b"Legal name\nLantern Bakery CIC\n")
    preview = sana.post(f"/council/import?charter={keys[1]}", {"file": file}, follow=True)
    assert "Sandwell Promise" in page(preview)
    sana.post(preview.redirect_chain[-1][0], form_of(preview)).getvalue()
    assert Signatory.objects.get().charter == factories.sandwell()


def test_officer_of_one_council_cannot_choose_the_charter_of_the_other(keys):
    dev = signed_in(with_second_factor(factories.officer()))
    for address in ("/council/signatories/new", "/council/import"):
        assert dev.get(address).status_code == 200
        assert dev.get(f"{address}?charter={keys[1]}").status_code == 404


def test_list_admits_an_organisation_that_signed_with_the_other_council(keys):
    """Its profile is reused by its number, and is one for both councils."""
    factories.signatory("Lantern Bakery CIC", identifiers=[("GB-COH", "01234567")])
    sana = signed_in(with_second_factor(factories.sandwell_officer()))
    file = SimpleUploadedFile("list.csv", b"Legal name,CRN\nLantern Bakery CIC,01234567\n")
    preview = sana.post("/council/import", {"file": file}, follow=True)
    assert "1 would be added" in page(preview)
    sana.post(preview.redirect_chain[-1][0], form_of(preview)).getvalue()
    assert Upload.objects.get().outcome
    [organisation] = Organisation.objects.all()
    assert organisation.signatories.count() == 2


def test_administrator_of_both_councils_chooses_the_charter_to_edit(keys):
    sana = staff_of_both(StaffRole.ADMINISTRATOR)
    assert "Which charter do you want to change?" in page(sana.get("/council/set-up"))
    address = f"/council/set-up?charter={keys[1]}"
    form = form_of(sana.get(address))
    assert form["name"] == "Sandwell Council"
    sana.post(address, form | {"reply_address": "promise@sandwell.example"})
    addresses = dict(Authority.objects.values_list("name", "reply_address"))
    assert addresses["Sandwell Council"] == "promise@sandwell.example"
    assert addresses["Birmingham City Council"] == "charter@council.example"


class TestTheCouncilsOwnOrganisation:
    @pytest.fixture
    def edna(self):
        factories.charter()
        return signed_in(with_second_factor(factories.administrator()))

    @pytest.fixture
    def own(self):
        """Return Birmingham City Council as a signatory of its own charter."""
        return factories.signatory("Birmingham City Council").organisation

    def name_it(self, edna, organisation=None):
        form = form_of(edna.get("/council/set-up"))
        return edna.post(
            "/council/set-up", form | {"organisation": organisation.pk if organisation else ""}
        )

    def test_officer_who_is_also_one_of_its_people_reaches_both_sides(self, edna, own):
        assert self.name_it(edna, own).url == "/council"
        assert Authority.objects.get().organisation == own
        dev = factories.officer()
        factories.people.invite(
            by=factories.administrator(), email=dev.email, organisation=own, role="owner"
        )
        factories.accept_invitation(dev.email, "Dev")
        client = signed_in(with_second_factor(dev))
        assert client.get("/account/home").url == "/council"
        council = page(client.get("/council"))
        assert 'href="/business"' in council
        assert "Late updates" in council
        business = page(client.get("/business"))
        assert 'href="/council"' in business
        assert "Late updates" not in business
        assert 'href="/business/people"' in business
        assert 'href="/business"' not in page(edna.get("/council"))

    def test_only_own_signatories_can_be_named(self, edna, own):
        forge = factories.tipton_forge().organisation
        answer = self.name_it(edna, forge)
        assert "organisation" in answer.context["form"].errors
        assert Authority.objects.get(name="Birmingham City Council").organisation is None

    def test_it_stays_while_staff_are_among_its_people(self, edna, own):
        self.name_it(edna, own)
        dev = factories.officer()
        factories.people.invite(
            by=factories.administrator(), email=dev.email, organisation=own, role="owner"
        )
        factories.accept_invitation(dev.email, "Dev")
        answer = page(self.name_it(edna))
        assert "Dev works for the council and acts for Birmingham City Council" in answer
        Membership.objects.filter(user=dev).update(ended_on="2026-01-01")
        assert self.name_it(edna).url == "/council"
        assert Authority.objects.get().organisation is None
