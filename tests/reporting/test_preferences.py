"""How a person wants to be asked: on a page, by the mail program's button, in a calendar."""

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


def asked(sink, day):
    """Who gets an email of the day."""
    before = sink.count()
    with on(day):
        scenarios.tick()
    return [email["To"] for email in sink.emails()[before:]]


def email_of(sink):
    scenarios.commitment()
    assert asked(sink, MAY_5)
    return sink.emails()[-1]


class TestThePage:
    def test_every_email_names_it(self, sink):
        email = email_of(sink)
        for kind in ("plain", "html"):
            assert "/reminders" in email.get_body((kind,)).get_content()

    def test_stopped_is_stopped_until_it_is_changed_and_nothing_is_made_up_for(self, sink, sign_in):
        scenarios.commitment()
        client = sign_in(factories.asha())
        with on(date(2026, 5, 4)):
            assert client.post("/reminders", {"asking": "stop"}).status_code == 302
            assert 'value="stop" checked' in client.get("/reminders").content.decode()
        assert asked(sink, MAY_5) == []
        with on(date(2026, 5, 6)):
            client.post("/reminders", {"asking": "ask"})
        assert asked(sink, date(2026, 5, 7)) == []
        assert asked(sink, MAY_26) == ["asha@brookfield.example"]
        skipped = Reminder.objects.exclude(reason="").get()
        assert (skipped.step, skipped.reason) == (-30, "The contact has stopped these emails")

    def test_a_pause_lasts_to_its_last_day(self, sink, sign_in):
        scenarios.commitment()
        with on(date(2026, 5, 4)):
            sign_in(factories.asha()).post("/reminders", {"asking": "pause", "until": "25/5/2026"})
        assert asked(sink, MAY_5) == []
        assert asked(sink, MAY_26) == ["asha@brookfield.example"]

    @pytest.mark.parametrize("until", ["", "soon", "1/1/2020", "1/1/2099"])
    def test_a_pause_needs_a_day_within_a_year(self, sign_in, until):
        client = sign_in(factories.asha())
        page = client.post("/reminders", {"asking": "pause", "until": until})
        assert page.status_code == 200
        assert "Error: " in page.content.decode()
        assert not Membership.objects.exclude(nudges_paused_until=None).exists()

    def test_it_is_nobody_elses_and_is_never_kept(self, sign_in, client):
        scenarios.commitment()
        assert "/account/login" in client.get("/reminders")["Location"]
        page = sign_in(factories.cara()).get("/reminders")
        assert "Brookfield" not in page.content.decode()
        assert "no-store" in page["Cache-Control"]


class TestTheMailProgramsButton:
    def test_posting_to_the_address_in_the_header_stops_friendly_emails(self, sink, client):
        email = email_of(sink)
        assert email["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        address = email["List-Unsubscribe"].strip("<>")
        path = address.partition("localhost:8000")[2]
        answer = client.post(path, {"List-Unsubscribe": "One-Click"})
        assert "Friendly reminders have stopped" in answer.content.decode()
        assert asked(sink, MAY_26) == []
        # What changes the public page is announced all the same.
        assert asked(sink, date(2026, 6, 15)) == ["asha@brookfield.example"]

    def test_opening_the_address_changes_nothing_and_begins_no_session(self, sink, client):
        path = email_of(sink)["List-Unsubscribe"].strip("<>").partition("localhost:8000")[2]
        for open_it in (client.head, client.get, client.get):
            page = open_it(path)
            assert page.status_code == 200
            assert not page.cookies
        assert "Stop friendly reminders?" in page.content.decode()
        assert not Membership.objects.filter(nudges_stopped=True).exists()

    def test_an_altered_address_is_not_found(self, sink, client):
        path = email_of(sink)["List-Unsubscribe"].strip("<>").partition("localhost:8000")[2]
        for wrong in (path[:-1], path.replace("stop/", "stop/M"), "/reminders/stop/1:2:3"):
            assert client.post(wrong).status_code == 404
        assert not Membership.objects.filter(nudges_stopped=True).exists()


class TestTheCalendar:
    def address(self, client):
        signatory = factories.brookfield()
        client.post(f"/reminders/calendar/{signatory.key}/renew")
        token = CalendarAddress.objects.get(signatory=signatory).token
        return f"/reminders/calendar/{token}.ics"

    def test_it_holds_each_due_date_with_a_link_to_the_form(self, sign_in):
        commitment = scenarios.commitment(title="Plant; 500, trees\\ in Aston – ä " + "x" * 90)
        path = self.address(sign_in(factories.asha()))
        with on(MAY_5):
            answer = sign_in(factories.asha()).get(path)
        assert answer["Content-Type"].startswith("text/calendar")
        events = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
        assert [event["dtstart"].dt for event in events] == [date(2026, 6, 1), date(2027, 6, 1)]
        assert str(events[0]["summary"]) == f"Update due: {commitment.title}"
        assert str(events[0]["url"]).endswith(f"/{commitment.key}/update")

    def test_it_needs_no_sign_in_and_an_old_address_ends(self, client, sign_in):
        scenarios.commitment()
        old = self.address(sign_in(factories.asha()))
        client.logout()
        answer = client.get(old)
        assert answer.status_code == 200
        assert "no-store" in answer["Cache-Control"]
        new = self.address(sign_in(factories.asha()))
        client.logout()
        assert client.get(old).status_code == 404
        assert client.get(new).status_code == 200

    def test_only_people_of_the_signatory_see_or_renew_it(self, sign_in):
        self.address(sign_in(factories.asha()))
        token = CalendarAddress.objects.get().token
        stranger = sign_in(factories.cara())
        key = factories.brookfield().key
        assert stranger.post(f"/reminders/calendar/{key}/renew").status_code == 404
        assert token not in stranger.get("/reminders").content.decode()
        assert CalendarAddress.objects.get().token == token

    def test_looking_at_the_page_writes_nothing(self, sign_in):
        client = sign_in(factories.asha())
        before = Entry.objects.count()
        client.get("/reminders")
        assert not CalendarAddress.objects.exists()
        assert Entry.objects.count() == before
        assert clock.today()
