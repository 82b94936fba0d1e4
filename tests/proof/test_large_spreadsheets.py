"""A real list of 341 employers in Birmingham, and a thousand commitments with fifty errors."""

import pytest

from charter.models import Identifier, Organisation, Signatory
from registry.log import publishing
from registry.models import Record
from tests.charter import test_organisation_import as imports
from tests.charter.test_organisation_import import EMPLOYERS, save, upload
from tests.reporting import test_spreadsheet as commitments

pytestmark = pytest.mark.django_db
dev = imports.dev
asha = commitments.asha


def test_fifty_errors_in_a_thousand_rows_are_reported_at_once_and_can_be_corrected(asha):
    commitments.check_errors_of_rows(asha, 1000)


def test_all_341_are_imported_in_private_and_a_second_import_changes_nothing(dev):
    head = publishing.head()
    preview = upload(dev, EMPLOYERS.read_bytes())
    assert "341 would be added, 0 would change" in preview.text
    assert "Not looked at: PostcodeDistrict, SubmittedAfterTheDeadline" in preview.text
    result = save(dev, preview)
    assert "341 organisations added, 0 changed, 0 as they were; 0 invitations" in result.text
    assert publishing.head() == head
    assert not Record.objects.of_kind("signatory").exists()
    assert Signatory.objects.private().count() == 341
    assert Identifier.objects.count() == 299
    second_preview = upload(dev, EMPLOYERS.read_bytes())
    assert "Nothing would change: all 341 organisations" in second_preview.text
    assert publishing.head() == head
    trust = Organisation.objects.get(legal_name__contains="Children’s NHS Foundation")
    assert trust.sector == "Q"
    assert trust.size == "large"
