"""Nobody is public before they said yes: invited organisations sign, decline, or stay private."""

import re
from datetime import timedelta
from hashlib import sha256

import pytest
from django.test import Client

from charter import pledge, tasks
from charter.actions import (
    acceptances,
    charters,
    organisations,
    people,
    signatories,
    staff,
    standing,
)
from charter.errors import ChangedSinceReadError, NotAllowedError, WrongStateError
from charter.mail.kinds import kind_of
from charter.models import (
    Acceptance,
    Act,
    Charter,
    Commitment,
    Message,
    Organisation,
    Proposal,
    Signatory,
    StatedSignature,
    User,
)
from charter.roles import MemberRole
from charter.workflow import MessageState
from registry import clock
from registry.log import publishing
from registry.models import Entry, Record
from reporting.actions import periods
from tests import factories
from tests.charter.test_organisation_import import save, upload
from tests.visitors import officer_client, page, signed_in, with_second_factor

pytestmark = pytest.mark.django_db
TICKS = {"may_sign": "on", "licence": "on", "permanence": "on"}
NOOR = "noor@lantern.example"
SIGNED_LIST = """Legal name,Contact email,Signed on,Document
Lantern Bakery,noor@lantern.example,3 May 2013,Signed form 12
Aston Arts,,3/5/2013,Signed form 13
"""


@pytest.fixture
def lantern() -> Signatory:
    """Return Lantern Bakery, which Dev invited. Noor owns it and has not signed."""
    signatory = factories.invited(contact_email=NOOR)
    factories.accept_invitation(NOOR, "Noor")
    return signatory


def user(email: str = NOOR) -> User:
    return User.objects.get(email=email)


def sign_address(signatory: Signatory) -> str:
    return f"/business/signatories/{signatory.key}/sign"


def words(signatory: Signatory) -> str:
    return pledge.text_of(signatory.charter, signatory.organisation.legal_name)


def digest(signatory: Signatory) -> str:
    return pledge.digest_of(words(signatory))


def form_to_sign(signatory: Signatory) -> dict[str, str]:
    return TICKS | {"seen_digest": digest(signatory)}


def later(days: int):
    return clock.fixed_at(clock.now() + timedelta(days=days))


def hand_over(message: Message) -> None:
    rows = Message.objects.filter(pk=message.pk)
    rows.update(state=MessageState.SENDING, lease_until=clock.now())
    rows.update(state=MessageState.SENT, lease_until=None, finished_at=clock.now())
    kind_of(message).after_hand_over([rows.get()])


def link_in(message: Message) -> str:
    found = re.search(r"https?://[^/\s]+(/join/\S+)", message.text)
    assert found, message.text
    return found[1]


def assert_no_trace(signatory: Signatory) -> None:
    """Fail if anyone who is not signed in can tell that an organisation was invited."""
    key, name = signatory.key, signatory.organisation.legal_name
    assert not Entry.objects.filter(item__contains=name).exists()
    assert not Entry.objects.filter(key=key).exists()
    for address in (f"/signatories/{key}", f"/id/{key}", f"/api/v1/signatories/{key}"):
        assert Client().get(address, follow=True).status_code == 404, address
    for address in ("/", "/signatories", "/changes", "/sitemaps/signatories.xml", "/statistics"):
        answer = Client().get(address).text
        assert name not in answer, address
        assert key not in answer, address


def test_invited_organisation_looks_at_everything_and_writes_but_cannot_send(lantern):
    assert_no_trace(lantern)
    noor = signed_in(user())
    home = page(noor.get("/business"))
    assert "has not signed the" in home
    assert "you cannot send anything to the council yet" in home
    draft = factories.draft(by=user(), signatory=lantern)
    preview = page(noor.get(f"/business/commitments/{draft.key}/preview"))
    assert "so you cannot send this to the council" in preview
    assert "Send to the council" not in preview
    noor.post(f"/business/commitments/{draft.key}/send")
    draft.refresh_from_db()
    assert draft.status == "draft"
    with pytest.raises(WrongStateError, match="has not signed the charter yet"):
        factories.submit(draft, by=user())
    with pytest.raises(WrongStateError, match="not public"):
        signatories.pause(lantern, by=factories.officer(), until=None, reason="A fire.")
    with pytest.raises(WrongStateError, match="not public"):
        standing.suspend(lantern, by=factories.officer(), reason="A fire.", plan="None.")
    corrected = organisations.amend_details(
        lantern,
        by=factories.officer(),
        reason="Misspelt.",
        values={"legal_name": "Lantern Bakery Ltd"},
        since=clock.today(),
    )
    assert corrected.organisation.former_names == [], "no name that was never public"
    people.mark_mailbox_working(user())
    assert periods.sync_periods(clock.now()) == 0
    assert_no_trace(lantern)


