"""Edna, an administrator, manages the council's staff."""

import re

import pytest
from django.test import Client

from charter.actions import email_brake, staff
from charter.errors import NotAllowedError
from charter.models import Invitation, Message, StaffMembership
from charter.roles import StaffRole
from registry import clock
from tests import factories
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db
STAFF = "/council/staff"


@pytest.fixture
def edna() -> Client:
    factories.charter()
    return signed_in(with_second_factor(factories.administrator()))


def own_role() -> StaffMembership:
    return factories.staff_membership(factories.administrator())


def test_invited_officer_joins_the_staff(edna):
    page = edna.post(STAFF, {"email": "Fay@council.example", "role": "publisher"}, follow=True)
    assert "We have written to Fay@council.example" in page.text
    assert "Invitations sent" in page.text
    fay = factories.accept_invitation("fay@council.example", "Fay")
    assert factories.staff_membership(fay).role == "publisher"
    after = edna.get(STAFF)
    assert "Fay<br>fay@council.example" in after.text
    assert "Not set up yet" in after.text
    second_invitation = edna.post(STAFF, {"email": "fay@council.example", "role": "publisher"})
    assert "has this role already" in second_invitation.text


def test_officer_becomes_administrator_by_another_invitation(edna):
    dev = factories.officer()
    edna.post(STAFF, {"email": dev.email, "role": "administrator"})
    factories.accept_invitation(dev.email, "Dev")
    assert factories.staff_membership(dev).role == "administrator"


def test_edna_can_revoke_an_invitation(edna, client):
    edna.post(STAFF, {"email": "fay@council.example", "role": "publisher"})
    link = f"/invitations/{factories.invitation_token('fay@council.example')}"
    invitation = Invitation.objects.get(email="fay@council.example")
    page = edna.post(f"{STAFF}/invited/{invitation.pk}/end", follow=True)
    assert "no longer works" in page.text
    assert client.get(link).status_code == 410


def test_removed_officer_loses_access_at_once(edna):
    dev = with_second_factor(factories.officer())
    factories.invite_staff(dev.email, by=factories.administrator(), role="administrator")
    dev_client = signed_in(dev)
    assert dev_client.get("/council").status_code == 200
    edna.post(f"{STAFF}/{factories.staff_membership(dev).pk}/end")
    assert dev_client.get("/council").status_code == 403
    assert not Invitation.objects.open(clock.now()).exists()


def test_last_administrator_cannot_be_removed(edna):
    page = edna.post(f"{STAFF}/{own_role().pk}/end", follow=True)
    assert "the only administrator" in page.text
    assert own_role().ended_on is None


def test_last_administrator_cannot_be_invited_to_a_lesser_role(edna):
    page = edna.post(STAFF, {"email": factories.administrator().email, "role": "reader"})
    assert "the only administrator" in page.text
    assert not Invitation.objects.open(clock.now()).exists()


def test_removed_administrator_is_emailed(edna):
    edgar = factories.officer("Edgar", StaffRole.ADMINISTRATOR)
    edna.post(f"{STAFF}/{factories.staff_membership(edgar).pk}/end")
    assert "Edna removed Edgar from the staff" in subjects(edgar.email)


def test_officer_cannot_see_or_change_staff():
    factories.charter()
    dev = signed_in(with_second_factor(factories.officer()))
    assert dev.get(STAFF).status_code == 403
    with pytest.raises(NotAllowedError):
        staff.end_role(own_role(), by=factories.officer())


def subjects(recipient: str) -> list[str]:
    notices = Message.objects.filter(kind="administrators", recipient=recipient)
    return list(notices.order_by("pk").values_list("subject", flat=True))


def test_administrators_are_emailed_about_new_and_removed_staff(edna):
    edna.post(STAFF, {"email": "fay@council.example", "role": "reviewer"})
    fay = factories.accept_invitation("fay@council.example", "Fay")
    authority = factories.charter().authority
    assert f"Fay is now reviewer at {authority}" in subjects("edna@council.example")
    edna.post(f"{STAFF}/{factories.staff_membership(fay).pk}/end")
    assert "Edna removed Fay from the staff" in subjects("edna@council.example")
    assert not subjects("fay@council.example")


def test_administrators_are_emailed_about_the_release_of_held_emails(edna):
    email_brake.release_brake(by=factories.officer())
    email_brake.release_brake(by=factories.officer())
    assert subjects("edna@council.example").count("Dev released the emails held today") == 1


def test_administrator_reads_what_each_role_can_do(edna):
    page = edna.get(STAFF).text
    rows = dict(re.findall(r'<th scope="row"[^>]*>(.*?)</th>\s*<td[^>]*>(.*?)</td>', page))
    assert list(rows)[0] == "Reader, reviewer, publisher, assessor and administrator"
    assert "returned a commitment" in rows["Reviewer, publisher and administrator"].lower()
    assert "redacted text" in rows["Administrator"]
    assert (
        "Wrote a commitment"
        in rows["Publisher and administrator, for a signatory where nobody has an account"]
    )
