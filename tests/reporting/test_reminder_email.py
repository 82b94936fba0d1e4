"""The words of the reminder email at each stage, and its subject for one or several updates."""

from datetime import UTC, date, datetime, timedelta

import pytest

from charter.mail import rendering
from charter.models import Charter, Commitment, Organisation, Signatory, User
from reporting.models import ReportingPeriod
from reporting.reminders import announcements, steps
from reporting.reminders.email import ReminderItem, email_context
from reporting.reminders.steps import Stage

DUE = date(2026, 11, 12)
LADDER = [-30, -7, 3, 14, 90]


def owed_period(due_on=DUE, ladder=LADDER, title="Plant 500 trees"):
    """Return an unsaved period, with its reminder of 3 days after the due date."""
    charter = Charter(overdue_after_days=30, silent_after_days=90)
    signatory = Signatory(charter=charter, organisation=Organisation(legal_name="Oakhurst Ltd"))
    commitment = Commitment(
        key="C-7F3K2",
        title=title,
        signatory=signatory,
        evidence_text="Photographs",
        published_at=datetime(2026, 3, 3, tzinfo=UTC),
    )
    period = ReportingPeriod(commitment=commitment, due_on=due_on, steps=ladder)
    period.requested_on = due_on + timedelta(days=3)
    return period


@pytest.mark.parametrize(
    ("days", "stage"),
    [
        (-30, Stage.UPCOMING),
        (-1, Stage.UPCOMING),
        (0, Stage.DUE),
        (13, Stage.DUE),
        (14, Stage.SECOND),
        (29, Stage.SECOND),
        (30, Stage.OVERDUE),
        (89, Stage.OVERDUE),
        (90, Stage.SILENT),
    ],
)
def test_a_step_means_what_its_position_makes_it(days, stage):
    assert steps.stage_on(owed_period(), DUE + timedelta(days=days)) == stage


def test_ladder_with_one_step_after_the_due_date_has_no_second_reminder():
    period = owed_period(ladder=[-7, 3])
    stages = {steps.stage_on(period, DUE + timedelta(days=days)) for days in range(-9, 99)}
    assert stages == set(Stage) - {Stage.SECOND}


def item(period, today, **facts):
    defaults = {
        "commitment": period.commitment,
        "changed_at": None,
        "last_update": None,
        "requested": period,
        "requested_stage": steps.stage_on(period, today),
        "final": None,
        "deadline": None,
        "oldest": period,
        "oldest_stage": steps.stage_on(period, today),
        "can_respond": True,
        "owner": None,
        "sponsor_copied_on": None,
        "sentence": announcements.current_sentence(period, today),
        "coming": announcements.coming_sentences(period, today),
        "coming_later": [],
    }
    return ReminderItem(**defaults | facts)


def render(*items, is_test=False):
    """Return the subject and the text without line breaks."""
    context = email_context(User(name="Asha"), items, is_test=is_test)
    subject, text, _ = rendering.render("reminder", context)
    return subject, " ".join(text.split())


OVERDUE = "“Overdue since 12 December 2026: an update was due on 12 November.”"
SILENT = (
    "“Silent since 10 February 2027: the update due on 12 November 2026 has not been received.”"
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("days", "subject", "consequence"),
    [
        (
            -7,
            "Update due 12 November: Plant 500 trees",
            "If we do not get your update, from 12 December 2026 the public page will say: "
            f"{OVERDUE} From 10 February 2027 it will say: {SILENT}",
        ),
        (
            3,
            "Update was due 12 November: Plant 500 trees",
            f"from 12 December 2026 the public page will say: {OVERDUE}",
        ),
        (
            14,
            "Second reminder: update due 12 November (Plant 500 trees)",
            f"from 12 December 2026 the public page will say: {OVERDUE}",
        ),
        (
            40,
            "Shown as overdue: no update since 12 November (Plant 500 trees)",
            f"The public page says: {OVERDUE} It adds the dates of our reminders. If we do not get "
            f"your update, from 10 February 2027 the public page will say: {SILENT}",
        ),
        (
            90,
            "Shown as silent: no update since 12 November (Plant 500 trees)",
            f"The public page says: {SILENT} It adds the dates of our reminders. You can place "
            "one reply beside such a sentence.",
        ),
    ],
)
def test_each_stage_has_its_subject_and_quotes_the_public_page(days, subject, consequence):
    actual_subject, text = render(item(owed_period(), DUE + timedelta(days=days)))
    assert actual_subject == subject
    assert f" {subject} Oakhurst Ltd promised on 3 March 2026: “Plant 500 trees”" in text
    assert consequence in text


@pytest.mark.django_db
def test_email_announces_of_a_later_update_what_the_page_will_say_of_it_then():
    later, today = owed_period(DUE + timedelta(days=31)), DUE + timedelta(days=40)
    _, text = render(
        item(owed_period(), today, coming_later=announcements.coming_sentences(later, today)[:1])
    )
    assert (
        "Once the update due on 13 December 2026 is the oldest that is missing, the page will say "
        "of that one, from 12 January 2027: “Overdue since 12 January 2027: an update was due on "
        "13 December 2026.”"
    ) in text


@pytest.mark.django_db
def test_owner_is_warned_before_the_sponsor_gets_a_copy():
    _, text = render(item(owed_period(), DUE, sponsor_copied_on=date(2026, 11, 26)))
    assert "we will copy in your senior sponsor on 26 November 2026, and from 12 December" in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("days_to_go", "subject"),
    [
        ([11, 1], "2 progress updates due, the first on 2 November"),
        ([1, 11, 20], "3 progress updates due, the first on 2 November"),
        ([-1, 11], "2 progress updates due, 1 of them late"),
        ([-2, -1, 11], "3 progress updates due, 2 of them late"),
        ([-2, -1], "2 progress updates due, both late"),
        ([-3, -2, -1], "3 progress updates due, all late"),
    ],
)
def test_subject_of_several_updates_counts_them(days_to_go, subject):
    today = date(2026, 11, 1)
    items = [item(owed_period(today + timedelta(days=days)), today) for days in days_to_go]
    assert render(*items)[0] == subject


@pytest.mark.django_db
def test_test_email_to_staff_says_so():
    subject, _ = render(item(owed_period(), DUE), is_test=True)
    assert subject == "Test: Update was due 12 November: Plant 500 trees"