def test_owner_signs_with_three_ticks_and_the_organisation_is_public(lantern):
    noor, address = signed_in(user()), sign_address(lantern)
    opened = page(noor.get(address))
    for shown in (lantern.charter.description[:40], "I may sign for Lantern Bakery"):
        assert shown in opened
    refused = page(noor.post(address, form_to_sign(lantern) | {"licence": ""}))
    assert refused.count("your organisation cannot publish here") == 2, "summary and field"
    head = publishing.head().number
    done = noor.post(address, form_to_sign(lantern), follow=True)
    assert "has signed the charter and is public" in done.text
    item = Record.objects.get(key=lantern.key).item
    today = clock.today().isoformat()
    assert (item["joined_on"], item["accepted_on"]) == (today, today)
    assert publishing.head().number == head + 1
    acceptance = Acceptance.objects.get()
    assert acceptance.text == words(lantern)
    assert item["accepted_text_sha256"] == sha256(acceptance.text.encode()).hexdigest()
    assert (acceptance.person, acceptance.name, acceptance.role) == (user(), "Noor", "owner")
    assert "What is published stays on record" in Message.objects.get(kind="signed").text
    assert "Noor" not in "".join(Entry.objects.values_list("item", flat=True))
    public = page(Client().get(f"/signatories/{lantern.key}"))
    assert "the Open Government Licence for what it publishes" in public
    noor.post(address, form_to_sign(lantern))
    assert publishing.head().number == head + 1, "signing twice is signing once"
    assert acceptance.text_sha256 in page(noor.get(address))
    factories.submit(factories.draft(by=user(), signatory=lantern), by=user())


def test_only_its_own_owners_and_sponsors_sign(lantern):
    people_who_may_not = [factories.officer()]
    for role, body in [(MemberRole.EDITOR, ""), (MemberRole.INTERMEDIARY, "Chamber")]:
        email = f"{role}@lantern.example"
        organisation = lantern.organisation
        people.invite(by=user(), email=email, organisation=organisation, role=role, body=body)
        person = factories.accept_invitation(email, "Kit")
        opened = page(signed_in(person).get(sign_address(lantern)))
        assert "Only an owner or senior sponsor" in opened
        people_who_may_not.append(person)
    # Noor was invited by her employer first and by the council second.
    link = staff.invite_administrator(email=NOOR, authority=lantern.charter.authority)
    invitation = people.find_invitation(link.rpartition("/")[2])
    people.accept_invitation(invitation, name="Noor", password=factories.PASSWORD)
    for person in [*people_who_may_not, user()]:
        with pytest.raises(NotAllowedError):
            acceptances.accept(lantern, by=person, seen_digest=digest(lantern))
        with pytest.raises(NotAllowedError):
            acceptances.decline(lantern, by=person)
    assert_no_trace(lantern)


def test_text_that_changed_since_it_was_read_is_not_signed(lantern):
    read = form_to_sign(lantern)
    charters.amend_charter(
        lantern.charter,
        by=factories.administrator(),
        reason="Clearer.",
        authority={},
        values={"description": "Another text."},
    )
    answer = page(signed_in(user()).post(sign_address(lantern), read))
    assert "has changed since you opened this page" in answer
    assert "Another text." in answer
    with pytest.raises(ChangedSinceReadError):
        acceptances.accept(lantern, by=user(), seen_digest=read["seen_digest"])
    assert_no_trace(lantern)


def test_declining_is_private_and_the_desk_reads_each_answer(lantern):
    edna = factories.administrator()
    signed_in(user()).post(sign_address(lantern), {"decline": "yes"})
    email = Message.objects.get(
        kind="administrators", recipient=edna.email, subject__contains="Lant"
    )
    assert "declined to sign" in email.subject
    silent = factories.invited("Aston Arts", contact_email="ada@aston.example")
    factories.brookfield()
    desk, today = officer_client(), f"{clock.today():%-d %B %Y}"
    answers = {"none": silent, "declined": lantern, "signed": factories.brookfield()}
    for answer, signatory in answers.items():
        shown = desk.get("/council/signatories/invited", {"answer": answer})
        assert [row.pk for row in shown.context["rows"]] == [signatory.pk], answer
    assert f"Declined on {today}" in page(desk.get("/council/signatories/invited"))
    assert_no_trace(lantern)
    assert_no_trace(silent)

    desk.post(f"/council/signatories/{silent.key}/invite-again")
    assert Message.objects.filter(kind="invitation", recipient="ada@aston.example").count() == 2
    desk.post(f"/council/signatories/{lantern.key}/invite-again")
    assert sign_address(lantern) in Message.objects.get(kind="signing", recipient=NOOR).text

    factories.draft(by=user(), signatory=lantern)
    delete = f"/council/signatories/{lantern.key}/delete-invited"
    assert "90 days after" in desk.post(delete, follow=True).text
    with later(91):
        desk = officer_client()
        assert "is deleted" in desk.post(delete, follow=True).text
    assert not Organisation.objects.filter(legal_name="Lantern Bakery").exists()
    assert not Commitment.objects.exists()
    assert user(), "her account may be of use elsewhere"


