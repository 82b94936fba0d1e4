"""Every field is public or private, and no private text reaches the public."""

from datetime import date

import pytest
from django.apps import apps

from charter.models import Message
from reporting.actions import periods, successes, updates
from reporting.models import Evidence
from tests import factories, leak_marker
from tests.charter import field_visibility as charter_fields
from tests.reporting import scenarios
from tests.reporting.field_visibility import PRIVATE, PUBLIC, WHOLLY_PRIVATE

pytestmark = pytest.mark.django_db


def test_every_model_is_listed():
    assert set(apps.get_app_config("reporting").get_models()) == set(PUBLIC) | WHOLLY_PRIVATE


@pytest.mark.parametrize("model", PUBLIC)
def test_every_field_is_listed_as_public_or_private(model):
    fields = {field.name for field in model._meta.concrete_fields}
    assert fields == PUBLIC[model] | PRIVATE[model]
    assert not PUBLIC[model] & PRIVATE[model]


def test_private_text_reaches_no_entry_page_file_or_response(sink):
    asha, dev = factories.asha(), factories.officer()
    commitment = scenarios.commitment()
    with scenarios.on(date(2026, 6, 4)):
        scenarios.tick()
    with scenarios.on(date(2026, 6, 10)):
        update = scenarios.submitted_update(commitment, evidence=[scenarios.LINK])
        factories.return_with_comments(update, by=dev, comments=leak_marker.MARKER)
        success = successes.save_draft(
            commitment,
            by=asha,
            title="First to finish",
            story="One of them trains the next.",
            happened_from=date(2026, 6, 1),
            people_consent="none_identifiable",
        )
        factories.submit(success, by=asha)
        factories.return_with_comments(success, by=dev, comments=leak_marker.MARKER)
        evidence = {
            **scenarios.LINK,
            "title": leak_marker.MARKER,
            "url": f"https://{leak_marker.MARKER}.example",
        }
        evidence |= {"visibility": "council_only", "withheld_reason": "It names people"}
        updates.save_draft(update, by=asha, version=update.version, evidence=[evidence])
        # A reminder that is part of a message has no text of its own to hold the marker.
        assert (
            leak_marker.plant(PRIVATE | charter_fields.PRIVATE, charter_fields.WHOLLY_PRIVATE) > 10
        )
        assert Message.objects.filter(text__contains=leak_marker.MARKER).exists()
        assert Evidence.objects.filter(title=leak_marker.MARKER).exists()

        # Publishing from the planted rows would copy any field that leaks.
        factories.publish(factories.submit(update, by=asha), by=dev)
        factories.publish(factories.submit(success, by=asha), by=dev)
        periods.sync_periods(scenarios.clock.now())
        assert leak_marker.find_in_public() == []
