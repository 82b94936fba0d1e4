"""The council looks ahead at who is asked next, stops the asking, and gives more time."""

from datetime import date

import pytest

from charter.errors import NotAllowedError
from charter.mail import outbox
from charter.models import Membership, Message
from registry import clock
from registry.models import Entry, Record
from reporting.actions import periods, reminder_stops
from reporting.models import Reminder, ReminderStop
from reporting.reminders import sending
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.visitors import at_the_desk, page

pytestmark = pytest.mark.django_db
MAY_4, MAY_5, MAY_26 = date(2026, 5, 4), date(2026, 5, 5), date(2026, 5, 26)


@pytest.fixture
def council():
    return at_the_desk()


class TestWhatGoesOutNext:
    def test_the_officer_sees_who_gets_a_email_and_why_and_nothing_happens(self, council):
        scenarios.commitment()
        scenarios.commitment(date(2025, 6, 3), title="Host ten school visits")
        with on(MAY_4):  # a bank holiday
            shown = page(council.get("/council/reminders"))
        assert "1 email on 5 May 2026" in shown
        assert "asha@brookfield.example" in shown
        assert "30 days before 1 June 2026: Start 20 apprenticeships" in shown
        assert "30 days before 3 June 2026: Host ten school visits" in shown
        assert not Reminder.objects.exists()
        assert not Message.objects.filter(kind="digest").exists()

    def test_what_is_not_sent_is_shown_with_its_reason(self, council):
        scenarios.commitment()
        Membership.objects.update(nudges_stopped=True)
        with on(MAY_4):
            shown = page(council.get("/council/reminders"))
        assert "0 emails on 5 May 2026" in shown
        assert "The contact has stopped these emails" in shown

    def test_what_is_shown_is_what_is_sent(self, council, sink):
        scenarios.commitment()
        with on(MAY_4):
            page(council.get("/council/reminders"))
        with on(MAY_5):
            assert scenarios.tick() == 1
            assert "0 emails on 6 May 2026" in page(council.get("/council/reminders"))

    def test_the_next_days_on_which_something_is_due_are_shown_each_step_once(self, council):
        scenarios.commitment()
        with on(date(2026, 4, 28)):
            shown = page(council.get("/council/reminders"))
        assert "0 emails on 29 April 2026" in shown
        assert shown.index(">5 May 2026<") < shown.index(">26 May 2026<")
        assert shown.count("30 days before 1 June 2026") == 1
        assert shown.count(">7 days before 1 June 2026") == 1

    def test_a_test_email_of_any_of_these_days_goes_to_the_officer_alone(self, council, sink):
        scenarios.commitment()
        Message.objects.all().delete()
        for hour, day in [(10, MAY_5), (11, MAY_26)]:
            with on(date(2026, 4, 28), hour):
                council.post(f"/council/reminders/{factories.asha().pk}/test", {"day": str(day)})
                outbox.drain()
        emails = sink.emails()
        assert [email["To"] for email in emails] == ["dev@council.example"] * 2
        assert emails[0]["Subject"].startswith("Test: Your update on")
        assert not Reminder.objects.exists()
        with on(MAY_5):
            assert scenarios.tick() == 1

    def test_on_a_day_without_a_email_there_is_nothing_to_test(self, council):
        asha = scenarios.commitment().signatory.organisation.memberships.get().user
        with on(MAY_4):
            address, typed = f"/council/reminders/{asha.pk}/test", {"day": "2026-05-06"}
            shown = page(council.post(address, typed, follow=True))
        assert "Nothing would be sent to asha@brookfield.example on that day" in shown

    def test_a_business_has_no_such_page(self, client):
        client.force_login(factories.asha())
        for address in ("/council/reminders", "/council/behind/extend"):
            assert client.get(address).status_code == 403


class TestStopping:
    REASON = {"reason": "The due dates of last year's import are wrong."}

    def test_nothing_goes_out_and_what_waits_is_cancelled(self, council, sink):
        scenarios.commitment()
        with on(MAY_5):
            sending.send_due_reminders(clock.now())
            assert "1 of today’s waits to be handed over" in page(council.get("/council/reminders"))
            shown = page(council.post("/council/reminders/stop", self.REASON, follow=True))
            assert "No reminder goes out until somebody lets them go again" in shown
            assert "Dev stopped them: The due dates of last year&#x27;s import are wrong." in shown
            outbox.drain()
        message = Message.objects.get(kind="digest")
        assert message.state == "cancelled"
        assert message.last_code == "The council has stopped reminders"
        with on(MAY_26):
            assert scenarios.tick() == 0
            assert "Reminders were stopped on 5 May 2026" in page(council.get("/council/health"))
        assert [email for email in sink.emails() if "update" in email["Subject"]] == []

    def test_let_go_again_each_contact_gets_the_newest_step_and_no_more(self, council, sink):
        scenarios.commitment()
        with on(MAY_4):
            council.post("/council/reminders/stop", self.REASON)
        for day in (MAY_5, MAY_26):
            with on(day):
                scenarios.tick()
        with on(date(2026, 6, 4)):
            council.post("/council/reminders/begin-again")
            assert "Stop all reminders" in page(council.get("/council/reminders"))
            assert scenarios.tick() == 1
        made = Reminder.objects.values_list("step", "reason")
        missed = "Missed: a newer step was due"
        assert sorted(made) == [(-30, missed), (-7, missed), (3, "")]

    def test_a_stop_has_a_reason_and_a_second_one_changes_nothing(self, council):
        factories.charter()
        shown = page(council.post("/council/reminders/stop", {"reason": " "}))
        assert "Say why you stop them" in shown
        assert not ReminderStop.objects.exists()
        for reason in ("First.", "Second."):
            council.post("/council/reminders/stop", {"reason": reason})
        assert ReminderStop.objects.get().reason == "First."

    def test_only_the_council_stops(self):
        for act in (
            lambda by: reminder_stops.stop_reminders(by=by, reason="Enough."),
            reminder_stops.resume_reminders,
        ):
            with pytest.raises(NotAllowedError):
                act(by=factories.asha())


