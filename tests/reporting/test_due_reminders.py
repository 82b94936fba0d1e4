"""Sending due reminders: one broken email holds up no other, and an idle tick is cheap."""

from datetime import date

import pytest

from charter.mail import outbox
from charter.models import Charter, Commitment, Membership, Message, Signatory
from charter.roles import MemberRole
from registry import clock
from reporting.models import Recheck, Reminder
from reporting.models.rechecks import AT_ONCE
from reporting.reminders import due, sending
from reporting.reminders import email as reminder_email
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on

pytestmark = pytest.mark.django_db
MAY_5, JUNE_15 = date(2026, 5, 5), date(2026, 6, 15)


def caras_commitment():
    """Return a commitment of Cara's, a stranger to Asha, due on the same day as Asha's."""
    commitment = scenarios.commitment(title="Host ten school visits")
    cara = factories.cara()
    Commitment.objects.filter(pk=commitment.pk).update(
        signatory=Signatory.objects.get(organisation__memberships__user=cara),
        update_owner=cara.memberships.get(),
    )
    return commitment


def recipients():
    return sorted(Message.objects.filter(kind="reminder").values_list("recipient", flat=True))


def test_broken_email_does_not_hold_up_others(sink, monkeypatch, caplog):
    scenarios.commitment()
    caras_commitment()
    render = reminder_email.render_email

    def fail_for_asha(user, *rest):
        if user == factories.asha():
            raise ZeroDivisionError
        return render(user, *rest)

    with on(MAY_5):
        with monkeypatch.context() as patch:
            patch.setattr("reporting.reminders.email.render_email", fail_for_asha)
            assert sending.send_due_reminders(clock.now()) == 1
        assert recipients() == ["cara@canal-street.example"]
        assert "ZeroDivisionError" in caplog.text
        assert sending.send_due_reminders(clock.now()) == 1
    assert recipients() == ["asha@brookfield.example", "cara@canal-street.example"]


def test_email_that_is_sent_beside_a_broken_one_is_kept_as_it_was_sent(sink, monkeypatch):
    scenarios.commitment()
    caras_commitment()
    render = reminder_email.render_email

    def fail_for_cara(user, *rest):
        if user == factories.cara():
            raise ZeroDivisionError
        return render(user, *rest)

    with on(MAY_5):
        assert sending.send_due_reminders(clock.now()) == 2
        Commitment.objects.update(title="Written since then")
        monkeypatch.setattr("reporting.reminders.email.render_email", fail_for_cara)
        assert outbox.drain() == 1
    [sent] = sink.emails()
    assert "Written since then" in str(sent.get_body(("plain",)))
    assert "Written since then" in Message.objects.get(state="sent").text


def test_run_that_is_killed_forgets_no_later_reminder(monkeypatch):
    scenarios.commitment()

    def kill(*rows, **options):
        raise KeyboardInterrupt

    with on(MAY_5), monkeypatch.context() as patch:
        patch.setattr(Recheck.objects, "bulk_create", kill)
        with pytest.raises(KeyboardInterrupt):
            sending.send_due_reminders(clock.now())
    with on(JUNE_15):
        sending.send_due_reminders(clock.now())
    assert Message.objects.filter(kind="reminder").count() == 2


def test_two_runs_record_the_same_skipped_reminder_once(monkeypatch):
    scenarios.commitment()
    Membership.objects.update(nudges_stopped=True)
    with on(MAY_5):
        due_reminders = due.find_due_reminders(MAY_5)
        sending.send_due_reminders(clock.now())
        monkeypatch.setattr(due, "find_due_reminders", lambda *arguments: due_reminders)
        Recheck.objects.update(day=AT_ONCE)
        assert sending.send_due_reminders(clock.now()) == 0
    assert Reminder.objects.get().reason == "The contact has stopped these emails"


