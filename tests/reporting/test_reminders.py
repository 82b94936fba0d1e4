"""A commitment whose an update is due on Monday 1 June 2026: who is asked when, what the public
reads.
"""

import threading
from datetime import date, timedelta

import pytest
from django.db import connection

from charter.actions import changes, signatories
from charter.mail import bounces, outbox
from charter.models import Change, Membership, Message
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


def words(email, kind="plain"):
    return email.get_body((kind,)).get_content().replace("\r\n", "\n")


def live_through(first, last, every=1):
    """Let days pass, with all that the clock does at ten o'clock."""
    for days in range(0, (last - first).days + 1, every):
        with on(first + timedelta(days=days)):
            scenarios.tick()


def test_each_step_is_sent_once_on_its_working_day(sink):
    scenarios.commitment()
    factories.grace()
    Message.objects.all().delete()
    live_through(date(2026, 4, 25), date(2026, 9, 3))
    sent = [
        (clock.local_date(message.finished_at), message.recipient.partition("@")[0])
        for message in Message.objects.order_by("finished_at", "recipient")
    ]
    assert sent == [
        (MAY_5, "asha"),
        (MAY_26, "asha"),
        (JUNE_4, "asha"),
        (JUNE_15, "asha"),
        (JUNE_15, "grace"),
        (SEPTEMBER_1, "asha"),
        (SEPTEMBER_1, "grace"),
    ]


def test_the_public_page_says_on_each_day_what_it_must(sink):
    commitment = scenarios.commitment()
    expected = {
        date(2026, 5, 31): "up_to_date",
        date(2026, 6, 1): "due",
        date(2026, 6, 30): "due",
        date(2026, 7, 1): "overdue",
        date(2026, 8, 29): "overdue",
        date(2026, 8, 30): "silent",
    }
    said = {}
    for day in sorted({MAY_5, MAY_26, JUNE_4, JUNE_15, *expected}):
        with on(day):
            scenarios.tick()
            said[day] = scenarios.reporting_of(commitment)
    assert said == expected | {MAY_5: "up_to_date", MAY_26: "up_to_date"} | dict.fromkeys(
        (JUNE_4, JUNE_15), "due"
    )
    period = Record.objects.get(kind="period", item__due_on="2026-06-01")
    assert period.item["requested_on"] == [str(d) for d in (MAY_5, MAY_26, JUNE_4, JUNE_15)]


def test_before_a_request_after_the_due_date_nobody_is_called_overdue(settings):
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    commitment = scenarios.commitment()
    for day in (MAY_5, MAY_26, JUNE_4, JUNE_15, JULY_1):
        live_through(day, day)
    with on(JULY_1):
        assert scenarios.reporting_of(commitment) == "due"
    period = Record.objects.get(kind="period", item__due_on="2026-06-01")
    assert "requested_on" not in period.item


def test_the_email_quotes_the_commitment_and_offers_three_answers(sink, settings):
    commitment = scenarios.commitment()
    factories.grace()
    Message.objects.all().delete()
    with on(MAY_5):
        scenarios.tick()
    [email] = sink.emails()
    said = words(email)
    assert email["Subject"] == f"Your update on “{commitment.title}” is due on 1 June 2026"
    assert "Brookfield Catering promised on 1 June 2025" in said
    assert f"“{commitment.title}”" in said
    assert "You said you would show this with: Payroll records and college letters" in said
    assert "You have not sent us an update on it yet." in said
    for answer in ("same", "number", "talk"):
        link = f"{settings.PUBLIC_URL}/{commitment.key}/update?answer={answer}"
        assert link in said
        assert link in words(email, "html")
    assert "we will copy your sponsor on 15 June 2026" in said
    assert "from 1 July 2026 the public page will say “overdue”" in said
    assert "Council House\n1 Square" in said  # as the council set it up
    assert "register@council.example" in email["From"]
    assert "charter@council.example" in email["Reply-To"]
    assert "01632 960 001" in words(email, "html")


def test_the_last_answer_is_quoted_and_so_is_a_change_of_the_commitment(sink):
    commitment = scenarios.commitment()
    with on(date(2026, 2, 2)):
        changes.approve(factories.proposed_change(commitment), by=factories.officer())
    with on(date(2026, 5, 1)):
        scenarios.published(commitment)
    Message.objects.all().delete()
    with on(date(2027, 5, 4)):
        scenarios.tick()
    said = words(sink.emails()[-1])
    assert "promised on 1 June 2025, and changed on 2 February 2026" in said
    unit = commitment.measure.unit_label
    assert f"Last time, on 1 May 2026, you told us: 14 of 12 {unit}, on track." in said