def test_applicant_signs_by_the_link_in_an_email_and_is_public_once_admitted():
    application = factories.application()
    link = link_in(Message.objects.get(kind="application"))
    visitor = Client()
    assert "I may sign for Lantern Bakery" in page(visitor.get(link))
    text = pledge.text_of(application.charter, "Lantern Bakery")
    form = TICKS | {"seen_digest": pledge.digest_of(text)}
    assert "Give your name" in page(visitor.post(link, form))
    assert "You have signed for Lantern Bakery" in page(
        visitor.post(link, form | {"name": "Noor"}, follow=True)
    )
    assert not Record.objects.of_kind("signatory").exists()
    desk, address = officer_client(), f"/council/applications/{application.pk}"
    assert "Noor signed by the link in our email" in page(desk.get(address))
    desk.post(address)
    signatory = Signatory.objects.get()
    assert Record.objects.get(key=signatory.key).item["accepted_on"] == clock.today().isoformat()
    assert (signatory.acceptance.name, signatory.acceptance.text) == ("Noor", text)
    invitation = Message.objects.get(kind="invitation", recipient=application.contact_email)
    assert "has not signed" not in invitation.text
    assert visitor.get(link).status_code == 410
    assert visitor.get("/join/apply/sign/forged").status_code == 410


class TestSignaturesFromTheFiles:
    @pytest.fixture
    def stated(self) -> StatedSignature:
        """Return Lantern Bakery's signature: Dev imported it, Edna agreed, the email is out."""
        Charter.objects.filter(pk=factories.charter().pk).update(
            second_person_acts=["signature.state"]
        )
        edna, dev = factories.administrator(), officer_client()
        preview = upload(dev, SIGNED_LIST)
        assert "it stays private until it signs" in preview.text
        assert "signed on 3 May 2013 (Signed form 12)" in preview.text
        assert "1 signature from the council’s files" in save(dev, preview).text
        assert not StatedSignature.objects.exists(), "a second person has to agree"
        proposal = f"/council/proposals/{Proposal.objects.get().pk}"
        assert dev.post(proposal, {"agree": "yes"}).status_code == 403
        at_desk = signed_in(with_second_factor(edna))
        assert "Lantern Bakery: 3 May 2013, Signed form 12" in page(at_desk.get(proposal))
        at_desk.post(proposal, {"agree": "yes"})
        hand_over(Message.objects.get(kind="stated_signature"))
        return StatedSignature.objects.get()

    def test_is_public_after_28_days_with_its_source(self, stated):
        assert_no_trace(stated.signatory)
        with later(27):
            tasks.publish_stated_signatures()
            assert_no_trace(stated.signatory)
        with later(29):
            tasks.publish_stated_signatures()
            tasks.publish_stated_signatures()
        record = Record.objects.get(kind="signatory")
        assert record.item["joined_on"] == "2013-05-03"
        assert "accepted_on" not in record.item
        assert record.item["source"]["title"] == "Signed form 12"
        public = page(Client().get(f"/signatories/{record.key}"))
        assert "from its files" in public
        assert "Signed the charter, according to the source named below" in public
        assert Act.objects.filter(verb="signature.publish").count() == 1
        arts = Signatory.objects.get(organisation__legal_name="Aston Arts")
        assert_no_trace(arts)

    def test_stays_private_if_the_organisation_objects(self, stated):
        link = link_in(Message.objects.get(kind="stated_signature"))
        assert "Signed form 12" in page(Client().get(link))
        assert "Select this if you object" in page(Client().post(link))
        assert "You objected" in page(Client().post(link, {"objects": "on"}))
        notices = Message.objects.filter(kind="administrators")
        assert notices.filter(subject__contains="objects to the signature").exists()
        with later(29):
            tasks.publish_stated_signatures()
        assert_no_trace(stated.signatory)
        assert "Objected on" in page(officer_client().get("/council/signatories/invited"))

    def test_stays_private_if_the_email_came_back(self, stated):
        Message.objects.filter(kind="stated_signature").update(state=MessageState.BOUNCED)
        with later(29):
            tasks.publish_stated_signatures()
        assert_no_trace(stated.signatory)

    def test_gives_its_day_to_an_organisation_that_signs_now(self, stated):
        factories.accept_invitation(NOOR, "Noor")
        opened = page(signed_in(user()).get(sign_address(stated.signatory)))
        assert "signed on 3 May 2013: Signed form 12" in opened
        acceptances.accept(stated.signatory, by=user(), seen_digest=digest(stated.signatory))
        item = Record.objects.get(kind="signatory").item
        assert (item["joined_on"], item["accepted_on"]) == (
            "2013-05-03",
            clock.today().isoformat(),
        )
