"""Conflicts in the update form: colleagues, second clicks and ended commitments lose no input."""

from datetime import date

import pytest

from reporting.actions import successes, updates
from reporting.models import ProgressUpdate
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import form_of, signed_in
from tests.visitors import page as read

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)


def test_colleagues_newer_draft_is_shown_before_sending():
    commitment = scenarios.commitment()
    with on(DUE):
        draft = updates.start_draft(commitment, by=factories.asha())
        fields = {"value": 14, "self_assessment": "on_track"}
        draft = updates.save_draft(draft, by=factories.asha(), version=1, **fields)
        client = signed_in(factories.asha())
        version = client.get(f"/{commitment.key}/update/preview").context["version"]
        updates.save_draft(draft, by=factories.ben(), version=2, value=15)
        form = {"period": draft.period.key, "version": version}
        page = read(client.post(f"/{commitment.key}/update/preview", form))
    assert "15 of 20 people" in page
    assert ProgressUpdate.objects.get().status == "draft"


def test_second_click_sends_no_second_update():
    commitment = scenarios.commitment(cadence="monthly")
    with on(date(2025, 7, 2)):
        scenarios.tick()
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        form = form_of(client.get(address)) | {"answer": "same"}
        first, second = client.post(address, form), client.post(address, form)
    assert first["Location"] == second["Location"] == f"{address}/sent"
    assert ProgressUpdate.objects.count() == 1


def test_second_click_sends_no_second_figure_or_success():
    commitment = scenarios.commitment()
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        figure = {"answer": "number", "value": "14.0", "self_assessment": "on_track"}
        success = {
            "success_title": "Four passed",
            "success_story": "All four stay.",
            "success_on": "20/5/2026",
            "success_consent": "none_identifiable",
        }
        form = form_of(client.get(address)) | figure | success
        client.post(address, form)
        assert client.post(address, form)["Location"] == f"{address}/sent"
    assert commitment.successes.count() == 1


def test_input_stays_visible_if_a_colleague_sent_first():
    commitment = scenarios.commitment()
    with on(DUE):
        address = f"/{commitment.key}/update"
        client = signed_in(factories.ben())
        form = form_of(client.get(address)) | {
            "answer": "number",
            "value": "15",
            "self_assessment": "on_track",
            "narrative": "Ben's words",
            "success_story": "Ben's story",
        }
        scenarios.submitted_update(commitment)
        response = client.post(address, form)
    assert response.status_code == 409
    page = response.content.decode()
    assert "Your update was not sent" in page
    assert "Fourteen have started." in page
    assert "Ben&#x27;s words" in page
    assert "Ben&#x27;s story" in page
    assert ProgressUpdate.objects.get().narrative == "Fourteen have started."


def test_input_stays_visible_if_the_commitment_ends():
    commitment = scenarios.commitment()
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        form = form_of(client.get(address)) | {"answer": "same", "remark": "It floods."}
        factories.published_change(commitment, action="withdraw", values={})
        response = client.post(address, form)
    assert response.status_code == 409
    assert "It floods." in response.content.decode()


def test_colleagues_draft_success_is_kept():
    commitment = scenarios.commitment()
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        form = form_of(client.get(address)) | {"answer": "same"}
        colleagues_success = {"title": "Four passed", "story": "All stay.", "happened_from": DUE}
        colleagues_success["people_consent"] = "none_identifiable"
        successes.save_draft(commitment, by=factories.ben(), **colleagues_success)
        own_success = {"success_title": "Ten stay", "success_story": "All of them."}
        details = {"success_on": "20/5/2026", "success_consent": "none_identifiable"}
        for _ in range(2):
            client.post(address, form | own_success | details | {"later": "yes"})
        titles = commitment.successes.order_by("pk").values_list("title", flat=True)
        assert list(titles.all()) == ["Four passed", "Ten stay"]
        client.post(address, form)  # Her own success is empty again.
    assert list(titles.all()) == ["Four passed"]
    assert commitment.successes.get().status == "draft"


def test_two_colleagues_see_both_texts_and_lose_neither():
    commitment = scenarios.commitment()
    with on(DUE):
        address = f"/{commitment.key}/update"
        client = signed_in(factories.asha())
        form = form_of(client.get(address)) | {
            "answer": "number",
            "self_assessment": "on_track",
        }
        client.post(address, form | {"narrative": "Asha's words", "later": "yes"})
        client = signed_in(factories.ben())
        bens_form = form | {"narrative": "Ben's words", "value": "14"}
        response = client.post(address, bens_form)
        assert response.status_code == 409
        page = response.content.decode()
        assert "Someone else has changed this" in page
        assert "Asha&#x27;s words" in page
        assert "Ben&#x27;s words" in page
        client.post(address, form_of(response))
    assert ProgressUpdate.objects.get().narrative == "Ben's words"
    assert ProgressUpdate.objects.get().status == "submitted"
