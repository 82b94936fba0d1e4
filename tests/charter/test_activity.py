"""The activity: who did what, for administrators, for staff about a record, and for a business."""

import csv
import io

import pytest
from django.test import Client

from charter.actions import people, standing
from charter.models import Act, Charter
from charter.roles import StaffRole
from registry.models import Entry
from tests import factories
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db
ACTIVITY = "/council/activity"


@pytest.fixture
def edna() -> Client:
    return signed_in(with_second_factor(factories.administrator()))


@pytest.fixture
def dev() -> Client:
    return signed_in(with_second_factor(factories.officer()))


@pytest.fixture
def commitment():
    return factories.published_commitment(title="Start 20 apprenticeships")


def lines(page) -> list[str]:
    """Return the sentences of an activity page."""
    return [f"{line.who} {line.did}" for line in page.context["lines"]]


def test_administrator_sees_who_wrote_sent_and_published(edna, commitment):
    page = edna.get(ACTIVITY, {"key": commitment.key})
    assert lines(page) == [
        "Dev (publisher) published a commitment",
        "Asha (owner) submitted a commitment",
        "Asha (owner) wrote a commitment",
    ]
    assert commitment.key in page.text


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ({"person": "asha"}, {"Asha (owner)"}),
        ({"person": "dev@council"}, {"Dev (publisher)"}),
        ({"verb": "commitment.publish"}, {"Dev (publisher)"}),
        ({"since": "1/1/2035"}, set()),
        ({"until": "1/1/2013"}, set()),
    ],
)
def test_search_finds_acts_by_person_act_and_day(edna, commitment, search, found):
    page = edna.get(ACTIVITY, search)
    assert {line.who for line in page.context["lines"]} == found


def test_search_with_an_impossible_day_says_so_and_keeps_it(edna, commitment):
    page = edna.get(ACTIVITY, {"since": "40/1/2026"})
    assert "There is a problem" in page.text
    assert "40/1/2026" in page.text


def test_one_act_shows_its_objects_before_and_after(edna, commitment):
    act = Act.objects.filter(verb="commitment.publish").get()
    page = edna.get(f"{ACTIVITY}/{act.number}").text
    assert "Dev (publisher) published a commitment" in page
    assert "With the council" in page
    assert "Published" in page


def test_csv_holds_every_object_of_the_acts_found(edna, commitment):
    response = edna.get(f"{ACTIVITY}.csv", {"verb": "commitment.publish"})
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert {row["act"] for row in rows} == {"commitment.publish"}
    assert commitment.key in {row["key"] for row in rows}
    assert "status: With the council → Published" in rows[0]["changes"]


def test_staff_see_the_activity_of_a_record_but_not_of_all(dev, commitment):
    page = dev.get(f"{ACTIVITY}/{commitment.key}")
    assert "Asha (owner) submitted a commitment" in lines(page)
    assert dev.get(ACTIVITY).status_code == 403
    assert dev.get(f"{ACTIVITY}/{Act.objects.latest('number').number}").status_code == 403


def test_item_says_who_sent_it_and_who_at_the_council_invited_them(dev):
    submitted = factories.submitted_commitment(title="It waits")
    page = dev.get(f"/council/items/{submitted.key}").text
    assert "Sent by Asha (owner), invited by Dev at the council." in page
    own = factories.submit(factories.draft(title="By Ben"), by=factories.ben())
    assert "Sent by Ben (editor)." in dev.get(f"/council/items/{own.key}").text


def test_business_sees_its_own_activity_without_names_of_staff(commitment):
    page = signed_in(factories.asha()).get("/business/activity")
    assert "The council published a commitment" in lines(page)
    assert "Asha (owner) submitted a commitment" in lines(page)
    assert "Dev" not in page.text
    stranger = signed_in(factories.cara()).get("/business/activity")
    assert commitment.key not in stranger.text


def test_business_does_not_see_what_staff_prepare(commitment):
    factories.administrator()
    Charter.objects.update(second_person_acts=["signatory.remove"])
    standing.end_membership(
        commitment.signatory, by=factories.officer(), standing="removed", reason="It is silent."
    )
    page = signed_in(factories.asha()).get("/business/activity")
    assert not any("second person" in line for line in lines(page))


def test_activity_says_whom_an_act_is_about(edna, commitment):
    people.end_membership(factories.ben().memberships.get(), by=factories.officer())
    factories.invite_staff("gil@council.example", by=factories.administrator())
    page = edna.get(ACTIVITY)
    assert "removed a person: Ben, Brookfield Catering" in page.text
    assert "invited staff: gil@council.example" in page.text


def test_unpublished_record_is_named_without_a_link(edna):
    draft = factories.draft(title="Not public yet")
    page = edna.get(ACTIVITY).text
    assert draft.key in page
    assert f"/id/{draft.key}" not in page


def test_every_entry_of_the_log_names_its_act(commitment):
    assert not Entry.objects.filter(act=None).exists()
    assert set(Entry.objects.values_list("act", flat=True)) <= set(
        Act.objects.values_list("number", flat=True)
    )


def test_role_is_the_one_that_allowed_the_act_then(edna, commitment):
    membership = factories.staff_membership(factories.officer())
    membership.role = StaffRole.READER
    membership.save()
    page = edna.get(ACTIVITY, {"verb": "commitment.publish"})
    assert lines(page) == ["Dev (publisher) published a commitment"]