def test_the_sponsor_is_told_and_not_asked(sink):
    scenarios.commitment()
    factories.grace()
    Message.objects.all().delete()
    live_through(date(2026, 6, 4), JUNE_15)
    [to_grace] = [email for email in sink.emails() if email["To"].startswith("grace")]
    assert to_grace["Subject"].startswith("Second notice")
    assert "Asha has been asked for the update" in words(to_grace)
    assert "answer=" not in words(to_grace)


def test_an_answer_stops_all_further_steps(sink):
    commitment = scenarios.commitment()
    live_through(date(2026, 5, 1), MAY_26)
    with on(date(2026, 5, 27)):
        scenarios.told(commitment)
    live_through(date(2026, 5, 28), date(2026, 9, 3), every=3)
    assert len(sink.emails()) == 2


def test_one_email_a_day_names_everything_most_urgent_first(sink):
    scenarios.commitment(title="Plant 500 trees in Aston")
    for number in range(5):
        scenarios.commitment(date(2025, 6, 10), title=f"Host school visit {number}")
    with on(date(2026, 5, 13)):
        scenarios.tick()
    [email] = sink.emails()
    assert email["Subject"] == (
        "Your update on “Plant 500 trees in Aston” is due on 1 June 2026, and 5 more"
    )
    assert words(email).index("Plant 500 trees") < words(email).index("Host school visit 0")
    assert Reminder.objects.count() == 6
    with on(date(2026, 5, 13), hour=15):
        scenarios.commitment(date(2025, 6, 12), title="Pay in 30 days")
        assert scenarios.tick() == 0
    with on(date(2026, 5, 14)):
        assert scenarios.tick() == 1


def test_after_an_outage_only_the_newest_step_goes_out_and_the_others_are_on_record(sink):
    scenarios.commitment()
    with on(date(2026, 6, 17)):
        scenarios.tick()
        scenarios.tick()
    [email] = sink.emails()
    assert email["Subject"].startswith("Second notice")
    missed = "Missed: a newer step was due"
    assert sorted(Reminder.objects.values_list("step", "reason")) == [
        (-30, missed),
        (-7, missed),
        (3, missed),
        (14, ""),
    ]


def test_a_commitment_made_late_is_asked_about_once_and_from_the_newest_step(sink):
    scenarios.commitment(date(2026, 3, 2), end_on=date(2026, 3, 20))
    live_through(date(2026, 3, 3), date(2026, 3, 19))
    assert [email["Subject"].partition("is ")[2] for email in sink.emails()] == [
        "due on 21 March 2026"
    ]


def test_an_email_says_which_day_is_coming_while_an_older_one_is_open(sink):
    scenarios.commitment(cadence="quarterly", title="Plant trees")
    older = "and the one due on 1 September 2025 has not come"
    subjects = {
        date(
            2025, 9, 15
        ): "Second notice: your update on “Plant trees” was due on 1 September 2025",
        date(2025, 11, 3): f"Your update on “Plant trees” is due on 1 December 2025, {older}",
        date(2025, 12, 1): "The public page says “silent”: no update on “Plant trees” since "
        "1 September 2025",
        date(2025, 12, 4): f"Your update on “Plant trees” is due now: the day was 1 December 2025, "
        f"{older}",
    }
    for day, subject in subjects.items():
        with on(day):
            scenarios.tick()
        assert sink.emails()[-1]["Subject"] == subject


def test_nothing_is_sent_inside_a_pause_and_at_most_one_email_after_it(sink):
    commitment = scenarios.commitment(cadence="quarterly")
    with on(date(2025, 8, 1)):
        signatories.pause(
            commitment.signatory,
            by=factories.officer(),
            until=date(2026, 4, 15),
            reason="The kitchen burnt down.",
        )
    live_through(date(2025, 8, 4), date(2026, 4, 15), every=7)
    assert sink.emails() == []
    live_through(date(2026, 4, 16), date(2026, 5, 4))
    assert len(sink.emails()) <= 1


