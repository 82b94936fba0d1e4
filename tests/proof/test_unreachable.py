"""Weeks of mailboxes that close, fill up and open again: nobody is unreachable without a word."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from charter.actions import people
from charter.mail import bounces, outbox, reachability, return_addresses, second_looks
from charter.mail.smtp import Phase, ServerReply
from charter.models import Announcement, Membership, Message, User
from charter.models.announcements import Statement
from registry import clock
from registry.log import publishing
from registry.models import Record
from registry.wording.sentences import unreachable_sentence
from tests import factories
from tests.charter import delivery_report_samples

pytestmark = pytest.mark.django_db
START = datetime(2027, 3, 1, 6, tzinfo=UTC)
GONE = delivery_report_samples.GONE["postfix, unknown user"]
OTHERS = [
    *delivery_report_samples.FULL.values(),
    *delivery_report_samples.OURS.values(),
    *delivery_report_samples.UNCLEAR.values(),
]


class Weeks:
    """A register whose emails come back by chance."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.closed: set[str] = set()
        self.returning: list[tuple[datetime, bytes]] = []
        self.unreachable: set[str] = set()
        self.said = 0

    def hand_over(self, message: Message) -> ServerReply:
        report = None
        if message.recipient in self.closed:
            report = GONE
        elif self.chance.random() < 0.1:
            report = self.chance.choice(OTHERS)
        if report:
            to = return_addresses.return_path(message)
            raw = report.replace("{to}", to).replace("{to_in_capitals}", to.upper())
            at = clock.now() + timedelta(hours=self.chance.choice([0, 1, 5, 40]))
            self.returning.append((at, raw.encode("latin-1")))
        return ServerReply(Phase.AFTER_DOT, 250, "OK")

    def close(self) -> None:
        pass

    def pass_hours(self, users: list[User]) -> None:
        """Let mailboxes close and people sign in, emails leave and reports arrive."""
        for user in users:
            if self.chance.random() < 0.01:
                self.closed.add(user.email)
            if user.email in self.closed and self.chance.random() < 0.01:
                self.closed.discard(user.email)
                publishing.publish(reachability.clear_user_bounces(user))
        user = self.chance.choice(users)
        outbox.queue(
            kind="returned",
            key=f"returned:{clock.now().isoformat()}",
            recipient=user.email,
            subject="Please look at it again",
            text="The council has sent words back.",
        )
        second_looks.send_second_looks(clock.now())
        second_looks.forget_proofs(clock.now())
        while outbox.hand_over_next(self):
            pass
        arrived = [raw for at, raw in self.returning if at <= clock.now()]
        self.returning = [(at, raw) for at, raw in self.returning if at > clock.now()]
        for raw in arrived:
            bounces.process_report(raw)

    def check_pages(self) -> None:
        """Fail if a page begins to say what no email said before it to this signatory."""
        now = set()
        for record in Record.objects.of_kind("signatory"):
            if record.item.get("unreachable_since"):
                now.add(record.key)
        for key in now - self.unreachable:
            emails = Announcement.objects.filter(about=key, statement=Statement.UNREACHABLE)
            words = {unreachable_sentence(announced.public_from) for announced in emails}
            assert words == {announced.sentence for announced in emails}
            assert any(
                announced.message.finished_at and announced.message.finished_at <= clock.now()
                for announced in emails.select_related("message")
            ), f"{key} is called unreachable, and no email announced it"
            self.said += 1
        self.unreachable = now


@pytest.mark.parametrize("seed", range(5))
def test_no_page_says_unreachable_before_an_email_said_so(seed):
    chance = random.Random(seed)
    weeks = Weeks(chance)
    with clock.fixed_at(START):
        for number in range(12):
            owner = f"owner@org-{number}.example"
            signatory = factories.signatory(f"Organisation {number}", contact_email=owner)
            by = factories.accept_invitation(owner, "Owner")
            for colleague in range(chance.choice([0, 0, 1, 2])):
                email = f"colleague-{colleague}@org-{number}.example"
                people.invite(
                    by=by,
                    email=email,
                    organisation=signatory.organisation,
                    role=Membership.Role.EDITOR,
                )
                factories.accept_invitation(email, "Colleague")
        Message.objects.all().delete()
        users = list(User.objects.filter(email__contains="@org-"))
    for ticks in range(60 * 6):
        with clock.fixed_at(START + timedelta(hours=4 * ticks)):
            weeks.pass_hours(users)
            weeks.check_pages()
    assert weeks.said > 2
