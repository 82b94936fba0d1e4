"""One-time invitations to contacts who have never sent an update."""

from datetime import date

import pytest

from charter.errors import NotAllowedError
from charter.mail import outbox
from charter.models import Membership, Message
from reporting.actions import first_update_invitations
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import officer_client, page

pytestmark = pytest.mark.django_db
MARCH_2 = date(2026, 3, 2)


@pytest.fixture
def council():
    return officer_client()


def invitees():
    return first_update_invitations.find_invitees(first_update_invitations.silent_signatories())


def invite(signatory, *, by=None):
    return first_update_invitations.invite_signatories(
        [signatory.key], by=by or factories.officer()
    )


def test_officer_previews_selects_and_sends_each_invitation_once(council, sink):
    commitment = scenarios.commitment()
    factories.cara()  # She has no commitment.
    with on(MARCH_2):
        text = page(council.get("/council/reminders/first-news"))
        assert "Brookfield Catering: asha@brookfield.example" in text
        assert "cara@" not in text
        assert f"/{commitment.key}/update" in text
        assert not Message.objects.filter(kind="first_update_invitation").exists()
        errors = page(council.post("/council/reminders/first-news", {}))
        assert "Choose who gets the email" in errors
        response = council.post(
            "/council/reminders/first-news",
            {"signatories": [commitment.signatory.key]},
            follow=True,
        )
        assert "1 email will go out now" in page(response)
        outbox.drain()
        assert "Nobody: everyone" in page(council.get("/council/reminders/first-news"))
        assert invite(commitment.signatory) == 0
    email = sink.emails()[-1]
    assert email["Subject"] == "Tell people how your commitments are going"
    assert commitment.title in email.get_body(("plain",)).get_content()


@pytest.mark.parametrize(
    "state",
    [
        {"nudges_stopped": True},
        {"nudges_paused_until": date(2026, 4, 1)},
        {"ended_on": date(2026, 1, 1)},
        {"bounced_at": "2026-01-01T00:00Z"},
    ],
)
def test_stopped_paused_former_or_bounced_contact_is_not_listed(state):
    scenarios.commitment()
    Membership.objects.filter(user=factories.asha()).update(**state)
    with on(MARCH_2):
        assert invitees() == {}


def test_sent_update_removes_contact_and_cancels_queued_invitation(sink):
    commitment = scenarios.commitment(cadence="quarterly")
    with on(MARCH_2):
        assert invite(commitment.signatory) == 1
        scenarios.submitted_update(commitment)
        outbox.drain()
        message = Message.objects.get(kind="first_update_invitation")
        assert (message.state, message.last_code) == ("cancelled", "The update was received")
        message.delete()
        assert invitees() == {}


def test_only_the_council_sends_invitations():
    with pytest.raises(NotAllowedError):
        invite(factories.brookfield(), by=factories.asha())
