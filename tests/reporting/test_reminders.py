"""Reminders about an update due on Monday 1 June 2026, and the state on the public page."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection

from charter.actions import signatories
from charter.mail import bounces, outbox
from charter.models import Announcement, Change, Membership, Message
from charter.workflow import MessageState
from registry import clock
from registry.models import Record
from reporting.models import Reminder
from reporting.reminders import sending
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on

pytestmark = pytest.mark.django_db

MAY_5, MAY_26, JUNE_4, JUNE_15 = (
    date(2026, 5, 5),
    date(2026, 5, 26),
    date(2026, 6, 4),
    date(2026, 6, 15),
)
JULY_1, SEPTEMBER_1 = date(2026, 7, 1), date(2026, 9, 1)


def body_text(email, kind="plain"):
    return email.get_body((kind,)).get_content().replace("\r\n", "\n")


def run_days(first, last, every=1):
    """Run the scheduled jobs at ten o'clock on each day, or every few days."""
    for days in range(0, (last - first).days + 1, every):
        with on(first + timedelta(days=days)):
            scenarios.tick()


def test_each_reminder_is_sent_once_on_its_working_day(sink):
    scenarios.commitment()
    factories.grace()
    Message.objects.all().delete()
    run_days(date(2026, 4, 25), date(2026, 9, 3))
    deliveries = [
        (clock.local_date(message.finished_at), message.recipient.partition("@")[0])
        for message in Message.objects.order_by("finished_at", "recipient")
    ]
    assert deliveries == [
        (MAY_5, "asha"),
        (MAY_26, "asha"),
        (JUNE_4, "asha"),
        (JUNE_15, "asha"),
        (JUNE_15, "grace"),
        (SEPTEMBER_1, "asha"),
        (SEPTEMBER_1, "grace"),
    ]


def test_public_state_follows_the_due_date_day_by_day(sink):
    commitment = scenarios.commitment()
    expected = {
        date(2026, 5, 31): "up_to_date",
        date(2026, 6, 1): "due",
        date(2026, 6, 30): "due",
        date(2026, 7, 1): "overdue",
        date(2026, 8, 29): "overdue",
        date(2026, 8, 30): "silent",
    }
    states = {}
    for day in sorted({MAY_5, MAY_26, JUNE_4, JUNE_15, *expected}):
        with on(day):
            scenarios.tick()
            states[day] = scenarios.reporting_state(commitment)
    assert states == expected | {MAY_5: "up_to_date", MAY_26: "up_to_date"} | dict.fromkeys(
        (JUNE_4, JUNE_15), "due"
    )
    period = Record.objects.get(kind="period", item__due_on="2026-06-01")
    assert period.item["requested_on"] == [str(d) for d in (MAY_5, MAY_26, JUNE_4, JUNE_15)]


def test_signatory_without_a_reminder_is_not_called_overdue(settings):
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    commitment = scenarios.commitment()
    for day in (MAY_5, MAY_26, JUNE_4, JUNE_15, JULY_1):
        run_days(day, day)
    with on(JULY_1):
        assert scenarios.reporting_state(commitment) == "due"
    period = Record.objects.get(kind="period", item__due_on="2026-06-01")
    assert "requested_on" not in period.item


def test_page_waits_a_week_for_an_announcement_that_mail_trouble_delayed(sink, settings):
    """An email that had to wait announces the days that follow from the day on which it goes."""
    commitment = scenarios.commitment()
    working, settings.EMAIL_URL = settings.EMAIL_URL, "smtp://127.0.0.1:1"
    run_days(JUNE_15, JUNE_15)
    settings.EMAIL_URL = working
    states = {}
    with on(date(2026, 7, 20)):
        outbox.drain()
        scenarios.tick()
    for day in (date(2026, 7, 20), date(2026, 7, 26), date(2026, 7, 27), date(2026, 8, 30)):
        with on(day):
            states[day] = scenarios.reporting_state(commitment)
    assert list(states.values()) == ["due", "due", "overdue", "silent"]
    overdue = "Overdue since 27 July 2026: an update was due on 1 June."
    silent = "Silent since 30 August 2026: the update due on 1 June has not been received."
    text = " ".join(body_text(sink.emails()[-1]).split())
    assert f"from 27 July 2026 the public page will say: “{overdue}” From 30 August 2026" in text
    announced = Announcement.objects.sent().order_by("public_from")
    assert set(announced.values_list("statement", "sentence")) == {
        ("overdue", overdue),
        ("silent", silent),
    }


