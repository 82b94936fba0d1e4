"""The council previews the next reminders, stops them all and moves due dates."""

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
from tests.visitors import officer_client, page

pytestmark = pytest.mark.django_db
MAY_4, MAY_5, MAY_26 = date(2026, 5, 4), date(2026, 5, 5), date(2026, 5, 26)


@pytest.fixture
def council():
    return officer_client()


class TestPreview:
    def test_officer_previews_recipients_and_reasons_without_sending(self, council):
        scenarios.commitment()
        scenarios.commitment(date(2025, 6, 3), title="Host ten school visits")
        with on(MAY_4):  # a bank holiday
            page_text = page(council.get("/council/reminders"))
        assert "1 email on 5 May 2026" in page_text
        assert "asha@brookfield.example" in page_text
        assert "30 days before 1 June 2026: Start 20 apprenticeships" in page_text
        assert "30 days before 3 June 2026: Host ten school visits" in page_text
        assert not Reminder.objects.exists()
        assert not Message.objects.filter(kind="reminder").exists()

    def test_skipped_reminder_is_listed_with_its_reason(self, council):
        scenarios.commitment()
        Membership.objects.update(nudges_stopped=True)
        with on(MAY_4):
            page_text = page(council.get("/council/reminders"))
        assert "0 emails on 5 May 2026" in page_text
        assert "The contact has stopped these emails" in page_text

    def test_previewed_reminder_is_the_one_sent(self, council, sink):
        scenarios.commitment()
        with on(MAY_4):
            page(council.get("/council/reminders"))
        with on(MAY_5):
            assert scenarios.tick() == 1
            assert "0 emails on 6 May 2026" in page(council.get("/council/reminders"))

    def test_next_reminder_days_list_each_reminder_once(self, council):
        scenarios.commitment()
        with on(date(2026, 4, 28)):
            page_text = page(council.get("/council/reminders"))
        assert "0 emails on 29 April 2026" in page_text
        assert page_text.index(">5 May 2026<") < page_text.index(">26 May 2026<")
        assert page_text.count("30 days before 1 June 2026") == 1
        assert page_text.count(">7 days before 1 June 2026") == 1

    def test_officer_alone_gets_the_test_email_of_any_day(self, council, sink):
        scenarios.commitment()
        Message.objects.all().delete()
        for hour, day in [(10, MAY_5), (11, MAY_26)]:
            with on(date(2026, 4, 28), hour):
                council.post(f"/council/reminders/{factories.asha().pk}/test", {"day": str(day)})
                outbox.drain()
        emails = sink.emails()
        assert [email["To"] for email in emails] == ["dev@council.example"] * 2
        assert emails[0]["Subject"].startswith("Test: Update due 1 June: ")
        assert not Reminder.objects.exists()
        with on(MAY_5):
            assert scenarios.tick() == 1

    def test_day_without_an_email_has_no_test_email(self, council):
        asha = scenarios.commitment().signatory.organisation.memberships.get().user
        with on(MAY_4):
            address, form = f"/council/reminders/{asha.pk}/test", {"day": "2026-05-06"}
            page_text = page(council.post(address, form, follow=True))
        assert "Nothing would be sent to asha@brookfield.example on that day" in page_text

    def test_signatory_cannot_open_the_page(self, client):
        client.force_login(factories.asha())
        for address in ("/council/reminders", "/council/behind/extend"):
            assert client.get(address).status_code == 403


class TestStopping:
    REASON = {"reason": "The due dates of last year's import are wrong."}

    def test_stop_holds_reminders_and_cancels_queued_ones(self, council, sink):
        scenarios.commitment()
        with on(MAY_5):
            sending.send_due_reminders(clock.now())
            assert "1 of today’s emails not sent yet" in page(council.get("/council/reminders"))
            page_text = page(council.post("/council/reminders/stop", self.REASON, follow=True))
            assert "No reminder goes out until someone lets them go again" in page_text
            assert (
                "Dev stopped them: The due dates of last year&#x27;s import are wrong." in page_text
            )
            outbox.drain()
        message = Message.objects.get(kind="reminder")
        assert message.state == "cancelled"
        assert message.last_code == "The council has stopped reminders"
        with on(MAY_26):
            assert scenarios.tick() == 0
            assert "Reminders were stopped on 5 May 2026" in page(council.get("/council/health"))
        assert [email for email in sink.emails() if "update" in email["Subject"]] == []

    def test_after_resuming_each_contact_gets_only_the_latest_reminder(self, council, sink):
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
        reminders = Reminder.objects.values_list("step", "reason")
        missed = "Missed: a newer step was due"
        assert sorted(reminders) == [(-30, missed), (-7, missed), (3, "")]

    def test_stop_needs_a_reason_and_a_second_one_changes_nothing(self, council):
        factories.charter()
        page_text = page(council.post("/council/reminders/stop", {"reason": " "}))
        assert "Say why you stop them" in page_text
        assert not ReminderStop.objects.exists()
        for reason in ("First.", "Second."):
            council.post("/council/reminders/stop", {"reason": reason})
        assert ReminderStop.objects.get().reason == "First."

    def test_only_the_council_stops_and_resumes_reminders(self):
        for action in (
            lambda by: reminder_stops.stop_reminders(by=by, reason="Enough."),
            reminder_stops.resume_reminders,
        ):
            with pytest.raises(NotAllowedError):
                action(by=factories.asha())


