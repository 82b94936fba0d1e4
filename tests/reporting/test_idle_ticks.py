"""A scheduled task with nothing to do reads a few rows, however large the register is."""

from datetime import date, timedelta

import pytest
from celery import current_app
from django.test import Client

from charter.models import (
    Application,
    ErrorReport,
    Follower,
    Message,
    RefusedAddress,
    Signatory,
    StatedSignature,
    Upload,
)
from registry import clock
from registry.log import verifying
from registry.operations.ticks import TICKS
from reporting.actions import checks, help_requests, link_checks
from reporting.evidence.link_checking import LinkResult
from reporting.models import Check, Evidence
from tests import factories
from tests.charter.access_world import CHECK
from tests.multiplied_world import multiply_world
from tests.reporting import scenarios
from tests.reporting.scenarios import on
from tests.rows_read import analyse_tables, count_rows_read

pytestmark = pytest.mark.django_db

TODAY = date(2026, 7, 7)  # a Tuesday, between two reminders
REMINDED_ON = [date(2026, 5, 5), date(2026, 5, 26), date(2026, 6, 4), date(2026, 6, 15), TODAY]
COPIES = 700  # of three commitments
# A task may look at a few rows each time; there are thousands of nearly everything.
MOST_ROWS = 50
LINK = {"kind": "document", "title": "Letters", "url": "https://college.example/letters"}


def build_register() -> None:
    """Make some of whatever a task looks at, none of which is due."""
    silent = scenarios.commitment()
    scenarios.commitment(title="Host ten school visits")
    answered = scenarios.commitment(title="Plant 500 trees in Aston")
    with on(date(2026, 5, 4)):
        update = scenarios.published_update(answered, evidence=[LINK])
        checks.record_check(update, by=factories.officer(), **CHECK)
        question = help_requests.send_request(silent, by=factories.asha(), text="Until when?")
        help_requests.answer_request(question, by=factories.officer(), text="June.")
        link = Evidence.objects.get()
    for day in REMINDED_ON:
        with on(day):
            scenarios.tick()
    with on(TODAY):
        link_checks.record_result(link, LinkResult(works=True), clock.now())
        invited = factories.invited()
        factories.stated_signature(invited)
        now, decided = clock.now(), {"decided_at": clock.now()}
        factories.application()
        Application.objects.update(status="declined", **decided)
        factories.error_report(answered.key)
        ErrorReport.objects.update(put_right=True, **decided)
        StatedSignature.objects.update(notified_at=now)
        Signatory.objects.public().update(
            standing="accredited", accredited_to=TODAY + timedelta(days=90)
        )
        RefusedAddress.objects.create(
            email="gone@example.org", refused_at=now, look_again_on=TODAY, gone_at=now
        )
        Upload.objects.create(
            user=factories.asha(), purpose="commitments", content=b"", created_at=now
        )
        yesterday = TODAY - timedelta(days=1)
        follower = Follower.objects.create(email="noor@reader.example", emailed_until=yesterday)
        for about, emailed_on in (("head", TODAY), (silent.key, None)):
            follower.followings.create(
                about=about, asked_at=now, confirmed_at=now, emailed_on=emailed_on
            )
        Client().force_login(factories.asha())
        verifying.verify_and_record()


def test_idle_task_reads_a_few_rows_of_a_large_register(sink):
    build_register()
    tasks = {name: current_app.tasks[name] for name in TICKS}
    with on(TODAY):
        for task in [*tasks.values(), *tasks.values()]:
            task()
        multiply_world(COPIES)
        analyse_tables()
        reads = {}
        for name, task in tasks.items():
            with count_rows_read() as reads[name]:
                task()
    assert Message.objects.filter(state="sent").count() > COPIES
    assert Check.objects.count() > COPIES
    growing = [f"{name}: {read}" for name, read in reads.items() if read.rows > MOST_ROWS]
    assert not growing, "\n\n".join(growing)
