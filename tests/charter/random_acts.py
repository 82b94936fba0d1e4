"""Several people act at random on one commitment, which must always be in a legal state."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from charter import review
from charter.actions import changes, commitments
from charter.errors import CharterError
from charter.models import Act, Change, Commitment, User
from charter.workflow import CHANGE_MOVES, COMMITMENT_MOVES, ChangeStatus, CommitmentStatus
from registry import clock
from registry.log import verifying
from registry.log.listing import replace_listed, update_listed
from registry.models import Entry, Record
from tests import factories
from tests.registry.listed import listed_rows

WRITERS, COUNCIL = {"Asha", "Ben"}, {"Dev"}
# People with permissions come more often, so that enough acts succeed.
people = st.sampled_from(["Asha", "Asha", "Ben", "Dev", "Dev", "Dev", "Grace", "Cara"])
PUBLIC = {
    CommitmentStatus.PUBLISHED: Record.Status.LIVE,
    CommitmentStatus.CLOSED: Record.Status.CLOSED,
    CommitmentStatus.WITHDRAWN: Record.Status.WITHDRAWN,
}
# The people allowed to bring a commitment or a change into each state.
ALLOWED_PEOPLE = {
    "submitted": WRITERS,
    "dropped": WRITERS,
    "draft": WRITERS,
    "returned": COUNCIL,
    "published": COUNCIL,
    "closed": COUNCIL,
    "withdrawn": COUNCIL,
}


# The possible starting points of the commitment.
STAGES = {
    "draft": factories.draft,
    "sent": factories.submitted_commitment,
    "returned": factories.returned_commitment,
    "public": factories.published_commitment,
    "with a change": lambda: commitment_with_change(factories.draft_change),
    "with a change that waits": lambda: commitment_with_change(factories.proposed_change),
    "with a change that came back": lambda: commitment_with_change(factories.returned_change),
}


def commitment_with_change(create_change: Callable[[Commitment], Change]) -> Commitment:
    return create_change(factories.published_commitment()).commitment


class RandomActs(RuleBasedStateMachine):
    """One commitment of Brookfield Catering in the hands of five people."""

    @initialize(stage=st.sampled_from([*STAGES]))
    def begin(self, stage: str) -> None:
        self.savepoint = transaction.savepoint()
        self.people: dict[str, User] = {
            "Asha": factories.asha(),
            "Ben": factories.ben(),
            "Grace": factories.grace(),
            "Cara": factories.cara(),
            "Dev": factories.officer(),
        }
        self.commitment = STAGES[stage]()

    def teardown(self) -> None:
        if hasattr(self, "savepoint"):
            # report_as_met() sets the delivery without an update, so verify() reports it.
            assert [fault for fault in verifying.verify() if "delivery" not in str(fault)] == []
            listed = listed_rows()
            replace_listed()
            assert listed_rows() == listed
            transaction.savepoint_rollback(self.savepoint)

    @rule(person=people, title=st.sampled_from(["Twenty", "Thirty"]), version=st.integers(1, 3))
    def save(self, person: str, title: str, version: int) -> None:
        self.act(person, commitments.save_draft, self.commitment, version=version, title=title)

    @rule(person=people)
    def submit(self, person: str) -> None:
        self.act(person, factories.submit, self.commitment)

    @rule(person=people)
    def take_back(self, person: str) -> None:
        self.act(person, review.take_back, self.commitment)

    @rule(person=people)
    def send_back(self, person: str) -> None:
        self.act(person, factories.return_with_comments, self.commitment, comments="Why?")

    @rule(person=people)
    def publish(self, person: str) -> None:
        self.act(person, factories.publish, self.commitment)

    @rule(
        person=people,
        action=st.sampled_from(["correct", "amend", "close", "withdraw"]),
        number=st.integers(1, 40),
        version=st.integers(0, 3),
    )
    def write_change(self, person: str, action: str, number: int, version: int) -> None:
        self.act(
            person,
            changes.save_draft,
            self.commitment,
            action=action,
            reason="So it is.",
            values={"target_value": number} if action in ("correct", "amend") else {},
            end_reason="contract_ended" if action == "close" else "",
            version=version,
        )

    @rule(person=people)
    def submit_change(self, person: str) -> None:
        self.act_on_change(person, factories.submit)

    @rule(person=people)
    def take_change_back(self, person: str) -> None:
        self.act_on_change(person, review.take_back)

    @rule(person=people)
    def drop_change(self, person: str) -> None:
        self.act_on_change(person, changes.drop)

    @rule(person=people)
    def send_change_back(self, person: str) -> None:
        self.act_on_change(person, factories.return_with_comments, comments="Why?")

    @rule(person=people)
    def publish_change(self, person: str) -> None:
        self.act_on_change(person, factories.publish)

    @rule()
    def report_as_met(self) -> None:
        Record.objects.filter(key=self.commitment.key).update(delivery="met")
        update_listed([self.commitment.key], clock.today())

    def act_on_change(self, person: str, act, **arguments) -> None:
        change = Change.objects.filter(commitment=self.commitment).order_by("-pk").first()
        if change:
            self.act(person, act, change, **arguments)

    def act(self, person: str, act, record, **arguments) -> None:
        """Perform an act as `person`. Refused acts change nothing; others follow the tables."""
        before, rows = self.states(), self.rows()
        entries, recorded = Entry.objects.count(), Act.objects.count()
        try:
            with transaction.atomic():
                act(record, by=self.people[person], **arguments)
        except CharterError:
            assert self.states() == before
            assert Entry.objects.count() == entries
            assert Act.objects.count() == recorded
            return
        new_acts = list(Act.objects.all()[recorded:])
        assert len(new_acts) == (self.rows() != rows)
        for new_act in new_acts:
            assert (new_act.cause, new_act.person_id) == ("person", self.people[person].pk)
            assert new_act.role
            assert new_act.objects_touched.exists()
        new_entries = Entry.objects.all()[entries:]
        assert {entry.act for entry in new_entries} <= {new_act.number for new_act in new_acts}
        for key, after in self.states().items():
            previous = before.get(key)
            if previous == after:
                continue
            moves = COMMITMENT_MOVES if key == "commitment" else CHANGE_MOVES
            assert previous is None and after == ChangeStatus.DRAFT or after in moves[previous]
            assert person in ALLOWED_PEOPLE[after]

    def rows(self) -> list[Any]:
        """Return the rows that acts on the commitment change."""
        tables = [
            Commitment.objects.filter(pk=self.commitment.pk),
            Change.objects.filter(commitment=self.commitment).order_by("pk"),
        ]
        return [list(table.values()) for table in tables]

    def states(self) -> dict[str, str]:
        states = {
            f"change {c.pk}": c.status for c in Change.objects.filter(commitment=self.commitment)
        }
        return states | {"commitment": Commitment.objects.get(pk=self.commitment.pk).status}

    @invariant()
    def public_record_matches_the_published_state(self) -> None:
        if not hasattr(self, "commitment"):
            return
        commitment = Commitment.objects.get(pk=self.commitment.pk)
        record = Record.objects.filter(key=commitment.key).first()
        assert (record.status if record else None) == PUBLIC.get(
            CommitmentStatus(commitment.status)
        )
        published = commitment.changes.filter(status=ChangeStatus.PUBLISHED).count()
        assert (record.version if record else 0) == (published + 1 if record else 0)
        if record and record.item:
            assert Decimal(record.item["target"]["value"]) == commitment.target_value
        assert commitment.changes.open().count() <= 1