def test_reminder_quotes_the_commitment_and_offers_three_answers(sink, settings):
    commitment = scenarios.commitment()
    factories.grace()
    Message.objects.all().delete()
    with on(MAY_5):
        scenarios.tick()
    [email] = sink.emails()
    body = body_text(email)
    assert email["Subject"] == f"Update due 1 June: {commitment.title}"
    assert "Brookfield Catering promised on 1 June 2025" in body
    assert f"“{commitment.title}”" in body
    assert "You said you would show this with: Payroll records and college letters" in body
    assert "You have not sent an update yet." in body
    for path in ("update?answer=same", "update?answer=number", "help"):
        link = f"{settings.PUBLIC_URL}/{commitment.key}/{path}"
        assert link in body
        assert link in body_text(email, "html")
    assert (
        "we will copy in your senior sponsor on 15 June 2026, and from 1 July 2026 the public page "
        "will say: “Overdue since 1 July 2026: an update was due on 1 June.”"
    ) in body
    assert "Council House\n1 Square" in body  # The address that the council set up.
    assert "register@council.example" in email["From"]
    assert "charter@council.example" in email["Reply-To"]
    assert "01632 960 001" in body_text(email, "html")


def test_reminder_quotes_the_last_update_and_names_a_change(sink):
    commitment = scenarios.commitment()
    with on(date(2026, 2, 2)):
        factories.publish(factories.proposed_change(commitment), by=factories.officer())
    with on(date(2026, 5, 1)):
        scenarios.published_update(commitment)
    Message.objects.all().delete()
    with on(date(2027, 5, 4)):
        scenarios.tick()
    body = body_text(sink.emails()[-1])
    assert "promised on 1 June 2025, and changed on 2 February 2026" in body
    assert "Your last update, on 1 May 2026: 14 people (target 12), on track." in body


def test_sponsor_is_informed_but_not_asked_for_the_update(sink):
    scenarios.commitment()
    factories.grace()
    Message.objects.all().delete()
    run_days(date(2026, 6, 4), JUNE_15)
    [email] = [email for email in sink.emails() if email["To"].startswith("grace")]
    assert email["Subject"].startswith("Second reminder")
    assert "We have asked Asha for this update" in body_text(email)
    assert "because you are the senior sponsor" in body_text(email)
    assert "answer=" not in body_text(email)


def test_update_stops_all_further_reminders(sink):
    commitment = scenarios.commitment()
    run_days(date(2026, 5, 1), MAY_26)
    with on(date(2026, 5, 27)):
        scenarios.submitted_update(commitment)
    run_days(date(2026, 5, 28), date(2026, 9, 3), every=3)
    assert len(sink.emails()) == 2


def test_daily_email_lists_all_commitments_most_urgent_first(sink):
    scenarios.commitment(title="Plant 500 trees in Aston")
    for number in range(5):
        scenarios.commitment(date(2025, 6, 10), title=f"Host school visit {number}")
    with on(date(2026, 5, 13)):
        scenarios.tick()
    [email] = sink.emails()
    assert email["Subject"] == "6 progress updates due, the first on 1 June"
    assert body_text(email).index("Plant 500 trees") < body_text(email).index("Host school visit 0")
    assert Reminder.objects.count() == 6
    with on(date(2026, 5, 13), hour=15):
        scenarios.commitment(date(2025, 6, 12), title="Pay in 30 days")
        assert scenarios.tick() == 0
    with on(date(2026, 5, 14)):
        assert scenarios.tick() == 1


def test_after_an_outage_only_the_latest_reminder_is_sent(sink):
    scenarios.commitment()
    with on(date(2026, 6, 17)):
        scenarios.tick()
        scenarios.tick()
    [email] = sink.emails()
    assert email["Subject"].startswith("Second reminder")
    missed = "Missed: a newer step was due"
    assert sorted(Reminder.objects.values_list("step", "reason")) == [
        (-30, missed),
        (-7, missed),
        (3, missed),
        (14, ""),
    ]


def test_short_commitment_gets_one_reminder(sink):
    scenarios.commitment(date(2026, 3, 2), end_on=date(2026, 3, 20))
    run_days(date(2026, 3, 3), date(2026, 3, 19))
    assert [email["Subject"].partition(":")[0] for email in sink.emails()] == ["Deadline 20 March"]


def test_subject_names_the_requested_update_and_the_text_an_older_one(sink):
    scenarios.commitment(cadence="quarterly", title="Plant trees")
    older = "The update due on 1 September 2025 is also missing."
    emails = {
        date(2025, 9, 15): ("Second reminder: update due 1 September (Plant trees)", ""),
        date(2025, 11, 3): ("Update due 1 December: Plant trees", older),
        date(2025, 12, 1): ("Shown as silent: no update since 1 September (Plant trees)", ""),
        date(2025, 12, 4): ("Update was due 1 December: Plant trees", older),
    }
    for day, (subject, sentence) in emails.items():
        with on(day):
            scenarios.tick()
        email = sink.emails()[-1]
        assert email["Subject"] == subject
        assert ("is also missing" in body_text(email)) == bool(sentence)
        assert sentence in body_text(email)
        assert sentence in body_text(email, "html")


def test_pause_holds_emails_and_one_at_most_follows_it(sink):
    commitment = scenarios.commitment(cadence="quarterly")
    with on(date(2025, 8, 1)):
        signatories.pause(
            commitment.signatory,
            by=factories.officer(),
            until=date(2026, 4, 15),
            reason="The kitchen burnt down.",
        )
    run_days(date(2025, 8, 4), date(2026, 4, 15), every=7)
    assert sink.emails() == []
    run_days(date(2026, 4, 16), date(2026, 5, 4))
    assert len(sink.emails()) <= 1