class TestBetweenQueueingAndSending:
    @pytest.fixture
    def waiting(self, sink):
        commitment = scenarios.commitment()
        with on(MAY_26):
            sending.send_due_reminders(clock.now())
        return commitment

    def send(self):
        with on(MAY_26, hour=11):
            outbox.drain()
        return Message.objects.get(kind="digest")

    def test_an_answer_cancels_the_email(self, waiting, sink):
        with on(MAY_26):
            scenarios.told(waiting)
        message = self.send()
        assert (message.state, message.last_code) == (MessageState.CANCELLED, "The update has come")
        assert sink.emails() == []

    def test_leaving_cancels_the_email(self, waiting):
        Membership.objects.update(ended_on=MAY_26)
        assert self.send().last_code == "The contact has left"

    def test_a_pause_cancels_the_email(self, waiting):
        with on(MAY_26):
            signatories.pause(
                waiting.signatory, by=factories.officer(), until=None, reason="A flood."
            )
        assert self.send().last_code == "Reporting is paused"

    def test_a_bounce_cancels_the_email(self, waiting):
        with on(MAY_26):
            bounces.record_bounce(Message(recipient="asha@brookfield.example"))
        assert self.send().last_code == "The mailbox refuses email"

    def test_stopping_the_nudges_cancels_the_email(self, waiting):
        Membership.objects.update(nudges_stopped=True)
        assert self.send().last_code == "The contact has stopped these emails"

    def test_the_end_of_the_commitment_cancels_the_email(self, waiting):
        with on(MAY_26):
            change = factories.proposed_change(
                waiting, action=Change.Action.WITHDRAW, reason="We close down.", values={}
            )
            changes.approve(change, by=factories.officer())
            Message.objects.exclude(kind="digest").delete()
        assert self.send().last_code == "The commitment has ended"

    def test_an_item_that_was_answered_is_taken_out_of_a_email_that_still_goes(self, sink):
        answered = scenarios.commitment(title="Plant 500 trees in Aston")
        scenarios.commitment(title="Host ten school visits")
        with on(MAY_26):
            sending.send_due_reminders(clock.now())
            scenarios.told(answered)
            outbox.drain()
        [email] = sink.emails()
        assert "Host ten school visits" in words(email)
        assert "Plant 500 trees" not in words(email) + words(email, "html") + email["Subject"]


def test_who_stopped_the_nudges_still_hears_what_changes_the_public_page(sink):
    scenarios.commitment()
    Membership.objects.update(nudges_stopped=True)
    live_through(date(2026, 5, 1), JUNE_15)
    assert [email["Subject"].partition(":")[0] for email in sink.emails()] == ["Second notice"]
    skipped = Reminder.objects.exclude(reason="").values_list("step", "reason")
    assert sorted(skipped) == [
        (-30, "The contact has stopped these emails"),
        (-7, "The contact has stopped these emails"),
        (3, "The contact has stopped these emails"),
    ]


def test_a_bounce_stops_the_ladder_until_the_council_clears_it(sink):
    commitment = scenarios.commitment()
    with on(date(2026, 5, 20)):
        bounces.record_bounce(Message(recipient="asha@brookfield.example"))
    live_through(date(2026, 5, 21), date(2026, 6, 8))
    assert sink.emails() == []
    with on(date(2026, 6, 8)):
        assert scenarios.reporting_of(commitment) == "unreachable"
        bounces.clear_bounce(factories.asha().memberships.get(), by=factories.officer())
        assert scenarios.reporting_of(commitment) == "due"
        scenarios.tick()
    assert len(sink.emails()) == 1


def test_without_anybody_to_ask_nothing_is_sent_and_nobody_is_called_overdue(sink):
    commitment = scenarios.commitment()
    Membership.objects.update(ended_on=date(2026, 1, 1))
    live_through(date(2026, 6, 28), date(2026, 7, 3))
    with on(date(2026, 7, 3)):
        assert sink.emails() == []
        assert scenarios.reporting_of(commitment) == "due"


def test_an_email_expires_when_the_next_step_is_due(settings):
    settings.EMAIL_URL = "smtp://127.0.0.1:1"
    scenarios.commitment()
    with on(MAY_5):
        scenarios.tick()
    message = Message.objects.get()
    assert clock.local_date(message.expires_at) == MAY_26


@pytest.mark.django_db(transaction=True)
def test_two_schedulers_at_once_ask_each_person_once(sink):
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
