"""A success is told beside the update or by itself, and told again when the council returns it."""

from datetime import date

import pytest

from reporting.actions import successes
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import form_of, signed_in
from tests.visitors import page as read

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)


def test_a_story_that_is_emptied_again_is_gone():
    commitment = scenarios.commitment()
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        story = {
            "success_title": "Four passed",
            "success_story": "All four stay.",
            "success_on": "20/5/2026",
            "success_consent": "none_identifiable",
        }
        opened = form_of(client.get(address)) | {"answer": "same", "later": "yes"}
        client.post(address, opened | story)
        assert "All four stay." in read(client.get(address))
        opened = form_of(client.get(address)) | {"later": "yes"}
        client.post(address, opened | {"success_title": "", "success_story": ""})
        assert "All four stay." not in read(client.get(address))
    assert not commitment.successes.exists()


def test_a_success_is_told_by_itself_of_several_commitments_and_with_its_place():
    commitment, other = scenarios.commitment(), scenarios.commitment(title="Host ten school visits")
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/success"
        told = form_of(client.get(address)) | {
            "success_title": "Four passed",
            "success_story": "Ask Jo on 07700 900123.",
            "success_on": "20/5/2026",
            "success_consent": "none_identifiable",
            "also": [other.key],
            "area_codes": ["E08000025"],
        }
        response = client.post(address, told)
        page = read(client.get(response["Location"]))
        assert "a telephone number (07700 900123)" in page
        assert "A success that you began" in read(client.get("/business"))
        for _ in range(2):  # a second click tells no second story
            client.post(address, told | {"success_story": "All four stay."})
    story = commitment.successes.get()
    assert (story.status, story.area_codes) == ("submitted", ["E08000025"])
    assert set(story.commitments.all()) == {commitment, other}


def test_what_may_tell_who_a_person_is_is_sent_once_it_was_seen():
    commitment = scenarios.commitment()
    with on(DUE):
        client = signed_in(factories.asha())
        told = form_of(client.get(f"/{commitment.key}/success")) | {
            "success_title": "Four passed",
            "success_story": "Ask Jo on 07700 900123.",
            "success_on": "20/5/2026",
            "success_consent": "consent_held",
        }
        seen = client.post(f"/{commitment.key}/success", told)["Location"]
        warned = client.get(seen).context["personal_data"]
        client.post(seen, told | {"warned_of": "; ".join(warned)})
    assert commitment.successes.get().status == "submitted"


def test_a_returned_success_is_changed_and_sent_again():
    commitment = scenarios.commitment()
    with on(DUE):
        told = {
            "title": "Four passed",
            "story": "All stay.",
            "happened_from": DUE,
            "people_consent": "none_identifiable",
        }
        story = successes.save_draft(commitment, by=factories.asha(), **told)
        successes.submit(story, by=factories.asha())
        successes.return_with_comments(story, by=factories.officer(), comments="Which exams?")
        client = signed_in(factories.asha())
        address = f"/business/successes/{story.key}"
        page = read(client.get(address))
        assert "Which exams?" in page
        sent = form_of(client.get(address)) | {"success_story": "Level 2 Cookery."}
        client.post(address, sent)
    story.refresh_from_db()
    assert (story.status, story.story) == ("submitted", "Level 2 Cookery.")
