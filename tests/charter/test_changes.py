"""Asha changes a published commitment: she writes, previews and submits; the council decides."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from charter.actions import changes
from charter.errors import IncompleteError, WrongStateError
from charter.models import Change, Message
from registry import clock
from registry.models import Record
from tests import factories
from tests.visitors import send_from_preview, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def asha() -> Client:
    return signed_in(factories.asha())


@pytest.fixture
def commitment():
    return factories.published_commitment()


def address(commitment, page: str = "") -> str:
    return f"/business/commitments/{commitment.key}/change{page}"


def form_of(page) -> dict:
    """Return the data of a page's form as a browser would send it back."""
    form = page.context["form"]
    return {name: "" if form[name].value() is None else form[name].value() for name in form.fields}


def save_change(asha: Client, commitment, action: str, **fields):
    form_address = address(commitment, f"/{action}")
    return asha.post(form_address, form_of(asha.get(form_address)) | fields)


def public_record(commitment) -> Record:
    return Record.objects.get(key=commitment.key)


def test_asha_previews_and_submits_a_lower_target(asha, commitment):
    assert "Change what we promised" in asha.get(address(commitment)).text
    page = save_change(
        asha, commitment, "amend", target_value="12", reason="Our second kitchen closed."
    )
    assert page.url == address(commitment, "/preview")
    preview = asha.get(page.url).text
    before, after = re.findall(r'data-label="(?:Now|After the change)">([^<]*)<', preview)
    assert (before, after) == ("20 people", "12 people")  # only what differs
    assert "Weakened on" in preview  # as the public will read it
    assert "Our second kitchen closed." in preview
    sent = send_from_preview(asha, address(commitment))
    assert sent.url == f"/business/commitments/{commitment.key}"
    assert "With the council" in asha.get(f"/business/commitments/{commitment.key}").text
    assert public_record(commitment).item["target"]["value"] == "20"
    factories.publish(Change.objects.get(), by=factories.officer())
    assert public_record(commitment).item["target"]["value"] == "12"


def test_only_edited_fields_are_saved(asha, commitment):
    save_change(asha, commitment, "correct", title="Start 20 apprenticeships", reason="A slip.")
    assert Change.objects.get().values == {"title": "Start 20 apprenticeships"}


def test_update_frequency_and_additionality_can_be_amended(asha, commitment):
    save_change(
        asha, commitment, "amend", additionality="core", cadence="quarterly", reason="A new tender."
    )
    page = asha.get(address(commitment, "/preview")).text
    for words in (
        "Every year",
        "Every 3 months",
        "Additional: beyond the organisation",
        "Core: part of the organisation",
    ):
        assert words in page
    factories.publish(
        factories.submit(Change.objects.get(), by=factories.asha()), by=factories.officer()
    )
    item = public_record(commitment).item
    assert (item["additionality"], item["cadence"]) == ("core", "quarterly")
    assert not public_record(commitment).weakenings


def test_change_needs_a_reason_and_a_difference(asha, commitment):
    page = save_change(asha, commitment, "amend", title="Something else")
    assert "Enter a reason" in page.text
    assert 'value="Something else"' in page.text
    page = save_change(asha, commitment, "amend", reason="Just so.")
    assert "You have not changed anything" in page.text
    assert not Change.objects.exists()


def test_new_deadline_must_be_in_the_future(asha, commitment):
    page = save_change(asha, commitment, "amend", end_on="1/1/2020", reason="Later.")
    assert "Deadline must be in the future" in page.text


def test_returned_change_can_be_edited_and_submitted_again(asha, commitment):
    factories.returned_change(commitment, "Which kitchen?")
    email = Message.objects.filter(kind="returned").latest("pk")
    assert f"/commitments/{commitment.key}/change/preview" in email.text
    home = asha.get("/business").text
    assert "Which kitchen?" in home
    assert address(commitment, "/preview") in home
    form = asha.get(address(commitment, "/amend"))
    assert "Which kitchen?" in form.text
    assert "Our second kitchen closed." in form.text
    asha.post(address(commitment, "/amend"), form_of(form) | {"reason": "The one in Aston closed."})
    send_from_preview(asha, address(commitment))
    change = Change.objects.get()
    assert (change.status, change.reason) == ("submitted", "The one in Aston closed.")
    factories.return_with_comments(change, by=factories.officer(), comments="And when?")
    assert Message.objects.filter(kind="returned").count() == 2