def test_update_sent_while_the_email_is_written_prevents_it(monkeypatch, caplog):
    commitment = scenarios.commitment()
    with on(MAY_5):
        due_reminders = due.find_due_reminders(MAY_5)
        scenarios.submitted_update(commitment)
        monkeypatch.setattr(due, "find_due_reminders", lambda *arguments: due_reminders)
        assert sending.send_due_reminders(clock.now()) == 0
    assert recipients() == []
    assert "broke" not in caplog.text


def test_sponsors_email_names_the_current_contact_not_the_former(sink):
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
    [email] = [email for email in sink.emails() if email["To"].startswith("grace")]
    body = email.get_body(("plain",)).get_content()
    assert "We have asked Ben for this update." in body
    assert "Asha" not in body


def test_tick_without_due_reminders_needs_one_query(sink, django_assert_num_queries):
    scenarios.commitment()
    factories.grace()
    scenarios.commitment(title="Host ten school visits", cadence="monthly")
    with on(JUNE_15):
        scenarios.tick()
    with on(JUNE_15, hour=11), django_assert_num_queries(1):
        assert sending.send_due_reminders(clock.now()) == 0


def test_number_of_queries_does_not_grow_with_commitments(
    django_assert_max_num_queries,
):
    for title in ("Plant 500 trees", "Host ten school visits", "Open the gym to schools"):
        scenarios.commitment(title=title)
    with on(MAY_5):
        with django_assert_max_num_queries(4):
            assert len(due.find_due_reminders(MAY_5)) == 3
        sending.send_due_reminders(clock.now())
        [message] = Message.objects.filter(kind="reminder")
        with django_assert_max_num_queries(13):
            assert sending.cancellation_reasons([message]) == {}


def test_number_of_queries_does_not_grow_with_people(sink, django_assert_max_num_queries):
    for name in ("Zoe", "Finn", "Yan", "Una"):
        commitment = scenarios.commitment(title=f"Host the school visits of {name}")
        person = factories.colleague(name, MemberRole.EDITOR)
        Commitment.objects.filter(pk=commitment.pk).update(update_owner=person.memberships.get())
    with on(MAY_5):
        with django_assert_max_num_queries(27):
            assert sending.send_due_reminders(clock.now()) == 4
        messages = list(Message.objects.filter(kind="reminder"))
        with django_assert_max_num_queries(13):
            assert sending.cancellation_reasons(messages) == {}
    assert len({message.text for message in messages}) == 4


class TestChangedReminderDays:
    """The council changes its reminder days while a period is running."""

    def recorded_steps(self, due_on):
        reminders = Reminder.objects.filter(
            period__due_on=due_on, membership__user=factories.asha()
        )
        return sorted(reminders.values_list("step", "reason"))

    def test_new_days_hold_for_later_periods_only(self, sink):
        scenarios.commitment()
        with on(MAY_5):
            scenarios.tick()
        Charter.objects.update(reminder_days=[-14, 1, 30])
        for day in (date(2026, 5, 18), date(2026, 5, 26), date(2026, 6, 2), date(2026, 6, 4)):
            with on(day):
                scenarios.tick()
        assert self.recorded_steps(date(2026, 6, 1)) == [(-30, ""), (-7, ""), (3, "")]
        with on(date(2026, 6, 5)):
            scenarios.submitted_update(Commitment.objects.get())
        for day in (date(2027, 5, 4), date(2027, 5, 18), date(2027, 6, 2)):
            with on(day):
                scenarios.tick()
        assert self.recorded_steps(date(2027, 6, 1)) == [(-14, ""), (1, "")]

    def test_owner_and_sponsor_get_emails_by_the_periods_own_days(self, sink):
        scenarios.commitment()
        factories.grace()
        with on(MAY_5):
            scenarios.tick()
        Charter.objects.update(reminder_days=[-14, 1, 30])
        with on(JUNE_15):
            scenarios.tick()
        subjects = {email["To"].partition("@")[0]: email["Subject"] for email in sink.emails()[-2:]}
        assert subjects["grace"] == subjects["asha"]
        assert subjects["asha"].startswith("Second reminder")
