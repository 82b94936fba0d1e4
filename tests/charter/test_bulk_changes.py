"""The council changes the theme or the contact of many commitments at once."""

import pytest
from django.utils.html import strip_tags

from charter.models import Commitment, Theme
from registry.models import Entry, Record
from tests import factories
from tests.visitors import officer_client, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def council():
    return officer_client()


@pytest.fixture
def commitments():
    return [factories.published_commitment(title=title) for title in ("One", "Two", "Three")]


def other_theme(commitment):
    return Theme.objects.exclude(pk=commitment.theme_id).first()


def test_theme_of_several_commitments_changes_after_a_preview(council, commitments):
    one, two, three = commitments
    theme = other_theme(one)
    address = f"/council/promises?theme={one.theme.key}"
    assert "Three" in council.get(address).text
    data = {"commitments": [one.key, two.key], "new_theme": theme.key, "reason": "A new edition."}
    entries = Entry.objects.count()
    preview = council.post(address, data)
    assert f"From “{one.theme}” to “{theme}”" in preview.text
    assert Entry.objects.count() == entries
    council.post(address, data | {"seen_digest": preview.context["seen_digest"]})
    for commitment in (one, two):
        record = Record.objects.get(pk=commitment.key)
        assert (record.theme, record.item["change_reason"]) == (theme.key, "A new edition.")
        assert record.weakenings == []
    assert Record.objects.get(pk=three.key).theme == three.theme.key


def test_contact_of_several_commitments_changes_privately(council, commitments):
    ben = factories.ben().memberships.get()
    address = f"/council/promises?signatory={commitments[0].signatory.key}"
    data = {
        "commitments": [commitment.key for commitment in commitments],
        "contact": ben.pk,
        "reason": "Asha is on leave.",
    }
    entries = Entry.objects.count()
    preview = council.post(address, data)
    assert "From Asha to Ben" in preview.text
    council.post(address, data | {"seen_digest": preview.context["seen_digest"]})
    for commitment in commitments:
        commitment.refresh_from_db()
        assert commitment.update_owner == ben
    assert Entry.objects.count() == entries


def test_members_can_see_who_moved_commitments_to_another_contact(council, commitments):
    one, two, _ = commitments
    Commitment.objects.filter(pk=two.pk).update(update_owner=None)
    ben = factories.ben().memberships.get()
    address = f"/council/promises?signatory={one.signatory.key}"
    data = {
        "commitments": [one.key, two.key],
        "contact": ben.pk,
        "reason": "Asha is on leave.",
    }
    digest = council.post(address, data).context["seen_digest"]
    council.post(address, data | {"seen_digest": digest})
    people = f"/council/signatories/{one.signatory.key}/people"
    for page in (council.get(people), signed_in(factories.asha()).get("/business/people")):
        text = strip_tags(page.text)
        assert "Dev gave “One” to Ben, after Asha. Reason: “Asha is on leave.”" in text
        assert "Dev gave “Two” to Ben. Reason: “Asha is on leave.”" in text
        assert "“Three”" not in text


def test_commitment_changed_meanwhile_must_be_previewed_again(council, commitments):
    one = commitments[0]
    address = f"/council/promises?signatory={one.signatory.key}"
    theme = other_theme(one)
    data = {"commitments": [one.key], "new_theme": theme.key, "reason": "A new edition."}
    digest = council.post(address, data).context["seen_digest"]
    one.update_owner = factories.ben().memberships.get()
    one.save()
    page = council.post(address, data | {"seen_digest": digest}).text
    assert "This has changed since you opened this page" in page
    one.refresh_from_db()
    assert one.theme != theme


def test_targets_and_dates_cannot_be_changed_in_bulk(council, commitments):
    form = council.get(f"/council/promises?theme={commitments[0].theme.key}").context["form"]
    assert set(form.fields) == {"commitments", "new_theme", "reason"}
