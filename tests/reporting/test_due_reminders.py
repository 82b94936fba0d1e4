"""The sweep that asks for updates: one email that breaks stops no other, and an idle tick is
cheap.
"""

from datetime import date

import pytest

from charter.mail import outbox
from charter.models import Charter, Commitment, Membership, Message, Signatory
from registry import clock
from reporting.models import Reminder
from reporting.reminders import email as reminder_email
from reporting.reminders import sending
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on

pytestmark = pytest.mark.django_db
MAY_5, JUNE_15 = date(2026, 5, 5), date(2026, 6, 15)


def commitment_of_caras():
    """A commitment of Cara's, a stranger to Asha, due on the same day as Asha's."""
    commitment = scenarios.commitment(title="Host ten school visits")
    cara = factories.cara()
    Commitment.objects.filter(pk=commitment.pk).update(
        signatory=Signatory.objects.get(organisation__memberships__user=cara),
        update_owner=cara.memberships.get(),
    )
    return commitment


def asked():
    return sorted(Message.objects.filter(kind="digest").values_list("recipient", flat=True))


def test_an_email_that_cannot_be_made_keeps_nobody_else_waiting(sink, monkeypatch, caplog):
    scenarios.commitment()
    commitment_of_caras()
    write = reminder_email.render_email

    def break_for_asha(user, *rest):
        if user == factories.asha():
            raise ZeroDivisionError
        return write(user, *rest)

    with on(MAY_5):
        with monkeypatch.context() as patch:
            patch.setattr("reporting.reminders.email.render_email", break_for_asha)
            assert sending.send_due_reminders(clock.now()) == 1
        assert asked() == ["cara@canal-street.example"]
        assert "ZeroDivisionError" in caplog.text
        assert sending.send_due_reminders(clock.now()) == 1
    assert asked() == ["asha@brookfield.example", "cara@canal-street.example"]


def test_two_runs_that_found_the_same_skipped_step_record_it_once(monkeypatch):
    scenarios.commitment()
    Membership.objects.update(nudges_stopped=True)
    with on(MAY_5):
        found = sending.due_reminders(MAY_5)
        sending.send_due_reminders(clock.now())
        monkeypatch.setattr(sending, "due_reminders", lambda today: found)
        assert sending.send_due_reminders(clock.now()) == 0
    assert Reminder.objects.get().reason == "The contact has stopped these emails"


def test_update_that_comes_while_the_email_is_being_written_leaves_no_email(monkeypatch, caplog):
    commitment = scenarios.commitment()
    with on(MAY_5):
        found = sending.due_reminders(MAY_5)
        scenarios.told(commitment)
        monkeypatch.setattr(sending, "due_reminders", lambda today: found)
        assert sending.send_due_reminders(clock.now()) == 0
    assert asked() == []
    assert "broke" not in caplog.text


def test_the_sponsor_reads_who_is_asked_now_and_not_who_has_left(sink):
    commitment = scenarios.commitment()
    factories.grace()
    Membership.objects.filter(pk=factories.ben().memberships.get().pk).update(role="owner")
    Commitment.objects.filter(pk=commitment.pk).update(
        update_owner=factories.asha().memberships.get()
    )
    Membership.objects.filter(user=factories.asha()).update(ended_on=date(2026, 6, 1))
    Message.objects.all().delete()
    with on(JUNE_15):
        sending.send_due_reminders(clock.now())
        outbox.drain()
    [to_grace] = [email for email in sink.emails() if email["To"].startswith("grace")]
    said = to_grace.get_body(("plain",)).get_content()
    assert "Ben has been asked for the update" in said
    assert "Asha" not in said


def test_a_tick_with_nothing_to_ask_is_one_question_to_the_database(
    sink, django_assert_num_queries
):
    scenarios.commitment()
    factories.grace()
    scenarios.commitment(title="Host ten school visits", cadence="monthly")
    with on(JUNE_15):
        scenarios.tick()
    with on(JUNE_15, hour=11), django_assert_num_queries(2):
        assert sending.send_due_reminders(clock.now()) == 0


def test_many_commitments_are_looked_at_with_as_many_questions_as_one(
    django_assert_max_num_queries,
):
    for title in ("Plant 500 trees", "Host ten school visits", "Open the gym to schools"):
        scenarios.commitment(title=title)
    with on(MAY_5):
        with django_assert_max_num_queries(3):
            assert len(sending.due_reminders(MAY_5)) == 3
        sending.send_due_reminders(clock.now())
        [message] = Message.objects.filter(kind="digest")
        with django_assert_max_num_queries(3):
            assert sending.cancellation_reason(message) == ""


class TestAChangedLadder:
    """The council changes on which days it asks, while a period is running."""

    def steps_of(self, due_on):
        made = Reminder.objects.filter(period__due_on=due_on, membership__user=factories.asha())
        return sorted(made.values_list("step", "reason"))

    def test_it_holds_for_periods_that_begin_later_and_what_was_sent_stays_sent(self, sink):
        scenarios.commitment()
        with on(MAY_5):
            scenarios.tick()
        Charter.objects.update(reminder_days=[-14, 1, 30])
        for day in (date(2026, 5, 18), date(2026, 5, 26), date(2026, 6, 2), date(2026, 6, 4)):
            with on(day):
                scenarios.tick()
        assert self.steps_of(date(2026, 6, 1)) == [(-30, ""), (-7, ""), (3, "")]
        with on(date(2026, 6, 5)):
            scenarios.told(Commitment.objects.get())
        for day in (date(2027, 5, 4), date(2027, 5, 18), date(2027, 6, 2)):
            with on(day):
                scenarios.tick()
        assert self.steps_of(date(2027, 6, 1)) == [(-14, ""), (1, "")]

    def test_emails_and_the_list_of_who_is_behind_keep_to_the_ladder_of_the_period(self, sink):
        scenarios.commitment()
        factories.grace()
        with on(MAY_5):
            scenarios.tick()
        Charter.objects.update(reminder_days=[-14, 1, 30])
        with on(JUNE_15):
            scenarios.tick()
        said = {email["To"].partition("@")[0]: email["Subject"] for email in sink.emails()[-2:]}
        assert said["grace"] == said["asha"]
        assert said["asha"].startswith("Second notice")
