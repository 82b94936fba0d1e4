"""Two acts on one commitment at the same moment: the second publishes what the first made of it."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import date
from threading import Event

import pytest
from django.db import connection, transaction

from charter.actions import changes
from registry import clock
from registry.models import Record
from reporting.actions import checks, link_checks, periods, updates
from reporting.evidence.link_checking import LinkResult
from reporting.models import Check, ReportingPeriod
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import LINK, on

pytestmark = pytest.mark.django_db(transaction=True)
DUE = date(2026, 6, 1)


def one_inside_the_other(first, second):
    """Begin the second act while the first is done and not committed yet."""
    done = Event()

    def slowly():
        try:
            with transaction.atomic():
                first()
                done.set()
                time.sleep(0.3)
        finally:
            connection.close()

    def meanwhile():
        done.wait(5)
        try:
            second()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        # In contexts of their own, where the clock stands as it does here.
        for act in [threads.submit(copy_context().run, run) for run in (slowly, meanwhile)]:
            act.result()


def public(key):
    return Record.objects.get(pk=key).item


def test_nothing_has_changed_confirms_the_commitment_as_it_was_just_changed():
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.told(commitment, nothing_changed=True)
        change = factories.proposed_change(commitment, values={"title": "Start 20 for all"})
        dev = factories.officer()
        one_inside_the_other(
            lambda: changes.approve(change, by=dev), lambda: updates.approve(update, by=dev)
        )
    assert public(commitment.key)["title"] == "Start 20 for all"
    assert Record.objects.get(pk=commitment.key).version == 3


def test_a_due_date_that_is_moved_meanwhile_stays_moved():
    commitment = scenarios.commitment()
    with on(DUE):
        asha, dev = factories.asha(), factories.officer()
        begun = updates.start_draft(commitment, by=asha)
        seen = ReportingPeriod.objects.filter(pk=begun.period_id)
        key = begun.period.key
        one_inside_the_other(
            lambda: periods.extend_due_dates(seen, by=dev, days=14, reason="A flood"),
            lambda: updates.submit(begun, by=asha),
        )
    assert public(key)["due_on"] == "2026-06-15"
    assert public(key)["received_on"] == "2026-06-01"


def test_a_check_and_a_failing_link_are_both_public():
    commitment = scenarios.commitment()
    with on(DUE):
        update = scenarios.published(commitment, evidence=[LINK])
        found = {"by_role": "The charter team", "result": "confirmed", "finding": "Seen."}
        check = checks.record_check(update, by=factories.officer(), **found)
        asha = factories.asha()
        fails = LinkResult(works=False, why="It answers 404")
        one_inside_the_other(
            lambda: checks.publish_reply(check, by=asha, text="Thank you."),
            lambda: link_checks.record_result(update.evidence.get(), fails, clock.now()),
        )
    assert Check.objects.get().published_at
    assert public(update.key)["check"]["reply"] == "Thank you."
    assert public(update.key)["evidence"][0]["failing_since"] == "2026-06-01"
