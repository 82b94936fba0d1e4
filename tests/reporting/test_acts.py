"""What the acts of reporting record, and what recording them costs."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from charter import review
from charter.actions import signatories
from charter.models import Act
from registry.models import Entry
from reporting import tasks
from reporting.actions import checks, delegations, featured_records, letters, successes, updates
from reporting.models import Delegation, ReportingPeriod
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 1)
SUCCESS = {
    "title": "Six passed",
    "story": "All six passed.",
    "happened_from": date(2026, 5, 4),
    "people_consent": "none_identifiable",
}


def publication(submission: Any) -> tuple[Callable[..., Any], Any, dict[str, Any]]:
    seen_digest = factories.seen_digest(submission)
    return review.publish, submission, {"by": factories.officer(), "seen_digest": seen_digest}


def success() -> tuple[Callable[..., Any], Any, dict[str, Any]]:
    asha = factories.asha()
    draft = successes.save_draft(scenarios.commitment(), by=asha, **SUCCESS)
    return publication(factories.submit(draft, by=asha))


def feature() -> tuple[Callable[..., Any], Any, dict[str, Any]]:
    commitment = scenarios.commitment()
    return featured_records.feature_record, commitment, {"by": factories.officer(), "why": "Clear."}


def reply() -> tuple[Callable[..., Any], Any, dict[str, Any]]:
    update = scenarios.published_update(scenarios.commitment())
    fields = {"by_role": "The charter team", "result": "confirmed", "finding": "Seen."}
    check = checks.record_check(update, by=factories.officer(), **fields)
    return checks.publish_reply, check, {"by": factories.asha(), "text": "Thank you."}


def letter() -> tuple[Callable[..., Any], Any, dict[str, Any]]:
    period = scenarios.silent_commitment().periods.earliest("pk")
    return letters.publish, period, {"by": factories.administrator()}


def pause() -> tuple[Callable[..., Any], Any, dict[str, Any]]:
    fields = {"by": factories.officer(), "until": None, "reason": "A fire."}
    return signatories.pause, factories.brookfield(), fields


def count_queries(action: Callable[..., Any], argument: Any, fields: dict[str, Any]) -> int:
    """Return how many queries an action makes, and undo it."""
    savepoint = transaction.savepoint()
    with CaptureQueriesContext(connection) as queries, transaction.atomic():
        action(argument, **fields)
    transaction.savepoint_rollback(savepoint)
    return len(queries)


@pytest.mark.parametrize(
    "prepare",
    [
        lambda: publication(factories.submitted_commitment()),
        lambda: publication(factories.proposed_change(scenarios.commitment())),
        lambda: publication(scenarios.submitted_update(scenarios.commitment())),
        success,
        feature,
        reply,
        letter,
        pause,
    ],
    ids=["commitment", "change", "update", "success", "feature", "reply", "letter", "pause"],
)
def test_publishing_costs_two_queries_more_for_its_act(prepare):
    with on(date(2026, 9, 7)):
        action, argument, fields = prepare()
        without_act = getattr(action, "__wrapped__")  # noqa: B009 - unknown to mypy
        expected = count_queries(without_act, argument, fields) + 2
        # The block of the act is one more savepoint inside the one of the test.
        assert count_queries(action, argument, fields) - 2 <= expected


def test_update_with_its_success_is_one_act_that_submits():
    commitment, asha = scenarios.commitment(), factories.asha()
    before = Act.objects.count()
    with on(DUE):
        submission = updates.UpdateSubmission(
            version=1,
            is_final=False,
            update={"value": 14, "self_assessment": "on_track", "narrative": "Fourteen started."},
            draft_form_data={"answer": "number"},
            evidence=[scenarios.LINK],
            removed_references=[],
            success_key="S-00001",
            success={"key": "S-00001", **SUCCESS},
        )
        assert updates.save_submission(commitment, submission, by=asha, send=True)
    [act] = Act.objects.all()[before:]
    assert (act.verb, act.role, str(act.person)) == ("update.submit", "owner", "Asha")
    rows = {row.label.removeprefix("reporting."): row for row in act.objects_touched.all()}
    assert set(rows) == {"ProgressUpdate", "ReportingPeriod", "Evidence", "Success"}
    assert rows["ProgressUpdate"].after["value"] == "14.000"
    assert "draft_form_data" not in rows["ProgressUpdate"].after
    assert rows["ReportingPeriod"].before == {"received_on": None}
    assert rows["ReportingPeriod"].after == {"received_on": "2026-06-01"}
    assert {row.organisation for row in rows.values()} == {commitment.signatory.organisation}


def test_colleague_with_a_link_is_the_cause_and_nobody_else():
    commitment = scenarios.commitment()
    with on(DUE):
        link = delegations.delegate_update(
            commitment, by=factories.asha(), email="hal@brookfield.example"
        )
        fields = {"value": 3, "self_assessment": "on_track", "narrative": "Three."}
        delegations.save_draft(link, version=1, **fields)
    act = Act.objects.latest("number")
    assert (act.verb, act.cause, act.source) == (
        "delegation.answer",
        "link",
        f"delegation {Delegation.objects.get().pk}",
    )
    assert (act.person, act.role) == (None, "")


def test_scheduled_task_writes_one_act_for_all_that_it_changes():
    with on(scenarios.MADE_ON):
        for title in ("Start ten", "Start twenty"):
            factories.published_commitment(title=title)
        tasks.follow_periods()
        act = Act.objects.latest("number")
        assert (act.verb, act.cause, act.source) == (
            "period.sync",
            "tick",
            "reporting.tasks.follow_periods",
        )
        keys = set(ReportingPeriod.objects.values_list("key", flat=True))
        assert set(act.objects_touched.values_list("key", flat=True)) == keys
        assert set(Entry.objects.filter(act=act.number).values_list("key", flat=True)) == keys
        tasks.follow_periods()
    assert Act.objects.latest("number") == act
