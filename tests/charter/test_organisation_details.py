"""The council renames and reclassifies organisations, with a public reason."""

import re

import pytest
from django.test import Client

from charter.errors import WrongStateError
from charter.mail import outbox
from charter.models import Change, Commitment, DetailsRequest, Signatory
from registry import clock
from registry.models import Entry, Record
from reporting.actions import periods
from reporting.models import ReportingPeriod
from tests import factories
from tests.reporting import scenarios
from tests.visitors import form_of, officer_client, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def commitment() -> Commitment:
    """Return a commitment published in May. The log's time never goes back, so this comes first."""
    return scenarios.commitment()


@pytest.fixture
def dev() -> Client:
    return officer_client()


def words_of(address: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", Client().get(address).text).split())


def test_renamed_signatorys_page_keeps_the_former_name(dev):
    signatory = factories.brookfield()
    address = f"/council/signatories/{signatory.key}/details"
    assert address in dev.get("/council/signatories").text
    form = form_of(dev.get(address))
    response = dev.post(address, form | {"legal_name": "Brook Foods Ltd"})
    assert "Enter a reason" in response.text
    changed_form = form | {"legal_name": "Brook Foods Ltd", "reason": "It took a new name."}
    assert dev.post(address, changed_form).url == "/council/signatories"
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


def test_former_name_ends_on_the_day_before_the_change(dev):
    signatory = factories.brookfield()
    address = f"/council/signatories/{signatory.key}/details"
    form = form_of(dev.get(address)) | {"legal_name": "Brook Foods Ltd", "reason": "A new name."}
    page = dev.post(address, form | {"since": f"{factories.in_days(9):%-d/%-m/%Y}"})
    assert "Date must be today or in the past" in page.text
    dev.post(address, form | {"since": "1/4/2026"})
    [former] = Record.objects.get(key=signatory.key).item["former_names"]
    assert former["to"] == "2026-03-31"


def test_commitment_keeps_the_signatorys_name_at_the_time(commitment, dev):
    address = f"/council/signatories/{commitment.signatory.key}/details"
    page = f"/commitments/{commitment.key}"
    assert "was called" not in Client().get(page).text
    form = form_of(dev.get(address)) | {"legal_name": "Brook Foods Ltd", "reason": "A new name."}
    dev.post(address, form | {"since": "1/4/2026"})
    now = Client().get(page).text
    assert "When it made this commitment, Brook Foods Ltd was called Brookfield Catering." in now
    later = factories.published_commitment(title="A commitment under the new name")
    assert "was called" not in Client().get(f"/commitments/{later.key}").text


def test_finance_body_can_be_a_social_enterprise(dev):
    signatory = factories.brookfield()
    address = f"/council/signatories/{signatory.key}/details"
    assert not dev.get(address).context["form"]["social_enterprise"].value()
    form = form_of(dev.get(address)) | {"kind": "finance_body", "social_enterprise": "on"}
    dev.post(address, form | {"reason": "It lends to charities."})
    assert "Finance body, social enterprise" in Client().get(f"/signatories/{signatory.key}").text
    assert dev.get(address).context["form"]["social_enterprise"].value() is True


def test_unchanged_details_publish_nothing(dev):
    signatory = factories.brookfield()
    address = f"/council/signatories/{signatory.key}/details"
    entries = Entry.objects.count()
    dev.post(address, form_of(dev.get(address)) | {"reason": "Again."})
    assert Entry.objects.count() == entries


def test_respelled_name_leaves_no_former_name(dev):
    signatory = factories.brookfield()
    address = f"/council/signatories/{signatory.key}/details"
    form = form_of(dev.get(address)) | {"legal_name": "BROOKFIELD CATERING", "reason": "Capitals."}
    dev.post(address, form)
    item = Record.objects.get(key=signatory.key).item
    assert item["legal_name"] == "BROOKFIELD CATERING"
    assert "former_names" not in item


def test_signatory_cannot_list_or_rename_signatories():
    signatory = factories.brookfield()
    asha = signed_in(factories.asha())
    for address in ("/council/signatories", f"/council/signatories/{signatory.key}/details"):
        assert asha.get(address).status_code == 403
        assert asha.post(address).status_code in (403, 405)


class TestDetailsRequest:
    ADDRESS = "/business/details"

    def request_details(self, **fields):
        """Request other details as Asha; return the next page."""
        asha = signed_in(factories.asha())
        form = form_of(asha.get(self.ADDRESS)) | {"reason": "We grew."} | fields
        return asha.post(self.ADDRESS, form, follow=True)

    def test_requested_details_are_public_once_dev_agrees(self, dev, sink):
        signatory = factories.brookfield()
        page = self.request_details(size="medium", covers="All five kitchens in Birmingham")
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
        [email] = [m for m in sink.emails() if m["Subject"].startswith("Your public details")]
        assert email["To"] == "asha@brookfield.example"

    def test_requested_places_are_public_with_the_change(self, dev):
        signatory = factories.brookfield()
        self.request_details(area_codes=["E08000025"], reason="We now work in the whole city.")
        address = f"/council/signatories/{signatory.key}/details"
        dev.post(address, form_of(dev.get(address)))
        assert Record.objects.get(key=signatory.key).item["area_codes"] == ["E08000025"]
        assert "Places Birmingham" in words_of(f"/signatories/{signatory.key}")
        assert "Places nothing → became Birmingham" in words_of("/changes")

    def test_asha_asks_twice_and_dev_declines_with_comments(self, dev, sink):
        signatory = factories.brookfield()
        self.request_details(legal_name="Best Caterers")
        self.request_details(legal_name="Best Caterers of All")
        entries = Entry.objects.count()
        address = f"/council/signatories/{signatory.key}/details"
        dev.post(address, {"decline": "yes", "comments": "Is it registered?"})
        dev.post(address, {"decline": "yes", "comments": "Is it registered?"})
        assert Entry.objects.count() == entries
        outbox.drain()
        [email] = [m for m in sink.emails() if m["Subject"].startswith("Your public details")]
        assert "Is it registered?" in email.get_body(("plain",)).get_content()
        assert "Best Caterers" not in signed_in(factories.asha()).get(self.ADDRESS).text

    def test_request_without_a_difference_is_refused(self):
        assert "You have not changed anything" in self.request_details().text
        assert not DetailsRequest.objects.exists()


class TestLeavingTheCharter:
    @pytest.fixture
    def commitment(self):
        return scenarios.commitment()

    def end_signatory(self, dev, signatory, **fields):
        address = f"/council/signatories/{signatory.key}/standing/end"
        form = {"standing": "ceased", "on": "1/4/2026", "reason": "It was wound up."}
        form |= {"confirmed": "yes"}  # after a preview
        return dev.post(address, form | fields)

    def test_ceased_signatory_keeps_its_page_and_owes_no_updates(self, dev, commitment):
        factories.proposed_change(commitment)
        assert self.end_signatory(dev, commitment.signatory).status_code == 302
        page = Client().get(f"/signatories/{commitment.signatory.key}").text
        assert "Signatory ceased to exist on 1 April 2026" in page
        assert "It was wound up." in page
        record = Record.objects.get(key=commitment.key)
        assert (record.status, record.item["end_reason"]) == ("closed", "left_charter")
        periods.sync_periods(clock.now())
        assert not ReportingPeriod.objects.owed().filter(due_on__gt=clock.today()).exists()
        assert Change.objects.get().status == "dropped"

    def test_successor_is_linked_and_takes_over_the_commitments(self, dev, commitment):
        other = Signatory.objects.for_user(factories.cara()).get()
        response = self.end_signatory(dev, commitment.signatory, goes_on="on")
        assert "Choose the signatory that keeps its commitments" in response.text
        self.end_signatory(dev, commitment.signatory, goes_on="on", successor=other.pk)
        old = Client().get(f"/signatories/{commitment.signatory.key}").text
        assert f"/signatories/{other.key}" in old
        new = Client().get(f"/signatories/{other.key}").text
        assert f"/signatories/{commitment.signatory.key}" in new
        assert commitment.title in new
        assert Record.objects.get(key=commitment.key).status == "live"
        assert signed_in(factories.cara()).get(f"/{commitment.key}/update").status_code == 200

    def test_former_signatorys_commitment_cannot_be_approved(self, dev):
        commitment = factories.submitted_commitment()
        self.end_signatory(dev, commitment.signatory)
        with pytest.raises(WrongStateError, match="has left the charter"):
            factories.publish(commitment, by=factories.officer())
