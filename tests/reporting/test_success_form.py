"""Successes are written with an update or alone, and again once the council returns them."""

from datetime import date

import pytest

from charter.questions import digests_of
from reporting.actions import successes
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import form_of, signed_in
from tests.visitors import page as read

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)


def test_emptied_success_is_deleted():
    commitment = scenarios.commitment()
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        fields = {
            "success_title": "Four passed",
            "success_story": "All four stay.",
            "success_on": "20/5/2026",
            "success_consent": "none_identifiable",
        }
        form = form_of(client.get(address)) | {"answer": "same", "later": "yes"}
        client.post(address, form | fields)
        assert "All four stay." in read(client.get(address))
        form = form_of(client.get(address)) | {"later": "yes"}
        client.post(address, form | {"success_title": "", "success_story": ""})
        assert "All four stay." not in read(client.get(address))
    assert not commitment.successes.exists()


def test_success_alone_can_have_several_commitments_and_a_place():
    commitment, other = scenarios.commitment(), scenarios.commitment(title="Host ten school visits")
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/success"
        form = form_of(client.get(address)) | {
            "success_title": "Four passed",
            "success_story": "Ask Jo on 07700 900123.",
            "success_on": "20/5/2026",
            "success_consent": "none_identifiable",
            "also": [other.key],
            "area_codes": ["E08000025"],
        }
        response = client.post(address, form)
        page = read(client.get(response["Location"]))
        assert "a telephone number (07700 900123)" in page
        assert "A success that you began" in read(client.get("/business"))
        for _ in range(2):  # A second click must not send a second success.
            client.post(address, form | {"success_story": "All four stay."})
    success = commitment.successes.get()
    assert (success.status, success.area_codes) == ("submitted", ["E08000025"])
    assert set(success.commitments.all()) == {commitment, other}


def test_success_with_personal_data_is_sent_after_a_warning():
    commitment = scenarios.commitment()
    with on(DUE):
        client = signed_in(factories.asha())
        form = form_of(client.get(f"/{commitment.key}/success")) | {
            "success_title": "Four passed",
            "success_story": "Ask Jo on 07700 900123.",
            "success_on": "20/5/2026",
            "success_consent": "consent_held",
        }
        preview = client.post(f"/{commitment.key}/success", form)["Location"]
        seen = digests_of(client.get(preview).context["personal_data"])
        client.post(preview, form | {"seen_questions": seen})
    assert commitment.successes.get().status == "submitted"


def test_returned_success_is_edited_and_sent_again():
    commitment = scenarios.commitment()
    with on(DUE):
        fields = {
            "title": "Four passed",
            "story": "All stay.",
            "happened_from": DUE,
            "people_consent": "none_identifiable",
        }
        success = successes.save_draft(commitment, by=factories.asha(), **fields)
        factories.submit(success, by=factories.asha())
        factories.return_with_comments(success, by=factories.officer(), comments="Which exams?")
        client = signed_in(factories.asha())
        address = f"/business/successes/{success.key}"
        page = read(client.get(address))
        assert "Which exams?" in page
        form = form_of(client.get(address)) | {"success_story": "Level 2 Cookery."}
        client.post(address, form)
    success.refresh_from_db()
    assert (success.status, success.story) == ("submitted", "Level 2 Cookery.")
