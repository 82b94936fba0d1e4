"""The council renames and reclassifies organisations, with a reason that everybody can read."""

import pytest
from django.test import Client

from charter.actions import commitments
from charter.errors import WrongStateError
from charter.mail import outbox
from charter.models import Change, DetailsRequest, Signatory
from registry import clock
from registry.models import Entry, Record
from reporting.actions import periods
from reporting.models import ReportingPeriod
from tests import factories
from tests.reporting import scenarios
from tests.visitors import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def second_factor_is_set_up(monkeypatch):
    monkeypatch.setattr("charter.views.access.is_mfa_enabled", lambda user: True)


@pytest.fixture
def dev() -> Client:
    client = Client()
    client.force_login(factories.officer())
    return client


def form_of(page) -> dict[str, str]:
    form = page.context["form"]
    return {name: form[name].value() or "" for name in form.fields}


def test_dev_renames_a_signatory_and_its_earlier_name_stays_on_its_page(dev):
    signatory = factories.brookfield()
    address = f"/council/signatories/{signatory.key}/details"
    assert address in dev.get("/council/signatories").text
    said = form_of(dev.get(address))
    refused = dev.post(address, said | {"legal_name": "Brook Foods Ltd"})
    assert "Say why: the public reads it" in refused.text
    renamed = said | {"legal_name": "Brook Foods Ltd", "reason": "It took a new name."}
    assert dev.post(address, renamed).url == "/council/signatories"
    record = Record.objects.get(key=signatory.key)
    assert record.item["legal_name"] == "Brook Foods Ltd"
    [former] = record.item["former_names"]
    assert former["name"] == "Brookfield Catering"
    assert former["to"] < clock.today().isoformat()
    public = Client().get(f"/signatories/{signatory.key}").text
    assert "Brook Foods Ltd" in public
    assert "Name until" in public
    entry = Entry.objects.latest("number")
    assert entry.action == "amend"
    assert "It took a new name." in entry.item


def test_a_name_that_changed_earlier_ends_on_the_day_before(dev):
    signatory = factories.brookfield()
    address = f"/council/signatories/{signatory.key}/details"
    said = form_of(dev.get(address)) | {"legal_name": "Brook Foods Ltd", "reason": "A new name."}
    page = dev.post(address, said | {"since": f"{factories.in_days(9):%-d/%-m/%Y}"})
    assert "This day is still to come" in page.text
    dev.post(address, said | {"since": "1/4/2026"})
    [former] = Record.objects.get(key=signatory.key).item["former_names"]
    assert former["to"] == "2026-03-31"


def test_a_commitment_keeps_the_name_that_its_signatory_had(dev):
    commitment = scenarios.commitment()
    address = f"/council/signatories/{commitment.signatory.key}/details"
    page = f"/commitments/{commitment.key}"
    assert "was called" not in Client().get(page).text
    said = form_of(dev.get(address)) | {"legal_name": "Brook Foods Ltd", "reason": "A new name."}
    dev.post(address, said | {"since": "1/4/2026"})
    now = Client().get(page).text
    assert "When it made this commitment, Brook Foods Ltd was called Brookfield Catering." in now
    later = factories.published_commitment(title="A commitment under the new name")
    assert "was called" not in Client().get(f"/commitments/{later.key}").text


def test_a_finance_body_that_is_a_social_enterprise_is_called_so(dev):
    signatory = factories.brookfield()
    address = f"/council/signatories/{signatory.key}/details"
    assert not dev.get(address).context["form"]["social_enterprise"].value()
    said = form_of(dev.get(address)) | {"kind": "finance_body", "social_enterprise": "on"}
    dev.post(address, said | {"reason": "It lends to charities."})
    assert "Finance body, social enterprise" in Client().get(f"/signatories/{signatory.key}").text
    assert dev.get(address).context["form"]["social_enterprise"].value() is True


def test_what_says_the_same_publishes_nothing(dev):
    signatory = factories.brookfield()
    address = f"/council/signatories/{signatory.key}/details"
    entries = Entry.objects.count()
    dev.post(address, form_of(dev.get(address)) | {"reason": "Again."})
    assert Entry.objects.count() == entries


def test_another_way_to_write_the_name_is_no_former_name(dev):
    signatory = factories.brookfield()
    address = f"/council/signatories/{signatory.key}/details"
    said = form_of(dev.get(address)) | {"legal_name": "BROOKFIELD CATERING", "reason": "Capitals."}
    dev.post(address, said)
    item = Record.objects.get(key=signatory.key).item
    assert item["legal_name"] == "BROOKFIELD CATERING"
    assert "former_names" not in item


