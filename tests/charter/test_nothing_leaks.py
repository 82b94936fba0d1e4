"""A marker planted in every private field never appears in public."""

import pytest

from charter.actions import charters, commitments, signatories
from tests import factories, leak_marker
from tests.charter.field_visibility import PRIVATE, WHOLLY_PRIVATE

pytestmark = pytest.mark.django_db


def content_fields(commitment):
    """Return the fields of a commitment written by a person."""
    names = ("theme", "measure", "title", "description", "target_value", "end_on")
    names += ("additionality", "evidence_kind", "evidence_text")
    return {name: getattr(commitment, name) for name in names}


def test_private_fields_never_reach_entries_pages_files_or_api():
    asha, edna = factories.asha(), factories.administrator()
    commitment = factories.published_commitment()
    factories.returned_commitment()
    change = factories.proposed_change(commitment)
    assert leak_marker.plant(PRIVATE, WHOLLY_PRIVATE) > 10

    # Publish every kind again from the rows with the marker.
    factories.publish(change, by=edna)
    signatories.pause(commitment.signatory, by=edna, until=None, reason="Rest.")
    charter = commitment.signatory.charter
    charters.amend_charter(
        charter, by=edna, reason="A new name.", authority={"name": "Exampleton"}, values={}
    )
    second = commitments.start_draft(
        by=asha, signatory=commitment.signatory, **content_fields(commitment)
    )
    factories.submit(second, by=asha)
    factories.publish(second, by=edna)

    assert leak_marker.find_in_public() == []
