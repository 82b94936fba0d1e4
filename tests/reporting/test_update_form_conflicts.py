"""A colleague saves, a button is pressed twice, a commitment ends: nothing typed is lost."""

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


def test_what_a_colleague_saved_meanwhile_is_read_before_it_is_sent():
    commitment = scenarios.commitment()
    with on(DUE):
        begun = updates.start_draft(commitment, by=factories.asha())
        said = {"value": 14, "self_assessment": "on_track"}
        begun = updates.save_draft(begun, by=factories.asha(), version=1, **said)
        client = signed_in(factories.asha())
        seen = client.get(f"/{commitment.key}/update/preview").context["version"]
        updates.save_draft(begun, by=factories.ben(), version=2, value=15)
        sent = {"period": begun.period.key, "version": seen}
        page = read(client.post(f"/{commitment.key}/update/preview", sent))
    assert "15 of 20 people" in page
    assert ProgressUpdate.objects.get().status == "draft"


def test_sent_twice_it_is_one_update():
    commitment = scenarios.commitment(cadence="monthly")
    with on(date(2025, 7, 2)):
        scenarios.tick()
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        sent = form_of(client.get(address)) | {"answer": "same"}
        first, second = client.post(address, sent), client.post(address, sent)
    assert first["Location"] == second["Location"] == f"{address}/sent"
    assert ProgressUpdate.objects.count() == 1


def test_a_figure_sent_twice_by_a_second_click_is_one_update_too():
    commitment = scenarios.commitment()
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        typed = {"answer": "number", "value": "1,014.0", "self_assessment": "on_track"}
        story = {
            "success_title": "Four passed",
            "success_story": "All four stay.",
            "success_on": "20/5/2026",
            "success_consent": "none_identifiable",
        }
        sent = form_of(client.get(address)) | typed | story
        client.post(address, sent)
        assert client.post(address, sent)["Location"] == f"{address}/sent"
    assert commitment.successes.count() == 1


def test_who_comes_after_a_colleague_keeps_what_was_typed_in_view():
    commitment = scenarios.commitment()
    with on(DUE):
        address = f"/{commitment.key}/update"
        client = signed_in(factories.ben())
        typed = form_of(client.get(address)) | {
            "answer": "number",
            "value": "15",
            "self_assessment": "on_track",
            "narrative": "Ben's words",
            "success_story": "Ben's story",
        }
        scenarios.told(commitment)
        response = client.post(address, typed)
    assert response.status_code == 409
    page = response.content.decode()
    assert "What you wrote was not sent" in page
    assert "Fourteen have started." in page
    assert "Ben&#x27;s words" in page
    assert "Ben&#x27;s story" in page
    assert ProgressUpdate.objects.get().narrative == "Fourteen have started."


def test_what_was_typed_stays_in_view_when_the_commitment_ends_meanwhile():
    commitment = scenarios.commitment()
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        typed = form_of(client.get(address)) | {"answer": "talk", "help_request": "It floods."}
        factories.approved_change(commitment, action="withdraw", values={})
        response = client.post(address, typed)
    assert response.status_code == 409
    assert "It floods." in response.content.decode()


def test_a_story_that_a_colleague_began_meanwhile_stays():
    commitment = scenarios.commitment()
    with on(DUE):
        client = signed_in(factories.asha())
        address = f"/{commitment.key}/update"
        opened = form_of(client.get(address)) | {"answer": "same"}
        told = {"title": "Four passed", "story": "All stay.", "happened_from": DUE}
        told["people_consent"] = "none_identifiable"
        successes.save_draft(commitment, by=factories.ben(), **told)
        mine = {"success_title": "Ten stay", "success_story": "All of them."}
        dated = {"success_on": "20/5/2026", "success_consent": "none_identifiable"}
        for _ in range(2):
            client.post(address, opened | mine | dated | {"later": "yes"})
        titles = commitment.successes.order_by("pk").values_list("title", flat=True)
        assert list(titles.all()) == ["Four passed", "Ten stay"]
        client.post(address, opened)  # hers is emptied again
    assert list(titles.all()) == ["Four passed"]
    assert commitment.successes.get().status == "draft"


def test_two_colleagues_see_both_texts_and_neither_is_lost():
    commitment = scenarios.commitment()
    with on(DUE):
        address = f"/{commitment.key}/update"
        client = signed_in(factories.asha())
        opened = form_of(client.get(address)) | {
            "answer": "number",
            "self_assessment": "on_track",
        }
        client.post(address, opened | {"narrative": "Asha's words", "later": "yes"})
        client = signed_in(factories.ben())
        typed = opened | {"narrative": "Ben's words", "value": "14"}
        response = client.post(address, typed)
        assert response.status_code == 409
        page = response.content.decode()
        assert "Nothing is lost" in page
        assert "Asha&#x27;s words" in page
        assert "Ben&#x27;s words" in page
        client.post(address, form_of(response))
    assert ProgressUpdate.objects.get().narrative == "Ben's words"
    assert ProgressUpdate.objects.get().status == "submitted"
