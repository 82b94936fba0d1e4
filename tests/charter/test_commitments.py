"""Asha writes a commitment; Dev, an officer, returns or publishes it."""

import pytest

from charter.actions import commitments
from charter.errors import (
    AlreadyExistsError,
    ChangedSinceReadError,
    IncompleteError,
    NotAllowedError,
    WrongStateError,
)
from charter.models import Message
from registry import clock
from registry.log import publishing
from registry.models import Entry, Record
from tests import factories

pytestmark = pytest.mark.django_db


def test_asha_submits_a_draft_and_dev_publishes_it():
    commitment = factories.published_commitment()
    record = Record.objects.get(key=commitment.key)
    assert record.item["title"] == "Start 20 apprenticeships for care leavers"
    assert record.item["target"] == {"value": "20", "by": commitment.end_on.isoformat()}
    assert record.item["planned_evidence"]["text"] == "Payroll records and college letters"
    assert commitment.reporting_from == clock.today()


def test_draft_and_submitted_commitments_are_not_public():
    draft = factories.draft()
    submitted = factories.submitted_commitment()
    assert not Record.objects.filter(key__in=[draft.key, submitted.key]).exists()


def test_incomplete_draft_cannot_be_submitted():
    draft = factories.draft(title="", target_value=None, end_on=None)
    with pytest.raises(IncompleteError) as refusal:
        factories.submit(draft, by=factories.asha())
    assert set(refusal.value.problems) == {"title", "target_value", "end_on"}


def test_narrative_commitment_needs_no_target():
    theme = factories.measure().theme
    draft = factories.draft(measure=None, theme=theme, target_value=None)
    factories.submit(draft, by=factories.asha())
    factories.publish(draft, by=factories.officer())
    item = Record.objects.get(key=draft.key).item
    assert item["value_type"] == "narrative"
    assert "target" not in item


def test_deadline_must_be_after_the_start_and_after_today():
    late = factories.draft(start_on=factories.in_days(60), end_on=factories.in_days(30))
    past = factories.draft(end_on=factories.in_days(-1))
    assert set(late.problems(clock.today())) == {"start_on"}
    assert set(past.problems(clock.today())) == {"end_on"}


def test_asha_gets_comments_and_can_submit_again():
    commitment = factories.returned_commitment("Which college?")
    assert commitment.returned_comments == "Which college?"
    email = Message.objects.get(kind="returned")
    assert email.recipient == "asha@brookfield.example"
    assert "Which college?" in email.text
    assert f"/business/commitments/{commitment.key}" in email.text
    resubmitted = factories.submit(commitment, by=factories.asha())
    factories.return_with_comments(resubmitted, by=factories.officer(), comments="And when?")
    assert Message.objects.filter(kind="returned").count() == 2


def test_owner_gets_one_receipt_with_the_pages_address():
    commitment = factories.published_commitment()
    factories.publish(commitment, by=factories.officer())
    [email] = Message.objects.filter(kind="receipt")
    assert email.recipient == "asha@brookfield.example"
    assert f"/{commitment.key}" in email.text


def test_submitting_and_approving_are_idempotent():
    commitment = factories.submitted_commitment()
    sent_at = commitment.submitted_at
    assert factories.submit(commitment, by=factories.asha()).submitted_at == sent_at
    factories.publish(commitment, by=factories.officer())
    head = publishing.head()
    factories.publish(commitment, by=factories.administrator())
    assert publishing.head() == head


def test_published_commitment_cannot_be_edited_or_returned():
    commitment = factories.published_commitment()
    with pytest.raises(WrongStateError):
        commitments.save_draft(commitment, by=factories.asha(), version=1, title="Something easier")
    with pytest.raises(WrongStateError):
        factories.return_with_comments(commitment, by=factories.officer(), comments="Too late")


def test_second_of_two_editors_gets_the_current_draft():
    draft = factories.draft()
    commitments.save_draft(draft, by=factories.ben(), version=1, title="Start 25 apprenticeships")
    with pytest.raises(ChangedSinceReadError) as refusal:
        commitments.save_draft(
            draft, by=factories.asha(), version=1, title="Start 15 apprenticeships"
        )
    assert refusal.value.current.title == "Start 25 apprenticeships"


def test_only_writers_can_submit_and_only_the_council_can_publish():
    draft = factories.draft()
    for stranger in (factories.cara(), factories.grace(), factories.officer()):
        with pytest.raises(NotAllowedError, match="Brookfield Catering"):
            factories.submit(draft, by=stranger)
    factories.submit(draft, by=factories.ben())
    with pytest.raises(NotAllowedError):
        factories.publish(draft, by=factories.asha())


def test_former_member_cannot_submit():
    draft = factories.draft()
    factories.ben().memberships.update(ended_on=clock.today())
    with pytest.raises(NotAllowedError):
        factories.submit(draft, by=factories.ben())


def test_lower_target_is_published_with_its_reason_as_weakened():
    commitment = factories.published_commitment()
    change = factories.proposed_change(commitment, values={"target_value": 12})
    assert Record.objects.get(key=commitment.key).item["target"]["value"] == "20"
    factories.publish(change, by=factories.officer())
    record = Record.objects.get(key=commitment.key)
    assert record.item["target"]["value"] == "12"
    assert record.item["change_reason"] == "Our second kitchen closed."
    assert [weakening["what"] for weakening in record.weakenings] == ["target_lowered"]
    assert record.original["target"]["value"] == "20"


def test_changed_deadline_is_saved_as_a_date():
    commitment = factories.published_commitment()
    later = factories.in_days(500)
    factories.published_change(commitment, values={"end_on": later})
    commitment.refresh_from_db()
    assert commitment.end_on == later


def test_withdrawn_commitment_stays_public_with_its_reason():
    commitment = factories.published_commitment()
    factories.published_change(
        commitment, action="withdraw", values={}, reason="We sold the organisation."
    )
    commitment.refresh_from_db()
    assert commitment.status == "withdrawn"
    record = Record.objects.get(key=commitment.key)
    assert record.status == "withdrawn"
    assert record.item["end_reason"] == "withdrawn"
    assert Entry.objects.filter(key=commitment.key, item__isnull=False).count() == 2


def test_one_change_at_a_time_can_be_open_and_resubmitted():
    commitment = factories.published_commitment()
    change = factories.proposed_change(commitment)
    with pytest.raises(AlreadyExistsError):
        factories.proposed_change(commitment)
    factories.return_with_comments(change, by=factories.officer(), comments="Why so low?")
    commitment.refresh_from_db()
    assert commitment.target_value == 20
    factories.proposed_change(commitment)


def test_planned_evidence_cannot_change_once_published():
    commitment = factories.published_commitment()
    with pytest.raises(ValueError, match="evidence_text"):
        factories.proposed_change(commitment, values={"evidence_text": "A photograph"})
