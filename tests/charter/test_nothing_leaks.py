"""A marker is planted in every private field; the public finds it nowhere."""

import pytest

from charter.actions import changes, charters, commitments, signatories
from tests import factories, leak_marker
from tests.charter.field_visibility import PRIVATE, WHOLLY_PRIVATE

pytestmark = pytest.mark.django_db


def written(commitment):
    """Return what a person wrote in a commitment."""
    names = ("theme", "measure", "title", "description", "target_value", "end_on")
    names += ("evidence_kind", "evidence_text")
    return {name: getattr(commitment, name) for name in names}


def test_what_is_private_is_in_no_entry_no_page_no_file_and_no_answer():
    asha, edna = factories.asha(), factories.administrator()
    commitment = factories.published_commitment()
    factories.returned_commitment()
    waiting = factories.proposed_change(commitment)
    assert leak_marker.plant(PRIVATE, WHOLLY_PRIVATE) > 10

    # Every kind is published anew from the planted rows.
    changes.approve(waiting, by=edna)
    signatories.pause(commitment.signatory, by=edna, until=None, reason="Rest.")
    charter = commitment.signatory.charter
    charters.amend_charter(
        charter, by=edna, reason="A new name.", authority={"name": "Exampleton"}, values={}
    )
    second = commitments.start_draft(by=asha, signatory=commitment.signatory, **written(commitment))
    commitments.submit(second, by=asha)
    commitments.approve(second, by=edna)

    assert leak_marker.find_in_public() == []