class TestBetweenQueueingAndSending:
    @pytest.fixture
    def commitment(self, sink):
        commitment = scenarios.commitment()
        with on(MAY_26):
            sending.send_due_reminders(clock.now())
        return commitment

    def send(self):
        with on(MAY_26, hour=11):
            outbox.drain()
        return Message.objects.get(kind="reminder")

    def test_update_cancels_the_email(self, commitment, sink):
        with on(MAY_26):
            scenarios.submitted_update(commitment)
        message = self.send()
        assert (message.state, message.last_code) == (
            MessageState.CANCELLED,
            "The update was received",
        )
        assert sink.emails() == []

    def test_departure_of_the_contact_cancels_the_email(self, commitment):
        Membership.objects.update(ended_on=MAY_26)
        assert self.send().last_code == "The contact has left"

    def test_pause_cancels_the_email(self, commitment):
        with on(MAY_26):
            signatories.pause(
                commitment.signatory, by=factories.officer(), until=None, reason="A flood."
            )
        assert self.send().last_code == "Reporting is paused"

    def test_bounce_cancels_the_email(self, commitment):
        with on(MAY_26):
            factories.lose_mailbox("asha@brookfield.example")
        assert self.send().last_code == "The mailbox is gone: two emails came back"

    def test_stopping_reminders_cancels_the_email(self, commitment):
        Membership.objects.update(nudges_stopped=True)
        assert self.send().last_code == "The contact has stopped these emails"

    def test_withdrawal_cancels_the_email(self, commitment):
        with on(MAY_26):
            change = factories.proposed_change(
                commitment, action=Change.Action.WITHDRAW, reason="We close down.", values={}
            )
            factories.publish(change, by=factories.officer())
            Message.objects.exclude(kind="reminder").delete()
        assert self.send().last_code == "The commitment has ended"

    def test_updated_commitment_is_left_out_of_an_email_about_others(self, sink):
        first = scenarios.commitment(title="Plant 500 trees in Aston")
        scenarios.commitment(title="Host ten school visits")
        with on(MAY_26):
            sending.send_due_reminders(clock.now())
            scenarios.submitted_update(first)
            outbox.drain()
        [email] = sink.emails()
        assert "Host ten school visits" in body_text(email)
        assert (
            "Plant 500 trees" not in body_text(email) + body_text(email, "html") + email["Subject"]
        )


def test_contact_who_stopped_reminders_still_gets_notices(sink):
    scenarios.commitment()
    Membership.objects.update(nudges_stopped=True)
    run_days(date(2026, 5, 1), JUNE_15)
    assert [email["Subject"].partition(":")[0] for email in sink.emails()] == ["Second reminder"]
    skipped_steps = Reminder.objects.exclude(reason="").values_list("step", "reason")
    assert sorted(skipped_steps) == [
        (-30, "The contact has stopped these emails"),
        (-7, "The contact has stopped these emails"),
        (3, "The contact has stopped these emails"),
    ]


def test_bounce_stops_reminders_until_the_council_clears_it(sink):
    commitment = scenarios.commitment()
    with on(date(2026, 5, 20)):
        factories.lose_mailbox("asha@brookfield.example")
    run_days(date(2026, 5, 21), date(2026, 6, 8))
    assert sink.emails() == []
    with on(date(2026, 6, 8)):
        assert scenarios.reporting_state(commitment) == "unreachable"
        bounces.clear_bounce(factories.asha().memberships.get(), by=factories.officer())
        assert scenarios.reporting_state(commitment) == "due"
        scenarios.tick()
    assert len(sink.emails()) == 1


def test_signatory_without_a_contact_is_not_called_overdue(sink):
    commitment = scenarios.commitment()
    Membership.objects.update(ended_on=date(2026, 1, 1))
    run_days(date(2026, 6, 28), date(2026, 7, 3))
    with on(date(2026, 7, 3)):
        assert sink.emails() == []
        assert scenarios.reporting_state(commitment) == "due"


def test_email_expires_when_the_next_reminder_is_due(settings):
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    scenarios.commitment()
    with on(MAY_5):
        scenarios.tick()
    message = Message.objects.get()
    assert clock.local_date(message.expires_at) == MAY_26


@pytest.mark.django_db(transaction=True)
def test_parallel_schedulers_email_each_person_once(sink):
    scenarios.commitment()
    scenarios.commitment(title="Host ten school visits")
    results = []

    def run():
        with on(MAY_5):
            results.append(sending.send_due_reminders(clock.now()))
        connection.close()

    runs = [threading.Thread(target=run) for _ in range(4)]
    for thread in runs:
        thread.start()
    for thread in runs:
        thread.join(60)
    assert sum(results) == Message.objects.count() == 1
    assert Reminder.objects.filter(reason="").count() == 2
