"""The council holds up commitments and successes as examples, and says why."""

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
STORY = {
    "title": "Six passed",
    "story": "All six passed.",
    "happened_from": date(2026, 5, 4),
    "people_consent": "none_identifiable",
}
WHY = "It says who, how many and by when."


@pytest.fixture
def commitment():
    return scenarios.commitment()


@pytest.fixture
def desk():
    return signed_in(with_second_factor(factories.officer()))


def words(client, address: str) -> str:
    response = client.get(address, follow=True)
    assert response.status_code == 200, address
    return " ".join(response.content.decode().split())


def test_an_officer_chooses_an_example_and_everybody_reads_why(commitment, desk, client):
    heard = commitment.key.lower()
    page = desk.post("/council/examples", {"key": heard, "why": WHY}, follow=True)
    assert "The example is public" in page.content.decode()
    record = Record.objects.get(pk=commitment.key)
    for address in ("/", f"/themes/{record.theme}", f"/measures/{record.measure}"):
        assert WHY in words(client, address), address
    assert "Held up by the council as an example on" in words(
        client, f"/commitments/{commitment.key}"
    )
    assert f"An example to copy: “{commitment.title}”" in words(client, "/changes")
    notice = Record.objects.get(kind="notice")
    assert notice.item["text"] == WHY
    assert commitment.title not in str(notice.item)
    assert "Held up by the council" in words(client, f"/id/{notice.key}")


def test_a_success_can_be_an_example_of_its_theme(commitment, client):
    story = successes.save_draft(commitment, by=factories.asha(), **STORY)
    with pytest.raises(WrongStateError):
        featured_records.feature_record(story, by=factories.officer(), why=WHY)
    successes.submit(story, by=factories.asha())
    successes.approve(story, by=factories.officer())
    featured_records.feature_record(story, by=factories.officer(), why=WHY)
    theme = Record.objects.get(pk=commitment.key).theme
    assert "Six passed" in words(client, f"/themes/{theme}").partition("Newest commitments")[0]
    assert WHY in words(client, f"/successes/{story.key}")


def test_an_example_is_taken_back_with_a_reason(commitment, desk, client):
    example = featured_records.feature_record(commitment, by=factories.officer(), why=WHY)
    with pytest.raises(AlreadyExistsError):
        featured_records.feature_record(commitment, by=factories.officer(), why=WHY)
    page = desk.post(f"/council/examples/{example.key}", {"reason": ""})
    assert "Say why it is no longer an example" in page.content.decode()
    desk.post(f"/council/examples/{example.key}", {"reason": "The target was lowered."})
    featured_records.unfeature_record(example, by=factories.officer(), reason="Twice.")
    assert WHY not in words(client, "/")
    last = Entry.objects.latest("number")
    assert (last.action, last.key) == ("withdraw", example.key)
    assert FeaturedRecord.objects.get().end_reason == "The target was lowered."
    featured_records.feature_record(commitment, by=factories.officer(), why="Again.")
    assert "Again." in words(client, "/")


def test_what_was_withdrawn_or_removed_is_no_example(commitment, client):
    featured_records.feature_record(commitment, by=factories.officer(), why=WHY)
    content = Record.objects.get(pk=commitment.key).item | {"change_reason": "Sold."}
    del content["salt"]
    publishing.publish([publishing.NewEntry("commitment", commitment.key, "withdraw", content)])
    assert WHY not in words(client, "/")
    with pytest.raises(WrongStateError):
        featured_records.feature_record(commitment, by=factories.officer(), why=WHY)


def test_only_the_council_chooses_and_only_what_is_public(commitment, desk):
    with pytest.raises(NotAllowedError):
        featured_records.feature_record(commitment, by=factories.asha(), why=WHY)
    for key in (factories.draft(title="A draft").key, "C-99999", "nonsense"):
        page = desk.post("/council/examples", {"key": key, "why": WHY})
        assert "No public commitment or success has this key" in page.content.decode()
