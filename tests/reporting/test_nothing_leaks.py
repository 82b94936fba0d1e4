"""Every field is classed; a marker planted in every private one is found nowhere in public."""

from datetime import date

import pytest
from django.apps import apps

from charter.models import Message
from reporting.actions import periods, successes, updates
from reporting.models import Evidence
from tests import factories, planting
from tests.charter import classed as charter
from tests.reporting import stories
from tests.reporting.classed import PRIVATE, PUBLIC, WHOLLY_PRIVATE

pytestmark = pytest.mark.django_db


def test_every_model_is_classed():
    assert set(apps.get_app_config("reporting").get_models()) == set(PUBLIC) | WHOLLY_PRIVATE


@pytest.mark.parametrize("model", PUBLIC)
def test_every_field_is_classed_public_or_private(model):
    fields = {field.name for field in model._meta.concrete_fields}
    assert fields == PUBLIC[model] | PRIVATE[model]
    assert not PUBLIC[model] & PRIVATE[model]


def test_what_is_private_is_in_no_entry_no_page_no_file_and_no_answer(sink):
    asha, dev = factories.asha(), factories.officer()
    promise = stories.promise()
    with stories.on(date(2026, 6, 4)):
        stories.tick()
    with stories.on(date(2026, 6, 10)):
        update = stories.told(promise, evidence=[stories.LINK])
        updates.return_with_comments(update, by=dev, comments=planting.MARKER)
        success = successes.save_draft(
            promise,
            by=asha,
            title="First to finish",
            story="One of them trains the next.",
            happened_from=date(2026, 6, 1),
            people_consent="none_identifiable",
        )
        successes.submit(success, by=asha)
        successes.return_with_comments(success, by=dev, comments=planting.MARKER)
        withheld = {
            **stories.LINK,
            "title": planting.MARKER,
            "url": f"https://{planting.MARKER}.example",
        }
        withheld |= {"visibility": "council_only", "withheld_reason": "It names people"}
        updates.save_draft(update, by=asha, version=update.version, evidence=[withheld])
        # A reminder that was put into a message has no text of its own.
        assert planting.plant(PRIVATE | charter.PRIVATE, charter.WHOLLY_PRIVATE) > 10
        assert Message.objects.filter(text__contains=planting.MARKER).exists()
        assert Evidence.objects.filter(title=planting.MARKER).exists()

        # Everything is published anew from the planted rows.
        updates.approve(updates.submit(update, by=asha), by=dev)
        successes.approve(successes.submit(success, by=asha), by=dev)
        periods.sync_periods(stories.clock.now())
        assert planting.find_in_public() == []