class TestExtending:
    def test_some_or_all_due_dates_move_with_a_public_reason(self, council):
        first = scenarios.commitment()
        second = scenarios.commitment(date(2025, 6, 3), title="Host ten school visits")
        with on(MAY_26):
            key = Record.objects.get(kind="period", item__due_on="2026-06-01").key
            choice = f"{key}:2026-06-01"
            form_for_one = {"days": "14", "reason": "The portal was down.", "periods": [choice]}
            assert council.post("/council/behind/extend", form_for_one).status_code == 302
            period = Record.objects.get(pk=key)
            assert period.item["due_on"] == "2026-06-15"
            assert period.item["change_reason"] == "The portal was down."
            rows = council.get("/council/behind/extend").context["form"]["listed"].value()
            form_for_all = {"days": "1", "reason": "A holiday.", "everything": "on", "listed": rows}
            council.post("/council/behind/extend", form_for_all)
            # A second click, or the same form from an older page, must not move the dates again.
            for form in (form_for_one, form_for_all):
                response = council.post("/council/behind/extend", form)
                assert page(response).count("Since you opened this page one of these days") == 2
        due = Record.objects.filter(kind="period").values_list("item__due_on", flat=True)
        assert sorted(due) == ["2026-06-04", "2026-06-16"]
        amendments = Entry.objects.filter(kind="period", action="amend")
        assert amendments.count() == 3
        with on(MAY_26):
            public_page = page(council.get(f"/commitments/{first.key}"))
        assert "Due date changed" in public_page
        assert "The portal was down." in public_page
        assert second.periods.count() == 1

    def test_moved_due_date_sends_reminders_again(self, sink):
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
        assert "Update due 31 July" in sink.emails()[-1]["Subject"]
        with on(date(2026, 7, 15)):
            assert scenarios.reporting_state(commitment) == "up_to_date"

    @pytest.mark.parametrize(
        "wrong", [{"days": "0"}, {"days": "999"}, {"reason": ""}, {"periods": []}]
    )
    def test_incomplete_form_moves_no_due_date(self, council, wrong):
        commitment = scenarios.commitment()
        with on(MAY_26):
            choice = f"{commitment.periods.get().key}:2026-06-01"
            form = {"days": "14", "reason": "A flood.", "periods": [choice]}
            page_text = page(council.post("/council/behind/extend", form | wrong))
        assert "There is a problem" in page_text
        assert commitment.periods.get().due_on == date(2026, 6, 1)

    def test_new_due_date_in_the_past_is_refused_at_the_field(self, council):
        commitment = scenarios.commitment()
        with on(date(2026, 6, 20)):
            choice = f"{commitment.periods.get().key}:2026-06-01"
            form = {"days": "19", "reason": "A flood.", "periods": [choice]}
            page_text = page(council.post("/council/behind/extend", form))
            assert page_text.count("The new day has to come after today: give 20 days or more") == 2
            assert "A flood." in page_text
            assert commitment.periods.get().due_on == date(2026, 6, 1)
            with pytest.raises(ValueError, match="a day after today"):
                periods.extend_due_dates(
                    commitment.periods.all(), by=factories.officer(), days=19, reason="A flood."
                )
        with on(date(2027, 5, 31)):
            page_text = page(council.post("/council/behind/extend", form))
        assert "one of these was due before that: leave it out" in page_text

    def test_due_dates_move_only_to_days_still_to_come(self, council):
        past = scenarios.commitment(date(2025, 5, 1), title="Host ten school visits")
        scenarios.commitment()
        with on(MAY_26):
            rows = council.get("/council/behind/extend").context["form"]["listed"].value()
            form = {"days": "14", "reason": "A flood.", "everything": "on", "listed": rows}
            preview = page(council.post("/council/behind/extend", form | {"preview": ""}))
            assert "1 due date will move" in preview
            assert "from 1 June 2026 to 15 June 2026" in preview
            assert past.title not in preview
            assert not Entry.objects.filter(kind="period", action="amend").exists()
            confirmation = page(council.post("/council/behind/extend", form, follow=True))
        assert "1 due date was moved, with your reason in public." in confirmation
        assert past.periods.latest("due_on").due_on == date(2026, 5, 1)

    def test_period_with_an_update_is_not_moved(self):
        commitment = scenarios.commitment()
        with on(MAY_26):
            scenarios.submitted_update(commitment)
            period_rows = commitment.periods.all()
            assert (
                periods.extend_due_dates(
                    period_rows, by=factories.officer(), days=9, reason="A flood."
                )
                == []
            )

    def test_only_the_council_moves_due_dates(self):
        rows = scenarios.commitment().periods.all()
        with on(MAY_26), pytest.raises(NotAllowedError):
            periods.extend_due_dates(rows, by=factories.asha(), days=9, reason="A flood.")
