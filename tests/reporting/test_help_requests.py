"""Asha asks the council for help: in private, and never instead of an update."""

from datetime import date, timedelta

import pytest

from charter.errors import AlreadyDecidedError
from charter.models import ActObject, Message
from charter.roles import MemberRole
from registry import clock
from registry.models import Entry
from reporting import tasks
from reporting.actions import help_requests
from reporting.models import HelpRequest, ProgressUpdate
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import officer_client, page, signed_in

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)
TEXT = "Our buyer is seriously ill. Please ask Tom on 07700 900123."


def test_request_for_help_is_private_and_no_update():
    commitment = scenarios.commitment()
    with on(DUE):
        asha, officer, entries = (
            signed_in(factories.asha()),
            officer_client(),
            Entry.objects.count(),
        )
        for address in (f"/business/commitments/{commitment.key}", f"/{commitment.key}/update"):
            assert f'href="/{commitment.key}/help"' in page(asha.get(address))
        form = page(asha.get(f"/{commitment.key}/help"))
        for exit_address in (
            "/business/people",
            f"/{commitment.key}/update/ask",
            f"/business/commitments/{commitment.key}/change",
            f"/{commitment.key}/update?answer=final",
        ):
            assert f'href="{exit_address}"' in form
        assert "Enter your message" in page(asha.post(f"/{commitment.key}/help", {"text": " "}))
        for _ in range(2):  # a second click
            asha.post(f"/{commitment.key}/help", {"text": TEXT})
        assert scenarios.reporting_state(commitment) == "due"
        request = HelpRequest.objects.get()
        assert "Brookfield Catering asks for help" in page(officer.get("/council"))
        address = f"/council/help/{request.pk}"
        assert TEXT in page(officer.get(address))
        assert "Enter your answer" in page(officer.post(address, {"answer": ""}))
        officer.post(address, {"answer": "Tom gets the next link."})
        assert "asks for help" not in page(officer.get("/council"))
        assert "Tom gets the next link." in page(asha.get(f"/{commitment.key}/help"))
        assert "asked the council for help" in page(asha.get("/business/activity"))
        assert "answered a request for help" in page(asha.get("/business/activity"))
        assert (Entry.objects.count(), ProgressUpdate.objects.count()) == (entries, 0)
    email = Message.objects.get(kind="help_answer")
    assert email.recipient == factories.asha().email
    assert "Tom gets the next link." in email.text


def test_request_is_answered_once_and_only_by_its_own_council():
    commitment = scenarios.commitment()
    sponsor = factories.colleague("Zoe", MemberRole.SPONSOR)
    request = help_requests.send_request(commitment, by=sponsor, text=TEXT)
    stranger = signed_in(factories.cara())
    assert stranger.get(f"/{commitment.key}/help").status_code == 404
    for _ in range(2):
        help_requests.answer_request(request, by=factories.officer(), text="We will ask Tom.")
    with pytest.raises(AlreadyDecidedError):
        help_requests.answer_request(request, by=factories.officer(), text="Something else.")
    answer = Message.objects.get(kind="help_answer")
    assert answer.recipient == sponsor.email
    assert TEXT not in str(list(ActObject.objects.values_list("after", flat=True)))
    Message.objects.update(finished_at=clock.now())
    for days, requests_left in ((364, 1), (366, 0)):
        with clock.fixed_at(clock.now() + timedelta(days=days)):
            tasks.delete_help_requests()
        assert HelpRequest.objects.count() == requests_left
    answer.refresh_from_db()
    assert (answer.recipient, answer.text) == ("", "")
