"""Runs a script on the real register, hour by hour, with a mail server that accepts everything."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from charter import review
from charter.actions import changes, charters, commitments, people, signatories
from charter.errors import WrongStateError
from charter.mail import bounces, outbox
from charter.mail.smtp import Phase, ServerReply
from charter.models import Change, Commitment, Membership, Message, Signatory, User
from registry import clock
from registry.log.progress import deadline_of
from registry.models import Record
from registry.wording import sentences
from reporting.actions import periods, updates
from reporting.reminders import sending
from tests import factories
from tests.reporting.simulation.script import Event, Script, owner, sponsor, successor


@dataclass
class DeliveredEmail:
    """An email that the mail server accepted."""

    at: datetime
    recipient: str
    kind: str


@dataclass
class World:
    script: Script
    emails: list[DeliveredEmail] = field(default_factory=list)
    signatories: dict[int, Signatory] = field(default_factory=dict)
    commitments: dict[int, Commitment] = field(default_factory=dict)
    # What public pages said against signatories: by key of the commitment, and since when.
    accusations: dict[tuple[str, str], date] = field(default_factory=dict)

    def run(self) -> None:
        """Run every event at its moment, and the scheduled jobs at every tick."""
        with clock.fixed_at(self.script.start):
            factories.measure()
            self.officer = factories.officer()
            self.administrator = factories.administrator()
        handlers: dict[str, Callable[[Event], None]] = {
            name.removeprefix("on_"): getattr(self, name)
            for name in dir(self)
            if name.startswith("on_")
        }
        events = iter(self.script.events)
        event = next(events, None)
        for tick in self.script.ticks():
            while event and event.at < tick:
                with clock.fixed_at(event.at):
                    handlers[event.kind](event)
                event = next(events, None)
            with clock.fixed_at(tick):
                periods.sync_periods(tick)
                sending.send_due_reminders(tick)
                # One pass may find only expired emails, so repeat it as the scheduler does.
                while Message.objects.filter(kind="reminder", state="queued").exists():
                    outbox.hand_over_next(self)
                self.read_pages(clock.today())

    def read_pages(self, today: date) -> None:
        """Note each sentence that a public page begins to say against a signatory."""
        records = Record.objects.of_kind("commitment").with_reporting(today)
        for record in records.filter(reporting__in=["overdue", "silent"]):
            self.accusations.setdefault((record.key, sentences.negative_sentence(record)), today)
        for record in records.filter(ending="final_update_due"):
            deadline = date.fromisoformat(deadline_of(record.item))
            sentence = f"{sentences.no_final_update_text(deadline)}."
            self.accusations.setdefault((record.key, sentence), today)

    def hand_over(self, message: Message) -> ServerReply:
        self.emails.append(DeliveredEmail(clock.now(), message.recipient, message.kind))
        return ServerReply(Phase.AFTER_DOT, 250, "OK")

    def close(self) -> None:
        pass

    def on_join(self, event: Event) -> None:
        self.signatories[event.signatory] = factories.signatory(
            f"Organisation {event.signatory}", contact_email=owner(event.signatory)
        )
        factories.accept_invitation(owner(event.signatory), "Owner")

    def on_sponsor(self, event: Event) -> None:
        self._invite(event, sponsor(event.signatory), Membership.Role.SPONSOR)

    def on_commitment(self, event: Event) -> None:
        by, measure = self._contact(event), factories.measure()
        draft = commitments.start_draft(
            by=by,
            signatory=self.signatories[event.signatory],
            theme=measure.theme,
            measure=measure,
            title=f"Commitment {event.commitment}",
            description="What we will do.",
            target_value=20,
            end_on=event.until,
            evidence_kind="payroll",
            evidence_text="Payroll records",
            additionality="additional",
            cadence=event.value,
        )
        factories.submit(draft, by=by)
        assert event.commitment is not None
        self.commitments[event.commitment] = factories.publish(draft, by=self.officer)

    def on_update(self, event: Event) -> None:
        self._send_update(event, final=False)

    def on_finish(self, event: Event) -> None:
        self._send_update(event, final=True)

    def on_take_back(self, event: Event) -> None:
        for update in self._commitment(event).updates.sent().filter(is_final=True):
            review.take_back(update, by=self._contact(event))

    def _send_update(self, event: Event, *, final: bool) -> None:
        commitment, by = self._commitment(event), self._contact(event)
        try:
            update = updates.start_draft(commitment, by=by, final=final)
        except WrongStateError:
            return  # No update is due.
        fields = {"value": 14, "self_assessment": "on_track", "narrative": "Fourteen."}
        factories.submit(updates.save_draft(update, by=by, version=update.version, **fields), by=by)

    def on_withdraw(self, event: Event) -> None:
        commitment, by = self._commitment(event), self._contact(event)
        change = changes.save_draft(
            commitment, by=by, action=Change.Action.WITHDRAW, reason="We cannot keep it."
        )
        factories.publish(factories.submit(change, by=by), by=self.officer)

    def on_extend(self, event: Event) -> None:
        """Move every due date whose new day is still to come."""
        days = int(event.value)
        longest_past = clock.today() - timedelta(days=days)
        movable = self._commitment(event).periods.filter(due_on__gt=longest_past)
        periods.extend_due_dates(movable, by=self.officer, days=days, reason="A flood.")

    def on_cadence(self, event: Event) -> None:
        Commitment.objects.filter(pk=self._commitment(event).pk).update(cadence=event.value)

    def on_pause(self, event: Event) -> None:
        signatories.pause(
            self.signatories[event.signatory], by=self.officer, until=event.until, reason="A fire."
        )

    def on_leave(self, event: Event) -> None:
        Signatory.objects.filter(pk=self.signatories[event.signatory].pk).update(
            left_on=clock.today()
        )

    def on_ladder(self, event: Event) -> None:
        """Change the reminder days; periods already running keep theirs."""
        charters.amend_charter(
            factories.charter(),
            by=self.administrator,
            reason="We ask at other times.",
            authority={},
            values={"reminder_days": [int(step) for step in event.value.split(",")]},
        )

    def on_bounce(self, event: Event) -> None:
        factories.lose_mailbox(owner(event.signatory))

    def on_clear(self, event: Event) -> None:
        bounces.clear_bounce(self._membership(owner(event.signatory)), by=self.officer)

    def on_sponsor_bounce(self, event: Event) -> None:
        factories.lose_mailbox(sponsor(event.signatory))

    def on_sponsor_clear(self, event: Event) -> None:
        for member in Membership.objects.filter(user__email=sponsor(event.signatory)):
            bounces.clear_bounce(member, by=self.officer)

    def on_stop(self, event: Event) -> None:
        Membership.objects.filter(user__email=owner(event.signatory)).update(nudges_stopped=True)

    def on_ask(self, event: Event) -> None:
        Membership.objects.filter(user__email=owner(event.signatory)).update(nudges_stopped=False)

    def on_not_now(self, event: Event) -> None:
        Membership.objects.filter(user__email=owner(event.signatory)).update(
            nudges_paused_until=event.until
        )

    def on_hand_over(self, event: Event) -> None:
        """Replace the owner by a successor."""
        self._invite(event, successor(event.signatory), Membership.Role.OWNER)
        Membership.objects.filter(user__email=owner(event.signatory)).update(ended_on=clock.today())

    def _invite(self, event: Event, email: str, role: str) -> None:
        organisation = self.signatories[event.signatory].organisation
        by = User.objects.get(email=owner(event.signatory))
        people.invite(by=by, email=email, organisation=organisation, role=role)
        factories.accept_invitation(email, email)

    def _commitment(self, event: Event) -> Commitment:
        assert event.commitment is not None
        commitment = self.commitments[event.commitment]
        commitment.refresh_from_db()
        return commitment

    def _membership(self, email: str) -> Membership:
        return Membership.objects.get(user__email=email)

    def _contact(self, event: Event) -> User:
        organisation = self.signatories[event.signatory].organisation
        owners = Membership.objects.current().filter(organisation=organisation, role="owner")
        return owners.latest("pk").user
