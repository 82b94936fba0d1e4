"""Two people acting on one commitment at once: the second acts on what the first has left."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import date
from threading import Event

import pytest
from django.db import connection, transaction

from charter import review
from charter.errors import AlreadyDecidedError, ChangedSinceReadError
from charter.models import Change, Message
from registry import clock
from registry.models import Entry, Record
from reporting.actions import checks, link_checks, periods, updates
from reporting.evidence.link_checking import LinkResult
from reporting.models import Check, ReportingPeriod
from reporting.redaction import actions as redactions
from reporting.redaction import search as redaction_search
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import LINK, on

pytestmark = pytest.mark.django_db(transaction=True)
DUE = date(2026, 6, 1)


def run_overlapping(first, second):
    """Start the second act while the transaction of the first is still open."""
    done = Event()

    def run_first():
        try:
            with transaction.atomic():
                first()
                done.set()
                time.sleep(0.3)
        finally:
            connection.close()

    def run_second():
        done.wait(5)
        try:
            second()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        # Copied contexts carry the fixed clock into the threads.
        for future in [threads.submit(copy_context().run, run) for run in (run_first, run_second)]:
            future.result()


def public_item(key):
    return Record.objects.get(pk=key).item


def test_no_change_update_is_read_again_when_its_commitment_was_just_amended():
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.submitted_update(commitment, nothing_changed=True)
        change = factories.proposed_change(commitment, values={"title": "Start 20 for all"})
        dev = factories.officer()
        with pytest.raises(ChangedSinceReadError):
            run_overlapping(
                lambda: factories.publish(change, by=dev), lambda: factories.publish(update, by=dev)
            )
        factories.publish(update, by=dev)
    assert public_item(commitment.key)["title"] == "Start 20 for all"
    assert Record.objects.get(pk=commitment.key).version == 3


def test_due_date_moved_during_a_submission_stays_moved():
    commitment = scenarios.commitment()
    with on(DUE):
        asha, dev = factories.asha(), factories.officer()
        draft = updates.start_draft(commitment, by=asha)
        due_periods = ReportingPeriod.objects.filter(pk=draft.period_id)
        key = draft.period.key
        run_overlapping(
            lambda: periods.extend_due_dates(due_periods, by=dev, days=14, reason="A flood"),
            lambda: factories.submit(draft, by=asha),
        )
    assert public_item(key)["due_on"] == "2026-06-15"
    assert public_item(key)["received_on"] == "2026-06-01"


def test_check_reply_and_failing_link_are_both_published():
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.published_update(commitment, evidence=[LINK])
        fields = {"by_role": "The charter team", "result": "confirmed", "finding": "Seen."}
        check = checks.record_check(update, by=factories.officer(), **fields)
        asha = factories.asha()
        failure = LinkResult(works=False, why="It answers 404")
        run_overlapping(
            lambda: checks.publish_reply(check, by=asha, text="Thank you."),
            lambda: link_checks.record_result(update.evidence.get(), failure, clock.now()),
        )
    assert Check.objects.get().published_at
    assert public_item(update.key)["check"]["reply"] == "Thank you."
    assert public_item(update.key)["evidence"][0]["failing_since"] == "2026-06-01"


def test_change_published_by_one_officer_cannot_be_returned_by_another():
    commitment = scenarios.commitment()
    with on(DUE):
        change = factories.proposed_change(commitment)
        dev = factories.officer()
        with pytest.raises(AlreadyDecidedError):
            run_overlapping(
                lambda: factories.publish(change, by=dev),
                lambda: factories.return_with_comments(change, by=dev, comments="Which college?"),
            )
    assert Change.objects.get().status == "published"
    assert not Message.objects.filter(kind="returned").exists()


def test_change_is_published_once_by_two_officers():
    commitment = scenarios.commitment()
    with on(DUE):
        change = factories.proposed_change(commitment)
        dev = factories.officer()
        run_overlapping(*[lambda: factories.publish(change, by=dev)] * 2)
    assert Entry.objects.filter(key=commitment.key, action="amend").count() == 1


class TestRedactionDuringAPublication:
    NAME = "Jo O'Leary"

    @pytest.fixture
    def check(self):
        """Return a check that waits for a reply and names a person; nothing public does yet."""
        with on(DUE):
            update = scenarios.published_update(scenarios.commitment())
            fields = {"by_role": "The charter team", "result": "confirmed"}
            return checks.record_check(
                update, by=factories.officer(), finding=f"Met {self.NAME}.", **fields
            )

    @pytest.fixture
    def redact(self, check):
        """Return the redaction of the name as it was previewed before anything happened."""
        fields = {"by": factories.administrator(), "reason_code": "personal_data"}
        fields["seen_digest"] = redaction_search.find_passages(
            [self.NAME], [], user=factories.administrator()
        ).digest
        return lambda: redactions.redact([self.NAME], [], **fields)

    def publish_reply(self, check):
        checks.publish_reply(check, by=factories.asha(), text="Thank you.")

    def test_text_redacted_first_is_not_published(self, check, redact):
        with on(DUE):
            run_overlapping(redact, lambda: self.publish_reply(check))
        assert Check.objects.get().finding == "Met [removed]."
        assert public_item(check.update.key)["check"]["finding"] == "Met [removed]."

    def test_text_published_first_stops_the_redaction_until_it_is_previewed(self, check, redact):
        with on(DUE):
            with pytest.raises(ChangedSinceReadError):
                run_overlapping(lambda: self.publish_reply(check), redact)
            digest = redaction_search.find_passages(
                [self.NAME], [], user=factories.administrator()
            ).digest
            fields = {"by": factories.administrator(), "reason_code": "personal_data"}
            redactions.redact([self.NAME], [], seen_digest=digest, **fields)
        assert public_item(check.update.key)["check"]["finding"] == "Met [removed]."
        assert not Entry.objects.filter(item__contains="Leary").exists()


@pytest.mark.parametrize("first", ["take back", "publish"])
def test_update_is_either_taken_back_or_published(first):
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.submitted_update(commitment)
        asha, dev, seen = factories.asha(), factories.officer(), factories.seen_digest(update)
        acts = [
            lambda: review.take_back(update, by=asha),
            lambda: review.publish(update, by=dev, seen_digest=seen),
        ]
        with pytest.raises(AlreadyDecidedError):
            run_overlapping(*(acts if first == "take back" else reversed(acts)))
    is_published = first == "publish"
    update.refresh_from_db()
    assert update.status == ("published" if is_published else "draft")
    assert Record.objects.filter(pk=update.key).exists() == is_published
    assert bool(public_item(update.period.key).get("received_on")) == is_published
