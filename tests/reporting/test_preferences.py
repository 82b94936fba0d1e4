"""Reminder settings: the page, the mail program's unsubscribe button and the calendar feed."""

from datetime import date

import icalendar
import pytest

from charter.models import Membership
from registry import clock
from registry.models import Entry
from reporting.models import CalendarAddress, Reminder
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on

pytestmark = pytest.mark.django_db
MAY_5, MAY_26 = date(2026, 5, 5), date(2026, 5, 26)


@pytest.fixture
def sign_in(client):
    def sign_in(user):
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return sign_in


def recipients_on(sink, day):
    """Return the recipients of the emails sent on a day."""
    before = sink.count()
    with on(day):
        scenarios.tick()
    return [email["To"] for email in sink.emails()[before:]]


def first_reminder(sink):
    scenarios.commitment()
    assert recipients_on(sink, MAY_5)
    return sink.emails()[-1]


class TestPage:
    def test_every_email_links_to_the_page(self, sink):
        email = first_reminder(sink)
        for kind in ("plain", "html"):
            assert "/reminders" in email.get_body((kind,)).get_content()

    def test_stopped_reminders_resume_later_without_catching_up(self, sink, sign_in):
        scenarios.commitment()
        client = sign_in(factories.asha())
        with on(date(2026, 5, 4)):
            assert client.post("/reminders", {"asking": "stop"}).status_code == 302
            assert 'value="stop" checked' in client.get("/reminders").content.decode()
        assert recipients_on(sink, MAY_5) == []
        with on(date(2026, 5, 6)):
            client.post("/reminders", {"asking": "ask"})
        assert recipients_on(sink, date(2026, 5, 7)) == []
        assert recipients_on(sink, MAY_26) == ["asha@brookfield.example"]
        skipped = Reminder.objects.exclude(reason="").get()
        assert (skipped.step, skipped.reason) == (-30, "The contact has stopped these emails")

    def test_pause_lasts_until_its_last_day(self, sink, sign_in):
        scenarios.commitment()
        with on(date(2026, 5, 4)):
            sign_in(factories.asha()).post("/reminders", {"asking": "pause", "until": "25/5/2026"})
        assert recipients_on(sink, MAY_5) == []
        assert recipients_on(sink, MAY_26) == ["asha@brookfield.example"]

    @pytest.mark.parametrize("until", ["", "soon", "1/1/2020", "1/1/2099"])
    def test_pause_needs_a_date_within_a_year(self, sign_in, until):
        client = sign_in(factories.asha())
        page = client.post("/reminders", {"asking": "pause", "until": until})
        assert page.status_code == 200
        assert "Error: " in page.content.decode()
        assert not Membership.objects.exclude(nudges_paused_until=None).exists()

    def test_reminder_settings_are_private_and_not_cached(self, sign_in, client):
        scenarios.commitment()
        assert "/account/login" in client.get("/reminders")["Location"]
        page = sign_in(factories.cara()).get("/reminders")
        assert "Brookfield" not in page.content.decode()
        assert "no-store" in page["Cache-Control"]


class TestUnsubscribeButton:
    def test_posting_to_the_header_address_stops_friendly_reminders(self, sink, client):
        email = first_reminder(sink)
        assert email["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        address = email["List-Unsubscribe"].strip("<>")
        path = address.partition("localhost:8000")[2]
        response = client.post(path, {"List-Unsubscribe": "One-Click"})
        assert "Friendly reminders have stopped" in response.content.decode()
        assert recipients_on(sink, MAY_26) == []
        # Emails about changes of the public page are still sent.
        assert recipients_on(sink, date(2026, 6, 15)) == ["asha@brookfield.example"]

    def test_opening_the_address_changes_nothing_and_starts_no_session(self, sink, client):
        path = first_reminder(sink)["List-Unsubscribe"].strip("<>").partition("localhost:8000")[2]
        for open_link in (client.head, client.get, client.get):
            page = open_link(path)
            assert page.status_code == 200
            assert not page.cookies
        assert "Stop friendly reminders?" in page.content.decode()
        assert not Membership.objects.filter(nudges_stopped=True).exists()

    def test_altered_address_is_not_found(self, sink, client):
        path = first_reminder(sink)["List-Unsubscribe"].strip("<>").partition("localhost:8000")[2]
        for altered_path in (path[:-1], path.replace("stop/", "stop/M"), "/reminders/stop/1:2:3"):
            assert client.post(altered_path).status_code == 404
        assert not Membership.objects.filter(nudges_stopped=True).exists()


class TestCalendar:
    def address(self, client):
        signatory = factories.brookfield()
        client.post(f"/reminders/calendar/{signatory.key}/renew")
        token = CalendarAddress.objects.get(signatory=signatory).token
        return f"/reminders/calendar/{token}.ics"

    def test_calendar_lists_each_due_date_with_a_link_to_the_form(self, sign_in):
        commitment = scenarios.commitment(title="Plant; 500, trees\\ in Aston – ä " + "x" * 90)
        path = self.address(sign_in(factories.asha()))
        with on(MAY_5):
            response = sign_in(factories.asha()).get(path)
        assert response["Content-Type"].startswith("text/calendar")
        events = icalendar.Calendar.from_ical(response.content).walk("VEVENT")
        assert [event["dtstart"].dt for event in events] == [date(2026, 6, 1), date(2027, 6, 1)]
        assert str(events[0]["summary"]) == f"Update due: {commitment.title}"
        assert str(events[0]["url"]).endswith(f"/{commitment.key}/update")

    def test_calendar_needs_no_sign_in_and_renewal_ends_the_old_address(self, client, sign_in):
        scenarios.commitment()
        old = self.address(sign_in(factories.asha()))
        client.logout()
        response = client.get(old)
        assert response.status_code == 200
        assert "no-store" in response["Cache-Control"]
        new = self.address(sign_in(factories.asha()))
        client.logout()
        assert client.get(old).status_code == 404
        assert client.get(new).status_code == 200

    def test_only_members_of_the_signatory_see_or_renew_the_calendar(self, sign_in):
        self.address(sign_in(factories.asha()))
        token = CalendarAddress.objects.get().token
        stranger = sign_in(factories.cara())
        key = factories.brookfield().key
        assert stranger.post(f"/reminders/calendar/{key}/renew").status_code == 404
        assert token not in stranger.get("/reminders").content.decode()
        assert CalendarAddress.objects.get().token == token

    def test_opening_the_page_writes_nothing(self, sign_in):
        client = sign_in(factories.asha())
        before = Entry.objects.count()
        client.get("/reminders")
        assert not CalendarAddress.objects.exists()
        assert Entry.objects.count() == before
        assert clock.today()
