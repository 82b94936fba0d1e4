"""Seeder of the demonstration: two years and more, day by day, with a moving clock."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial

from charter import review
from charter.actions import following
from charter.mail import outbox
from charter.models import Change, Commitment, Message
from charter.review import ReviewItem
from charter.workflow import MessageState
from registry import clock, working_days
from registry.schema.code_lists import Standing
from reporting import schedule
from reporting.actions import checks, figures, periods
from reporting.demonstration import (
    batching,
    council,
    events,
    invitations,
    joining,
    passwords,
    readers,
    script,
    submissions,
)
from reporting.demonstration.mail_server import MailSinkServer
from reporting.demonstration.script import CommitmentSeed, SignatorySeed, UpdateSeed
from reporting.demonstration.seeded import SeededCommitment, SeededSignatory
from reporting.models import ProgressUpdate, ReportingPeriod, Success
from reporting.reminders import sending
from reporting.reminders import steps as reminder_steps

OPENS_BEFORE = 4  # Days before the first signatory joins.
OPENS_AT, EMAILS_SENT_AT = time(9, 5), time(10, 0)
# Of the distant past only Tuesdays are seeded, of the last five weeks every day.
TUESDAY = 1
EVERY_DAY_FOR = timedelta(days=35)
REVIEW_WEEKDAYS = {TUESDAY, 3}


class DemonstrationSeeder:
    """Seeds the whole demonstration, from an empty register to today.

    The actions of a day are one transaction and are published together. Of the distant past only
    one day a week is seeded, and its receipts are not sent.
    """

    def __init__(
        self,
        today: date,
        *,
        signatory_seeds: Sequence[SignatorySeed] = (),
        write_line: Callable[[str], None] = lambda words: None,
    ) -> None:
        self.today = today
        self.signatory_seeds = signatory_seeds or script.signatory_seeds()
        self.first_day = today - timedelta(days=self.signatory_seeds[0].joined + OPENS_BEFORE)
        self.write_line = write_line
        self.every_day_from = today - EVERY_DAY_FOR
        self.mail_server = MailSinkServer(self.every_day_from)
        self.agenda: dict[date, list[Callable[[], object]]] = defaultdict(list)
        # A redaction publishes its own entries, apart from the other actions of its day.
        self.redactions: dict[date, list[Callable[[], object]]] = defaultdict(list)
        self.seeded_commitments: dict[int, SeededCommitment] = {}
        self.seeded_signatories: dict[str, SeededSignatory] = {}
        self.commitments_by_name: dict[str, Commitment] = {}
        self.update_seeds: dict[int, UpdateSeed] = {}
        self.sending_days: dict[date, set[date]] = {}
        self.period_starts: set[date] = set()
        self.has_checks = False
        # The last seeded day, and the last day with reminders.
        self.previous_day = self.reminded_on = self.first_day - schedule.DAY

    def run(self) -> None:
        """Seed every day, until everything due by today has been sent."""
        with passwords.hash_each_once():
            self._seed_days()

    def _seed_days(self) -> None:
        self._fill_agenda()
        month = None
        for day in self._seeded_days():
            if day.month != month:
                month = day.month
                self.write_line(
                    f"{day:%B %Y}: {len(self.seeded_signatories)} organisations, "
                    f"{len(self.seeded_commitments)} commitments …"
                )
            with (
                clock.fixed_at(_time_on_day(day, OPENS_AT)),
                batching.whole_transaction(),
                batching.publish_at_end(),
            ):
                owed_dates = self._run_day(day)
            with clock.fixed_at(_time_on_day(day, EMAILS_SENT_AT)):
                for redact in self.redactions.pop(day, []):
                    redact()
                if day >= self.every_day_from:
                    following.queue_daily_emails(clock.now())
                if self._is_reminder_day(day, owed_dates):
                    sending.send_due_reminders(clock.now())
                    self.reminded_on = day
                self._send_messages(day)
            self.previous_day = day

    def _seeded_days(self) -> Iterator[date]:
        for number in range((self.today - self.first_day).days + 1):
            day = self.first_day + timedelta(days=number)
            if not number or day.weekday() == TUESDAY or day >= self.every_day_from:
                yield day

    def _send_messages(self, day: date) -> None:
        """Hand over queued email, but cancel receipts of the distant past."""
        queued_messages = Message.objects.filter(state=MessageState.QUEUED)
        if day < self.every_day_from:
            queued_messages.filter(kind="receipt").update(
                state=MessageState.CANCELLED,
                last_code="The demonstration does not send old receipts",
                finished_at=clock.now(),
            )
        with batching.publish_at_end():
            while queued_messages.exists():
                outbox.hand_over_next(self.mail_server)

    def _fill_agenda(self) -> None:
        """Schedule the scripted actions; other actions follow from them."""
        self.agenda[self.first_day].append(self._open_register)
        for seed in self.signatory_seeds:
            joined_on = self._days_ago(seed.joined)
            self.agenda[joined_on].append(partial(self._admit_signatory, seed))
            for commitment_seed in seed.commitments:
                day = joined_on + timedelta(days=commitment_seed.after)
                self.agenda[day].append(partial(self._add_commitment, commitment_seed, seed))
            for field, event in events.EVENTS_BY_FIELD.items():
                if event_details := getattr(seed, field):
                    day = self._days_ago(event_details[0])
                    self.agenda[day].append(
                        partial(self._run_event, event, seed, event_details[1:])
                    )
        for featured_record in script.featured_record_rows():
            self.agenda[self._days_ago(featured_record["chosen"])].append(
                partial(self._feature_record, **featured_record)
            )
        for days_ago, action in invitations.invitation_actions():
            self.agenda[self._days_ago(days_ago)].append(action)
        for days_ago, action in readers.reader_actions(self.commitments_by_name):
            self.agenda[self._days_ago(days_ago)].append(action)
        for redaction in script.redaction_rows():
            self.redactions[self._days_ago(redaction["found"])].append(
                partial(readers.redact_text, **redaction)
            )

    def _run_day(self, day: date) -> set[tuple[int, date]]:
        """Run the actions of a day; return the owed commitments with due dates."""
        actions = [
            action for due in sorted(self.agenda) if due <= day for action in self.agenda.pop(due)
        ]
        for action in actions:
            action()
        owed_dates = set(ReportingPeriod.objects.owed().values_list("commitment", "due_on"))
        for pk, due_on in sorted(owed_dates):
            seeded = self.seeded_commitments.get(pk)
            if (
                seeded
                and seeded.sends_updates_now
                and self.previous_day < due_on + seeded.late <= day
            ):
                self._send_next_update(seeded)
        if day.weekday() in REVIEW_WEEKDAYS:
            self._review_submissions()
        if day.month != self.previous_day.month:
            figures.publish_due_figures(clock.now())
        if actions or any(begins_on <= day for begins_on in self.period_starts):
            periods.sync_periods(clock.now())
            future_periods = ReportingPeriod.objects.filter(due_on__gt=day)
            self.period_starts = set(future_periods.values_list("due_on", flat=True))
        return owed_dates

    def _open_register(self) -> None:
        self.charter, self.officer = joining.open_register()
        self.steps = reminder_steps.steps_for_new_periods(self.charter, is_final=True)

    def _admit_signatory(self, seed: SignatorySeed) -> None:
        seeded = joining.join_charter(seed, charter=self.charter, officer=self.officer)
        self.seeded_signatories[seed.name] = seeded
        if seed.standing == Standing.ACCREDITED:
            self._accredit_signatory(seeded)

    def _accredit_signatory(self, seeded: SeededSignatory) -> None:
        renewed_on = joining.accredit_signatory(seeded, self.officer)
        self.agenda[renewed_on].append(partial(self._accredit_signatory, seeded))

    def _add_commitment(self, seed: CommitmentSeed, signatory_seed: SignatorySeed) -> None:
        """Draft, submit and publish a commitment, as far as scripted."""
        seeded_signatory = self.seeded_signatories[signatory_seed.name]
        template = self.commitments_by_name.get(seed.like)
        commitment = submissions.draft_commitment(
            seed, seeded_signatory, based_on=template.key if template else ""
        )
        if seed.stays == "draft":
            return
        commitment = submissions.send_from_preview(commitment, by=seeded_signatory.owner)
        item = council.find_item(commitment.key, officer=self.officer)
        if seed.stays == "returned":
            council.return_item(item, officer=self.officer, comments=seed.returned)
        if seed.stays:
            return
        council.publish_item(item, officer=self.officer)
        seeded = SeededCommitment(seed, commitment, seeded_signatory, iter(seed.updates))
        self.seeded_commitments[commitment.pk] = seeded
        self.commitments_by_name[seeded.name] = commitment
        for change_seed in seed.changes:
            self._schedule_in(change_seed.after, partial(self._add_change, seeded, change_seed))
        for success_row in seed.successes:
            self._schedule_in(
                success_row[0], partial(submissions.submit_success, seeded, *success_row[1:])
            )

    def _add_change(self, seeded: SeededCommitment, seed: script.ChangeSeed) -> None:
        if seed.ground:
            council.correct_commitment(seeded.reload(), seed, officer=self.officer)
            return
        submissions.submit_change(seeded, seed)
        if seed.waits:
            return
        item = council.find_item(seeded.commitment.key, officer=self.officer)
        council.publish_item(item, officer=self.officer, pointed_out=seed.pointed_out)
        seeded.open = seed.action not in (Change.Action.CLOSE, Change.Action.WITHDRAW)

    def _send_next_update(self, seeded: SeededCommitment) -> None:
        """Send the next scripted update; without one, none is sent."""
        update_seed = next(seeded.remaining_updates, None)
        if update_seed is not None:
            update = submissions.submit_update(seeded, update_seed)
            self.update_seeds[update.pk] = update_seed

    def _review_submissions(self) -> None:
        """Review updates and successes, and publish the checks now due."""
        if self.has_checks:
            checks.publish_due_checks(clock.now())
        for item in review.list_items(self.officer):
            if isinstance(item.submission, ProgressUpdate):
                self._review_update(item, item.submission)
            elif isinstance(item.submission, Success) and item.days_waiting(clock.today()) >= 2:
                council.publish_item(item, officer=self.officer)

    def _review_update(self, item: ReviewItem, update: ProgressUpdate) -> None:
        seed = self.update_seeds[update.pk]
        if seed.stays == "returned":
            council.return_item(item, officer=self.officer, comments=seed.returned)
        elif not seed.stays:
            council.publish_item(item, officer=self.officer)
            if seed.check:
                self._schedule_in(2, partial(self._check_update, update, *seed.check))
            if seed.confirm:
                self._schedule_in(2, partial(self._confirm_update, update, *seed.confirm))

    def _check_update(self, update: ProgressUpdate, result: str, finding: str, reply: str) -> None:
        check = council.record_check(update, officer=self.officer, result=result, finding=finding)
        self.has_checks = True
        if reply and reply != "waits":
            sender = self.seeded_commitments[update.commitment_id].sender
            self._schedule_in(6, partial(council.reply_to_check, check, sender=sender, reply=reply))

    def _confirm_update(
        self, update: ProgressUpdate, body: str, answer: str, may_be_named: bool
    ) -> None:
        """Ask a beneficiary about an update, and schedule its answer."""
        sender = self.seeded_commitments[update.commitment_id].sender
        confirmation = council.request_confirmation(update, sender=sender, body=body)
        confirm = partial(
            council.confirm_update, confirmation, answer=answer, may_be_named=may_be_named
        )
        self._schedule_in(5, confirm)

    def _run_event(
        self, event: Callable[..., object], seed: SignatorySeed, details: tuple[object, ...]
    ) -> None:
        """Run a scripted event, or try again on the next day if the register is not so far.

        Due dates are those of the calendar: how far it is some days ago differs from day to day.
        """
        seeded = self.seeded_signatories[seed.name]
        try:
            event(seeded, self.officer, self.seeded_signatories, *details)
        except events.TooEarlyError:
            self._schedule_in(1, partial(self._run_event, event, seed, details))

    def _feature_record(self, about: str, why: str, chosen: int) -> None:
        success = Success.objects.filter(title=about.partition(": ")[2]).first()
        # A run may seed only some of the signatories.
        if record := self.commitments_by_name.get(about) or success:
            council.feature_record(record, officer=self.officer, why=why)

    def _is_reminder_day(self, day: date, owed_dates: set[tuple[int, date]]) -> bool:
        """Return True if a reminder step is due on a day."""
        for due_on in {due_on for _, due_on in owed_dates} - set(self.sending_days):
            span = schedule.Span(due_on, due_on - schedule.DAY)
            self.sending_days[due_on] = {schedule.sending_day(span, step) for step in self.steps}
        sending_days = (
            sending_day
            for due_on in {due_on for _, due_on in owed_dates}
            for sending_day in self.sending_days[due_on]
        )
        return working_days.is_working_day(day) and any(
            self.reminded_on < sending_day <= day for sending_day in sending_days
        )

    def _schedule_in(self, days: int, action: Callable[[], object]) -> None:
        """Schedule an action in `days` days, or before today if negative."""
        day = self._days_ago(-days) if days < 0 else clock.today() + timedelta(days=days)
        self.agenda[day].append(action)

    def _days_ago(self, days: int) -> date:
        return self.today - timedelta(days=days)


def _time_on_day(day: date, hour: time) -> datetime:
    """Return the time on a day, but not later than now."""
    return min(datetime.combine(day, hour, clock.LONDON), clock.now())
