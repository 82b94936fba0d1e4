"""The council changes the theme or the contact of many commitments at once."""

import pytest
from django.utils.html import strip_tags

from charter.models import Commitment, Theme
from registry.models import Entry, Record
from tests import factories
from tests.visitors import at_the_desk, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def council():
    return at_the_desk()


@pytest.fixture
def commitments():
    return [factories.published_commitment(title=title) for title in ("One", "Two", "Three")]


def other_theme(commitment):
    return Theme.objects.exclude(pk=commitment.theme_id).first()


def test_a_theme_is_changed_for_many_after_a_look_and_each_says_why(council, commitments):
    one, two, three = commitments
    theme = other_theme(one)
    address = f"/council/promises?theme={one.theme.key}"
    assert "Three" in council.get(address).text
    typed = {"commitments": [one.key, two.key], "new_theme": theme.key, "reason": "A new edition."}
    entries = Entry.objects.count()
    shown = council.post(address, typed)
    assert f"From “{one.theme}” to “{theme}”" in shown.text
    assert Entry.objects.count() == entries
    council.post(address, typed | {"seen_digest": shown.context["seen_digest"]})
    for commitment in (one, two):
        record = Record.objects.get(pk=commitment.key)
        assert (record.theme, record.item["change_reason"]) == (theme.key, "A new edition.")
        assert record.weakenings == []
    assert Record.objects.get(pk=three.key).theme == three.theme.key


def test_a_contact_is_changed_for_many_and_the_public_reads_nothing_of_it(council, commitments):
    ben = factories.ben().memberships.get()
    address = f"/council/promises?signatory={commitments[0].signatory.key}"
    typed = {
        "commitments": [commitment.key for commitment in commitments],
        "contact": ben.pk,
        "reason": "Asha is on leave.",
    }
    entries = Entry.objects.count()
    shown = council.post(address, typed)
    assert "From Asha to Ben" in shown.text
    council.post(address, typed | {"seen_digest": shown.context["seen_digest"]})
    for commitment in commitments:
        commitment.refresh_from_db()
        assert commitment.update_owner == ben
    assert Entry.objects.count() == entries


def test_who_gave_which_commitment_to_whom_stays_on_record_for_its_people(council, commitments):
    one, two, _ = commitments
    Commitment.objects.filter(pk=two.pk).update(update_owner=None)
    ben = factories.ben().memberships.get()
    address = f"/council/promises?signatory={one.signatory.key}"
    typed = {
        "commitments": [one.key, two.key],
        "contact": ben.pk,
        "reason": "Asha is on leave.",
    }
    read = council.post(address, typed).context["seen_digest"]
    council.post(address, typed | {"seen_digest": read})
    people = f"/council/signatories/{one.signatory.key}/people"
    for page in (council.get(people), signed_in(factories.asha()).get("/business/people")):
        said = strip_tags(page.text)
        assert "Dev gave “One” to Ben, after Asha. Reason: “Asha is on leave.”" in said
        assert "Dev gave “Two” to Ben. Reason: “Asha is on leave.”" in said
        assert "“Three”" not in said


def test_what_became_different_meanwhile_is_looked_at_again(council, commitments):
    one = commitments[0]
    address = f"/council/promises?signatory={one.signatory.key}"
    theme = other_theme(one)
    typed = {"commitments": [one.key], "new_theme": theme.key, "reason": "A new edition."}
    read = council.post(address, typed).context["seen_digest"]
    one.update_owner = factories.ben().memberships.get()
    one.save()
    assert (
        "Somebody else has saved this" in council.post(address, typed | {"seen_digest": read}).text
    )
    one.refresh_from_db()
    assert one.theme != theme


def test_neither_targets_nor_dates_can_be_changed_so(council, commitments):
    form = council.get(f"/council/promises?theme={commitments[0].theme.key}").context["form"]
    assert set(form.fields) == {"commitments", "new_theme", "reason"}
