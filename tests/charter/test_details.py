"""The council renames and reclassifies organisations, with a reason that everybody can read."""

import pytest
from django.test import Client

from registry import clock
from registry.models import Entry, Record
from tests import factories
from tests.visitors import signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def second_factor_is_set_up(monkeypatch):
    monkeypatch.setattr("charter.views.access.is_mfa_enabled", lambda user: True)


@pytest.fixture
def dev() -> Client:
    client = Client()
    client.force_login(factories.officer())
    return client


def form_of(page) -> dict[str, str]:
    form = page.context["form"]
    return {name: form[name].value() or "" for name in form.fields}


def test_dev_renames_a_signatory_and_its_earlier_name_stays_on_its_page(dev):
    signatory = factories.brookfield()
    address = f"/council/signatories/{signatory.key}/details"
    assert address in dev.get("/council/signatories").text
    said = form_of(dev.get(address))
    refused = dev.post(address, said | {"legal_name": "Brook Foods Ltd"})
    assert "Say why: the public reads it" in refused.text
    renamed = said | {"legal_name": "Brook Foods Ltd", "reason": "It took a new name."}
    assert dev.post(address, renamed).url == "/council/signatories"
    record = Record.objects.get(key=signatory.key)
    assert record.item["legal_name"] == "Brook Foods Ltd"
    [former] = record.item["former_names"]
    assert former["name"] == "Brookfield Catering"
    assert former["to"] < clock.today().isoformat()
    public = Client().get(f"/signatories/{signatory.key}").text
    assert "Brook Foods Ltd" in public
    assert "Name until" in public
    entry = Entry.objects.latest("number")
    assert entry.action == "amend"
    assert "It took a new name." in entry.item


def test_what_says_the_same_publishes_nothing(dev):
    signatory = factories.brookfield()
    address = f"/council/signatories/{signatory.key}/details"
    entries = Entry.objects.count()
    dev.post(address, form_of(dev.get(address)) | {"reason": "Again."})
    assert Entry.objects.count() == entries


def test_another_way_to_write_the_name_is_no_former_name(dev):
    signatory = factories.brookfield()
    address = f"/council/signatories/{signatory.key}/details"
    said = form_of(dev.get(address)) | {"legal_name": "BROOKFIELD CATERING", "reason": "Capitals."}
    dev.post(address, said)
    item = Record.objects.get(key=signatory.key).item
    assert item["legal_name"] == "BROOKFIELD CATERING"
    assert "former_names" not in item


def test_a_business_neither_sees_the_list_nor_renames():
    signatory = factories.brookfield()
    asha = signed_in(factories.asha())
    for address in ("/council/signatories", f"/council/signatories/{signatory.key}/details"):
        assert asha.get(address).status_code == 403
        assert asha.post(address).status_code in (403, 405)
