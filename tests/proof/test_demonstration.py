"""The whole demonstration is seeded and has every state that a register knows."""

import pytest
from django.test import Client

from charter import review
from charter.models import ErrorReport, Following, Message, User
from charter.workflow import MessageState
from registry import clock
from registry.local import accounts
from registry.log import verifying
from registry.models import Entry, Record
from registry.schema import code_lists
from reporting import review_queue, task_list
from reporting.demonstration import passwords, script
from reporting.demonstration.seeder import DemonstrationSeeder
from reporting.models import ProgressUpdate
from tests.registry.figure_checks import assert_figures_agree
from tests.registry.own_figures import OwnFigures
from tests.reporting.typed_words import TypedWords

pytestmark = pytest.mark.django_db(transaction=True)


def test_demonstration_has_every_state():
    with TypedWords() as typed:
        DemonstrationSeeder(clock.today()).run()
    assert verifying.verify() == []
    commitments = Record.objects.of_kind("commitment").with_reporting(clock.today())
    assert commitments.count() >= 240
    assert set(commitments.values_list("delivery", flat=True)) == set(code_lists.Delivery)
    assert set(commitments.values_list("reporting", flat=True)) == set(code_lists.Reporting)
    levels = Record.objects.of_kind("update").values_list("level_of_proof", flat=True)
    assert set(levels) == set(code_lists.LevelOfProof)

    officer = User.objects.get(email=accounts.OFFICER)
    labels = {item.label.partition(":")[0] for item in review.list_items(officer)}
    assert labels >= {"New commitment", "Progress update", "Success", "Change"}

    for user in User.objects.all():
        opens = user.email in passwords.SIGN_IN_EMAILS
        assert user.check_password(accounts.PASSWORD) == opens, user.email
    assert User.objects.filter(email__in=accounts.ACCOUNTS).count() == len(accounts.ACCOUNTS)

    business = User.objects.get(email=accounts.BUSINESS)
    buttons = [task.button for task in task_list.list_tasks(business, clock.today())]
    assert {"Edit and send again", "Read and reply", "Send an update", "Continue draft"} == set(
        buttons
    )

    [passage] = [row["text"] for row in script.redaction_rows()]
    assert Entry.objects.filter(action=Entry.Action.REDACT).count() == 1
    assert not Entry.objects.filter(item__contains=passage).exists()
    assert not ProgressUpdate.objects.filter(narrative__contains=passage).exists()
    [redacted] = Record.objects.exclude(redactions=[])
    narrative = redacted.item["narrative"]
    assert narrative == "210 families answered. [removed] wrote to us three times."
    # Nobody types the reason with which a final update closes a commitment.
    untyped = {(place, text) for place, text in typed.untyped() if "Final update: " not in text}
    assert untyped == {("reporting.ProgressUpdate.narrative", narrative)}

    decisions = ErrorReport.objects.exclude(decided_at=None)
    assert sorted(decisions.values_list("put_right", flat=True)) == [False, True]
    assert ErrorReport.objects.awaiting_decision().count() == 2
    credited = Entry.objects.filter(item__contains="A reader pointed this out.")
    assert decisions.get(put_right=True).about in credited.values_list("key", flat=True)
    assert any(review_queue.related_error_reports(item) for item in review.list_items(officer))

    assert Following.objects.confirmed().count() == 2
    assert Following.objects.unconfirmed().count() == 1
    assert Message.objects.filter(kind="changes", state=MessageState.SENT).exists()
    assert not Message.objects.filter(state=MessageState.QUEUED).exists()

    figures = OwnFigures(Client().get)
    assert_figures_agree(figures, pages_of=figures.cases)
