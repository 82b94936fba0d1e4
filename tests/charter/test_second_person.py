"""Some acts need a second person at the council: Dev proposes, Edna agrees."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from charter.actions import charters, people, second_person, staff, standing
from charter.errors import NotAllowedError, WrongStateError
from charter.models import Charter, Invitation, Message, Proposal, Signatory
from charter.roles import StaffRole, usual_second_person_acts
from registry import clock
from registry.models import Entry
from reporting.actions import letters
from tests import factories
from tests.reporting import scenarios
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db
END = {"standing": "removed", "reason": "It has not reported for two years."}


@pytest.fixture(autouse=True)
def charter_asks_for_second_persons():
    factories.charter()
    Charter.objects.update(second_person_acts=usual_second_person_acts())


@pytest.fixture
def brookfield() -> Signatory:
    factories.administrator()
    factories.officer()
    return factories.brookfield()


def at_desk(user) -> Client:
    return signed_in(with_second_factor(user))


def removal(signatory: Signatory) -> Proposal:
    return standing.end_membership(signatory, by=factories.officer(), **END)


def test_removal_is_proposed_by_one_and_done_when_another_agrees(brookfield):
    factories.published_commitment(title="Start 20 apprenticeships")
    dev, edna = at_desk(factories.officer()), at_desk(factories.administrator())
    address = f"/council/signatories/{brookfield.key}/standing/end"
    preview = dev.post(address, END)
    assert "1 open commitment will end" in preview.text
    assert "Start 20 apprenticeships" in preview.text
    head = Entry.objects.count()
    page = dev.post(address, END | {"confirmed": "yes"}, follow=True)
    assert "Nothing has changed yet" in page.text
    assert "Withdraw the proposal" in page.text
    assert Entry.objects.count() == head
    email = Message.objects.get(kind="proposal", recipient="edna@council.example")
    assert email.subject == "Second person needed: Remove a signatory"
    assert "It has not reported for two years." in email.text

    proposal = Proposal.objects.get()
    assert f"/council/proposals/{proposal.pk}" in edna.get("/council").text
    page = edna.get(f"/council/proposals/{proposal.pk}").text
    assert "Dev proposed this" in page
    assert "Start 20 apprenticeships" in page
    assert "because the council removed Brookfield Catering from the charter" in page
    edna.post(f"/council/proposals/{proposal.pk}", {"agree": "yes"})
    brookfield.refresh_from_db()
    assert brookfield.standing == "removed"
    assert Entry.objects.count() == head + 2
    email_to_dev = Message.objects.get(kind="proposal", recipient="dev@council.example")
    assert email_to_dev.subject == "Agreed: Remove a signatory"
    assert "Agreed by Edna" in dev.get(f"/council/proposals/{proposal.pk}").text


def test_proposer_cannot_agree_even_by_a_forged_form(brookfield):
    proposal = removal(brookfield)
    page = at_desk(factories.officer()).post(f"/council/proposals/{proposal.pk}", {"agree": "yes"})
    assert page.status_code == 403
    assert "a second person has to agree" in page.text
    with pytest.raises(IntegrityError), transaction.atomic():
        Proposal.objects.update(
            outcome="agreed", decided_by=factories.officer(), decided_at=proposal.proposed_at
        )


def test_act_itself_refuses_without_a_second_person(brookfield):
    with pytest.raises(NotAllowedError, match="needs a second person"):
        standing.leave_charter(brookfield, by=factories.officer(), **END)
    brookfield.refresh_from_db()
    assert brookfield.left_on is None


def test_second_person_declines_with_comments(brookfield):
    proposal = removal(brookfield)
    edna, address = at_desk(factories.administrator()), f"/council/proposals/{proposal.pk}"
    assert "Enter a reason" in edna.post(address, {"decline": "yes", "comments": ""}).text
    edna.post(address, {"decline": "yes", "comments": "Ask them once more."})
    email_to_dev = Message.objects.get(kind="proposal", recipient="dev@council.example")
    assert email_to_dev.subject == "Declined: Remove a signatory"
    assert "Ask them once more." in email_to_dev.text
    assert "Ask them once more." in edna.get(address).text
    with pytest.raises(WrongStateError):
        second_person.agree(proposal, by=factories.administrator())


def test_only_its_proposer_withdraws_a_proposal(brookfield):
    proposal = removal(brookfield)
    with pytest.raises(NotAllowedError):
        second_person.withdraw(proposal, by=factories.administrator())
    at_desk(factories.officer()).post(f"/council/proposals/{proposal.pk}", {"withdraw": "yes"})
    assert not Proposal.objects.open().exists()
    assert removal(brookfield) != proposal


def test_same_proposal_made_twice_is_one(brookfield):
    assert removal(brookfield) == removal(brookfield)


def test_reviewer_cannot_propose_or_agree_to_a_removal(brookfield):
    viv = factories.officer("Viv", StaffRole.REVIEWER)
    with pytest.raises(NotAllowedError):
        standing.end_membership(brookfield, by=viv, **END)
    proposal = removal(brookfield)
    assert not Message.objects.filter(kind="proposal", recipient=viv.email).exists()
    with pytest.raises(NotAllowedError):
        second_person.agree(proposal, by=viv)


def test_only_administrator_acts_alone(brookfield):
    standing.end_membership(brookfield, by=factories.administrator(), **END)
    brookfield.refresh_from_db()
    assert brookfield.standing == "removed"
    notices = Message.objects.filter(kind="administrators", recipient="edna@council.example")
    sentence = "Edna acted alone: remove a signatory (Brookfield Catering)"
    assert notices.latest("pk").subject == sentence
    page = at_desk(factories.administrator()).get("/council/activity")
    assert "Edna (administrator, acting alone)" in page.text


def test_one_of_two_administrators_needs_the_other(brookfield):
    factories.officer("Edgar", StaffRole.ADMINISTRATOR)
    done = standing.end_membership(brookfield, by=factories.administrator(), **END)
    assert isinstance(done, Proposal)


def test_signatory_is_not_ended_alone_under_another_word(brookfield):
    done = standing.end_membership(
        brookfield, by=factories.officer(), standing="withdrawn", reason="They left, I say."
    )
    assert isinstance(done, Proposal)
    with pytest.raises(NotAllowedError, match="needs a second person"):
        standing.leave_charter(
            brookfield, by=factories.officer(), standing="ceased", reason="It is gone, I say."
        )
    second_person.agree(done, by=factories.administrator())
    brookfield.refresh_from_db()
    assert brookfield.standing == "withdrawn"


def test_proposal_of_someone_who_has_left_the_staff_cannot_be_agreed_to(brookfield):
    proposal = removal(brookfield)
    staff.end_role(factories.staff_membership(factories.officer()), by=factories.administrator())
    with pytest.raises(WrongStateError, match="can no longer do this"):
        second_person.agree(proposal, by=factories.administrator())
    assert Proposal.objects.open().get() == proposal


def test_new_administrator_is_invited_by_two(brookfield):
    factories.officer("Edgar", StaffRole.ADMINISTRATOR)
    invitation = {"email": "gil@council.example", "role": "administrator"}
    page = at_desk(factories.administrator()).post("/council/staff", invitation, follow=True)
    assert "Make a person an administrator" in page.text
    assert not Invitation.objects.filter(email="gil@council.example").exists()
    proposal = Proposal.objects.get()
    second_person.agree(proposal, by=factories.officer("Edgar", StaffRole.ADMINISTRATOR))
    assert Invitation.objects.get(email="gil@council.example").staff_role == "administrator"


def test_one_officer_cannot_appoint_an_owner_beside_the_present_one(brookfield):
    invitation = {"email": "mole@brookfield.example", "role": "owner"}
    dev = at_desk(factories.officer())
    page = dev.post(f"/council/signatories/{brookfield.key}/people", invitation, follow=True)
    assert "Invite a person to an organisation that has had an owner" in page.text
    assert not Invitation.objects.filter(email="mole@brookfield.example").exists()
    with pytest.raises(NotAllowedError):
        people.invite(by=factories.officer(), organisation=brookfield.organisation, **invitation)
    second_person.agree(Proposal.objects.get(), by=factories.administrator())
    assert Invitation.objects.filter(email="mole@brookfield.example").exists()


def test_officer_cannot_remove_the_owner_and_invite_another_alone(brookfield):
    people.end_membership(factories.asha().memberships.get(), by=factories.officer())
    with pytest.raises(NotAllowedError, match="needs a second person"):
        people.invite(
            by=factories.officer(),
            organisation=brookfield.organisation,
            email="mole@brookfield.example",
            role="owner",
        )


def test_officer_cannot_make_an_editor_the_owner_alone(brookfield):
    ben = factories.ben().memberships.get()
    with pytest.raises(NotAllowedError, match="needs a second person"):
        people.change_role(ben, by=factories.officer(), role="owner")
    people.change_role(ben, by=factories.asha(), role="owner")


def test_one_of_two_administrators_cannot_shorten_the_list_alone(brookfield):
    edgar = factories.officer("Edgar", StaffRole.ADMINISTRATOR)
    edna = at_desk(factories.administrator())
    form = edna.get("/council/set-up").context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    fewer = data | {"second_person_acts": ["letter.publish_first"]}
    page = edna.post("/council/set-up", fewer, follow=True)
    assert "Let one person do what needs two" in page.text
    assert "Remove a signatory" in page.text
    assert Charter.objects.get().second_person_acts == usual_second_person_acts()
    with pytest.raises(NotAllowedError, match="needs a second person"):
        charters.change_second_persons(Charter.objects.get(), by=edgar, names=[])
    second_person.agree(Proposal.objects.get(), by=edgar)
    assert Charter.objects.get().second_person_acts == ["letter.publish_first"]


def test_officer_invites_the_first_owner_alone():
    pottery = factories.signatory("Kiln Pottery")
    people.invite_or_propose(
        by=factories.officer(), signatory=pottery, email="kay@kiln.example", role="owner"
    )
    assert Invitation.objects.filter(email="kay@kiln.example").exists()


def test_first_letter_to_a_signatory_needs_a_second_person():
    commitment = scenarios.silent_commitment()
    factories.administrator()
    period, dev = commitment.periods.earliest("pk"), at_desk(factories.officer())
    page = dev.post(f"/council/letters/{period.key}", follow=True)
    assert "Publish the first letter to a signatory" in page.text
    assert "was due on" in page.text
    with pytest.raises(NotAllowedError):
        letters.publish(period, by=factories.officer())
    second_person.agree(Proposal.objects.get(), by=factories.administrator())
    assert period.letter.text in Entry.objects.latest("number").item


def test_proposal_that_is_out_of_date_stays_open_and_says_why(brookfield):
    proposal = removal(brookfield)
    Signatory.objects.update(standing="ceased", left_on=clock.today())
    page = at_desk(factories.administrator()).post(
        f"/council/proposals/{proposal.pk}", {"agree": "yes"}, follow=True
    )
    assert "is in another standing by now" in page.text
    assert Proposal.objects.open().get() == proposal


def test_charter_says_which_acts_need_a_second_person(brookfield):
    edna = at_desk(factories.administrator())
    form = edna.get("/council/set-up").context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    assert "Remove a signatory" in edna.get("/council/set-up").text
    edna.post("/council/set-up", data | {"second_person_acts": ["letter.publish_first"]})
    assert Charter.objects.get().second_person_acts == ["letter.publish_first"]
    standing.end_membership(brookfield, by=factories.officer(), **END)
    brookfield.refresh_from_db()
    assert brookfield.standing == "removed"