class TestExtending:
    def test_dates_of_some_or_all_move_in_one_act_with_a_public_reason(self, council):
        first = scenarios.commitment()
        second = scenarios.commitment(date(2025, 6, 3), title="Host ten school visits")
        with on(MAY_26):
            key = Record.objects.get(kind="period", item__due_on="2026-06-01").key
            seen = f"{key}:2026-06-01"
            sent = {"days": "14", "reason": "The portal was down.", "periods": [seen]}
            assert council.post("/council/behind/extend", sent).status_code == 302
            period = Record.objects.get(pk=key)
            assert period.item["due_on"] == "2026-06-15"
            assert period.item["change_reason"] == "The portal was down."
            listed = council.get("/council/behind/extend").context["form"]["listed"].value()
            everything = {"days": "1", "reason": "A holiday.", "everything": "on", "listed": listed}
            council.post("/council/behind/extend", everything)
            # Sent twice, by a second click or from the page before, nothing moves again.
            for again in (sent, everything):
                response = council.post("/council/behind/extend", again)
                assert page(response).count("Since you opened this page one of these days") == 2
        due = Record.objects.filter(kind="period").values_list("item__due_on", flat=True)
        assert sorted(due) == ["2026-06-04", "2026-06-16"]
        amended = Entry.objects.filter(kind="period", action="amend")
        assert amended.count() == 3
        with on(MAY_26):
            public = page(council.get(f"/commitments/{first.key}"))
        assert "The day for an update was moved" in public
        assert "The portal was down." in public
        assert second.periods.count() == 1

    def test_who_was_asked_already_is_asked_anew_for_the_new_day(self, sink):
        commitment = scenarios.commitment()
        for day in (MAY_5, MAY_26):
            with on(day):
                scenarios.tick()
        with on(date(2026, 5, 27)):
            periods.extend_due_dates(
                commitment.periods.all(), by=factories.officer(), days=60, reason="A flood."
            )
        with on(date(2026, 6, 4)):
            assert scenarios.tick() == 0
        with on(date(2026, 7, 1)):
            assert scenarios.tick() == 1
        assert "due on 31 July 2026" in sink.emails()[-1]["Subject"]
        with on(date(2026, 7, 15)):
            assert scenarios.reporting_of(commitment) == "up_to_date"

    @pytest.mark.parametrize(
        "wrong", [{"days": "0"}, {"days": "999"}, {"reason": ""}, {"periods": []}]
    )
    def test_a_form_without_days_reason_or_choice_moves_nothing(self, council, wrong):
        commitment = scenarios.commitment()
        with on(MAY_26):
            seen = f"{commitment.periods.get().key}:2026-06-01"
            sent = {"days": "14", "reason": "A flood.", "periods": [seen]}
            shown = page(council.post("/council/behind/extend", sent | wrong))
        assert "There is a problem" in shown
        assert commitment.periods.get().due_on == date(2026, 6, 1)

    def test_a_day_that_would_be_past_is_refused_beside_the_days(self, council):
        commitment = scenarios.commitment()
        with on(date(2026, 6, 20)):
            seen = f"{commitment.periods.get().key}:2026-06-01"
            sent = {"days": "19", "reason": "A flood.", "periods": [seen]}
            shown = page(council.post("/council/behind/extend", sent))
            assert shown.count("The new day has to come after today: give 20 days or more") == 2
            assert "A flood." in shown
            assert commitment.periods.get().due_on == date(2026, 6, 1)
            with pytest.raises(ValueError, match="a day after today"):
                periods.extend_due_dates(
                    commitment.periods.all(), by=factories.officer(), days=19, reason="A flood."
                )
        with on(date(2027, 5, 31)):
            shown = page(council.post("/council/behind/extend", sent))
        assert "one of these was due before that: leave it out" in shown

    def test_of_all_that_are_listed_those_move_whose_new_day_is_to_come(self, council):
        past = scenarios.commitment(date(2025, 5, 1), title="Host ten school visits")
        scenarios.commitment()
        with on(MAY_26):
            listed = council.get("/council/behind/extend").context["form"]["listed"].value()
            sent = {"days": "14", "reason": "A flood.", "everything": "on", "listed": listed}
            seen = page(council.post("/council/behind/extend", sent | {"preview": ""}))
            assert "1 due date will move" in seen
            assert "from 1 June 2026 to 15 June 2026" in seen
            assert past.title not in seen
            assert not Entry.objects.filter(kind="period", action="amend").exists()
            told = page(council.post("/council/behind/extend", sent, follow=True))
        assert "1 due date was moved, with your reason in public." in told
        assert past.periods.latest("due_on").due_on == date(2026, 5, 1)

    def test_an_answered_period_stays(self):
        commitment = scenarios.commitment()
        with on(MAY_26):
            scenarios.told(commitment)
            seen = commitment.periods.all()
            assert (
                periods.extend_due_dates(seen, by=factories.officer(), days=9, reason="A flood.")
                == []
            )

    def test_only_the_council_extends(self):
        with pytest.raises(NotAllowedError):
            periods.extend_due_dates([], by=factories.asha(), days=9, reason="A flood.")