def test_a_business_neither_sees_the_list_nor_renames():
    signatory = factories.brookfield()
    asha = signed_in(factories.asha())
    for address in ("/council/signatories", f"/council/signatories/{signatory.key}/details"):
        assert asha.get(address).status_code == 403
        assert asha.post(address).status_code in (403, 405)


class TestAsking:
    ADDRESS = "/business/details"

    def asked(self, **typed):
        """Let Asha ask for something; return the page that follows."""
        asha = signed_in(factories.asha())
        said = form_of(asha.get(self.ADDRESS)) | {"reason": "We grew."} | typed
        return asha.post(self.ADDRESS, said, follow=True)

    def test_asha_asks_and_what_her_commitments_cover_is_public_once_dev_agrees(self, dev, sink):
        signatory = factories.brookfield()
        page = self.asked(size="medium", covers="All five kitchens in Birmingham")
        assert "The council reads it and writes to you." in page.text
        assert "covers" not in Record.objects.get(key=signatory.key).item
        assert "Asking for other details" in dev.get("/council").text
        address = f"/council/signatories/{signatory.key}/details"
        assert "Asha asked on" in dev.get(address).text
        dev.post(address, form_of(dev.get(address)))
        public = Client().get(f"/signatories/{signatory.key}").text
        assert "All five kitchens in Birmingham" in public
        assert "50 to 249 people" in public
        assert "Asking for other details" not in dev.get("/council").text
        outbox.drain()
        [email] = [m for m in sink.emails() if m["Subject"].startswith("The public details")]
        assert email["To"] == "asha@brookfield.example"

    def test_dev_declines_with_words_and_asha_asks_again(self, dev, sink):
        signatory = factories.brookfield()
        self.asked(legal_name="Best Caterers")
        self.asked(legal_name="Best Caterers of All")
        entries = Entry.objects.count()
        address = f"/council/signatories/{signatory.key}/details"
        dev.post(address, {"decline": "yes", "comments": "Is it registered?"})
        dev.post(address, {"decline": "yes", "comments": "Is it registered?"})
        assert Entry.objects.count() == entries
        outbox.drain()
        [email] = [m for m in sink.emails() if m["Subject"].startswith("The public details")]
        assert "Is it registered?" in email.get_body(("plain",)).get_content()
        assert "Best Caterers" not in signed_in(factories.asha()).get(self.ADDRESS).text

    def test_nothing_different_is_nothing_to_ask(self):
        assert "Nothing is different yet" in self.asked().text
        assert not DetailsRequest.objects.exists()


class TestTheEnd:
    @pytest.fixture
    def commitment(self):
        return scenarios.commitment()

    def ended(self, dev, signatory, **typed):
        address = f"/council/signatories/{signatory.key}/standing/end"
        said = {"standing": "ceased", "on": "1/4/2026", "reason": "It was wound up."}
        return dev.post(address, said | typed)

    def test_a_signatory_that_is_no_more_keeps_its_page_and_owes_nothing(self, dev, commitment):
        factories.proposed_change(commitment)
        assert self.ended(dev, commitment.signatory).status_code == 302
        page = Client().get(f"/signatories/{commitment.signatory.key}").text
        assert "Left the charter on 1 April 2026" in page
        assert "It was wound up." in page
        record = Record.objects.get(key=commitment.key)
        assert (record.status, record.item["end_reason"]) == ("closed", "organisation_changed")
        periods.sync_periods(clock.now())
        assert not ReportingPeriod.objects.owed().filter(due_on__gt=clock.today()).exists()
        assert Change.objects.get().status == "dropped"

    def test_a_signatory_that_became_part_of_another_links_to_it_and_its_commitments_go_on(
        self, dev, commitment
    ):
        other = Signatory.objects.for_user(factories.cara()).get()
        refused = self.ended(dev, commitment.signatory, goes_on="on")
        assert "Choose the signatory that keeps its commitments" in refused.text
        self.ended(dev, commitment.signatory, goes_on="on", successor=other.pk)
        old = Client().get(f"/signatories/{commitment.signatory.key}").text
        assert f"/signatories/{other.key}" in old
        new = Client().get(f"/signatories/{other.key}").text
        assert f"/signatories/{commitment.signatory.key}" in new
        assert commitment.title in new
        assert Record.objects.get(key=commitment.key).status == "live"
        assert signed_in(factories.cara()).get(f"/{commitment.key}/update").status_code == 200

    def test_what_waits_of_a_signatory_that_left_is_not_published(self, dev):
        waiting = factories.submitted_commitment()
        self.ended(dev, waiting.signatory)
        with pytest.raises(WrongStateError, match="has left the charter"):
            commitments.approve(waiting, by=factories.officer())