def test_dropped_change_makes_room_for_another(asha, commitment):
    factories.proposed_change(commitment)
    asha.post(address(commitment, "/drop"))
    assert Change.objects.get().status == "dropped"
    assert public_record(commitment).version == 1
    save_change(asha, commitment, "withdraw", reason="We sold the organisation.")
    assert Change.objects.open().get().action == "withdraw"


def test_result_is_for_the_final_update_and_closing_for_other_reasons_before_the_deadline(
    asha, commitment
):
    page = asha.get(address(commitment, "/close")).text
    assert "Contract ended" in page
    assert "Achieved" not in page
    assert "Ended without being fully met" not in page
    for result in ("achieved", "expired"):
        with pytest.raises(ValueError, match="final update"):
            factories.draft_change(commitment, action="close", values={}, end_reason=result)
    save_change(asha, commitment, "close", end_reason="contract_ended", reason="We lost it.")
    assert "Closed by" in asha.get(address(commitment, "/preview")).text
    change = factories.submit(Change.objects.get(), by=factories.asha())
    factories.publish(change, by=factories.officer())
    assert public_record(commitment).status == "closed"
    assert public_record(commitment).item["end_reason"] == "contract_ended"


def test_commitment_past_its_deadline_is_closed_by_its_final_update_alone(asha, commitment):
    with clock.fixed_at(clock.now() + timedelta(days=1_500)):
        asha = signed_in(factories.asha())
        assert "/change/close" not in asha.get(address(commitment)).text
        page = save_change(asha, commitment, "close", end_reason="contract_ended", reason="Lost.")
        assert "Its deadline has passed: send the final update, which closes it." in page.text
        assert "Lost." in page.text


def test_ending_a_commitment_cannot_change_its_target(commitment):
    with pytest.raises(ValueError, match="stays as it was promised"):
        factories.draft_change(commitment, action="withdraw", values={"target_value": 1})


def test_empty_change_cannot_be_submitted(commitment):
    with pytest.raises(IncompleteError, match="not changed anything"):
        factories.proposed_change(commitment, values={})


def test_second_of_two_editors_sees_both_versions(asha, commitment):
    form_address = address(commitment, "/amend")
    mine = form_of(asha.get(form_address)) | {"title": "By Asha", "reason": "Mine."}
    ben = signed_in(factories.ben())
    ben.post(form_address, form_of(ben.get(form_address)) | {"title": "By Ben", "reason": "His."})
    conflict = asha.post(form_address, mine)
    assert conflict.status_code == 409
    assert '<td class="govuk-table__cell">By Ben</td>' in conflict.text
    assert 'value="By Asha"' in conflict.text
    versions = re.findall(r'name="version" value="(\d+)"', conflict.text)
    assert asha.post(form_address, mine | {"version": versions[0]}).status_code == 302
    assert Change.objects.get().values == {"title": "By Asha"}


def test_submitted_change_cannot_be_edited(asha, commitment):
    factories.proposed_change(commitment)
    assert asha.get(address(commitment, "/amend")).url == address(commitment)
    assert "See the change" in asha.get(address(commitment)).text


def test_submitting_a_change_is_idempotent_and_approval_is_final(commitment):
    change = factories.proposed_change(commitment)
    factories.submit(change, by=factories.asha())
    factories.publish(change, by=factories.officer())
    with pytest.raises(WrongStateError):
        changes.drop(change, by=factories.asha())
    assert public_record(commitment).version == 2


@pytest.mark.parametrize("page", ["", "/amend", "/preview"])
def test_stranger_or_wrong_address_gets_404(asha, commitment, page):
    factories.draft_change(commitment)
    assert "no-store" in asha.get(address(commitment, page))["Cache-Control"]
    assert signed_in(factories.cara()).get(address(commitment, page)).status_code == 404
    assert asha.get(address(commitment, "/rewrite")).status_code == 404


@pytest.mark.parametrize("page", ["/send", "/drop"])
def test_sponsor_cannot_submit_or_drop_a_change(commitment, page):
    factories.draft_change(commitment)
    assert signed_in(factories.cara()).post(address(commitment, page)).status_code == 404
    assert signed_in(factories.grace()).post(address(commitment, page)).status_code == 403
    assert Change.objects.get().status == "draft"
