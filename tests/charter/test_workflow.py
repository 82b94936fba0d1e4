"""The workflow tables are complete, and the database enforces them."""

from pathlib import Path

import pytest
from django.db import DatabaseError

from charter import workflow
from charter.models import Commitment
from charter.workflow import (
    ApplicationStatus,
    ChangeStatus,
    CommitmentStatus,
    MessageState,
    ReviewStatus,
    Standing,
)
from tests import factories, workflow_page

TABLES = [
    (CommitmentStatus, workflow.COMMITMENT_MOVES),
    (ChangeStatus, workflow.CHANGE_MOVES),
    (ReviewStatus, workflow.REVIEW_MOVES),
    (ApplicationStatus, workflow.APPLICATION_MOVES),
    (Standing, workflow.STANDING_MOVES),
    (MessageState, workflow.MESSAGE_MOVES),
]


@pytest.mark.parametrize(("states", "moves"), TABLES)
def test_every_state_lists_the_states_after_it(states, moves):
    assert set(moves) == set(states)
    assert {after for afters in moves.values() for after in afters} <= set(states)


@pytest.mark.parametrize(("states", "moves"), TABLES)
def test_every_state_but_the_first_can_be_reached(states, moves):
    successors = {after for afters in moves.values() for after in afters}
    assert set(states) - successors <= {next(iter(states))}


def test_every_state_has_a_turn():
    assert set(workflow.COMMITMENT_TURNS) == set(CommitmentStatus)
    assert set(workflow.CHANGE_TURNS) == set(ChangeStatus)
    assert set(workflow.REVIEW_TURNS) == set(ReviewStatus)
    assert set(workflow.APPLICATION_TURNS) == set(ApplicationStatus)
    assert set(workflow.STANDING_TURNS) == set(Standing)


def test_diagram_in_the_docs_is_current():
    page = Path(workflow.__file__).parent.parent / "docs" / "workflow.md"
    assert page.read_text() == workflow_page.render_page()


@pytest.mark.django_db
def test_database_refuses_unlisted_moves():
    draft = factories.draft()
    with pytest.raises(DatabaseError, match="Invalid transition"):
        Commitment.objects.filter(pk=draft.pk).update(
            status=CommitmentStatus.PUBLISHED, published_at="2026-01-01T00:00Z"
        )
