"""Commitments and successes that the council features, each with a public reason."""

from datetime import date

import pytest

from charter.errors import AlreadyExistsError, NotAllowedError, WrongStateError
from registry.log import publishing
from registry.models import Entry, Record
from reporting.actions import featured_records, successes
from reporting.models import FeaturedRecord
from tests import factories
from tests.reporting import scenarios
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db
SUCCESS = {
    "title": "Six passed",
    "story": "All six passed.",
    "happened_from": date(2026, 5, 4),
    "people_consent": "none_identifiable",
}
REASON = "It says who, how many and by when."


@pytest.fixture
def commitment():
    return scenarios.commitment()


@pytest.fixture
def desk():
    return signed_in(with_second_factor(factories.officer()))


def page_text(client, address: str) -> str:
    response = client.get(address, follow=True)
    assert response.status_code == 200, address
    return " ".join(response.content.decode().split())


def test_officer_features_a_commitment_with_a_public_reason(commitment, desk, client):
    key = commitment.key.lower()
    page = desk.post("/council/examples", {"key": key, "why": REASON}, follow=True)
    assert "The example is public" in page.content.decode()
    record = Record.objects.get(pk=commitment.key)
    for address in ("/", f"/themes/{record.theme}", f"/measures/{record.measure}"):
        assert REASON in page_text(client, address), address
    assert "Featured by the council on" in page_text(client, f"/commitments/{commitment.key}")
    assert f"Featured by the council: “{commitment.title}”" in page_text(client, "/changes")
    notice = Record.objects.get(kind="notice")
    assert notice.item["text"] == REASON
    assert commitment.title not in str(notice.item)
    assert "Featured by the council" in page_text(client, f"/id/{notice.key}")


def test_success_can_be_featured_on_its_theme_page(commitment, client):
    success = successes.save_draft(commitment, by=factories.asha(), **SUCCESS)
    with pytest.raises(WrongStateError):
        featured_records.feature_record(success, by=factories.officer(), why=REASON)
    factories.submit(success, by=factories.asha())
    factories.publish(success, by=factories.officer())
    featured_records.feature_record(success, by=factories.officer(), why=REASON)
    theme = Record.objects.get(pk=commitment.key).theme
    assert "Six passed" in page_text(client, f"/themes/{theme}").partition("Latest commitments")[0]
    assert REASON in page_text(client, f"/successes/{success.key}")


def test_featured_record_is_removed_with_a_reason(commitment, desk, client):
    featured_record = featured_records.feature_record(
        commitment, by=factories.officer(), why=REASON
    )
    with pytest.raises(AlreadyExistsError):
        featured_records.feature_record(commitment, by=factories.officer(), why=REASON)
    page = desk.post(f"/council/examples/{featured_record.key}", {"reason": ""})
    assert "Say why it is no longer an example" in page.content.decode()
    desk.post(f"/council/examples/{featured_record.key}", {"reason": "The target was lowered."})
    featured_records.unfeature_record(featured_record, by=factories.officer(), reason="Twice.")
    assert REASON not in page_text(client, "/")
    entry = Entry.objects.latest("number")
    assert (entry.action, entry.key) == ("withdraw", featured_record.key)
    assert FeaturedRecord.objects.get().end_reason == "The target was lowered."
    featured_records.feature_record(commitment, by=factories.officer(), why="Again.")
    assert "Again." in page_text(client, "/")


def test_withdrawn_record_cannot_be_featured(commitment, client):
    featured_records.feature_record(commitment, by=factories.officer(), why=REASON)
    content = Record.objects.get(pk=commitment.key).item | {"change_reason": "Sold."}
    del content["salt"]
    publishing.publish([publishing.NewEntry("commitment", commitment.key, "withdraw", content)])
    assert REASON not in page_text(client, "/")
    with pytest.raises(WrongStateError):
        featured_records.feature_record(commitment, by=factories.officer(), why=REASON)


def test_only_the_council_features_and_only_public_records(commitment, desk):
    with pytest.raises(NotAllowedError):
        featured_records.feature_record(commitment, by=factories.asha(), why=REASON)
    for key in (factories.draft(title="A draft").key, "C-99999", "nonsense"):
        page = desk.post("/council/examples", {"key": key, "why": REASON})
        assert "No public commitment or success has this key" in page.content.decode()
