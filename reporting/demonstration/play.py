"""Plays the demonstration: two years and more, day by day, with the clock of each day."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial

from django.db import transaction

from charter import outbox
from charter.actions import applications, changes, charters, commitments, following, people
from charter.models import Change, Commitment, Message, User
from charter.reference import authority, charter, measures, themes
from charter.workflow import ChangeStatus, MessageState
from registry import clock, log
from reporting import ladder, reminders, schedule
from reporting.actions import (
    checks,
    confirmations,
    examples,
    figures,
    periods,
    successes,
    updates,
)
from reporting.demonstration import events, readers, script
from reporting.demonstration import firm as firms
from reporting.demonstration.firm import Playing, Troupe
from reporting.demonstration.script import Answer, Firm, Promise
from reporting.demonstration.shelf import Shelf
from reporting.models import Check, ProgressUpdate, ReportingPeriod, Success
from reporting.workflow import NewsStatus

OFFICER, ADMINISTRATOR = "officer@example.org", "admin@example.org"
OPENS_BEFORE = 4  # days before the first signatory joins
OPENS, MAILS_GO_AT = time(9, 5), time(10, 0)
# What is long past is played on Tuesdays alone, the last five weeks day by day.
TUESDAY = 1
EVERY_DAY_FOR = timedelta(days=35)
THE_COUNCIL_LOOKS_ON = {TUESDAY, 3}


class Play:
    """The whole demonstration, from an empty register to today.

    The acts of a day are one transaction and are published together; of what is long past one day a
    week is played, and receipts are not sent.
    """

    def __init__(
        self,
        today: date,
        *,
        cast: Sequence[Firm] = (),
        say: Callable[[str], None] = lambda words: None,
    ) -> None:
        self.today = today
        self.cast = cast or script.firms()
        self.first_day = today - timedelta(days=self.cast[0].joined + OPENS_BEFORE)
        self.say = say
        self.every_day_from = today - EVERY_DAY_FOR
        self.shelf = Shelf(self.every_day_from)
        self.agenda: dict[date, list[Callable[[], object]]] = defaultdict(list)
        # What goes out of the log publishes by itself, not with the other acts of its day.
        self.removals: dict[date, list[Callable[[], object]]] = defaultdict(list)
        self.stage: dict[int, Playing] = {}
        self.troupes: dict[str, Troupe] = {}
        self.keys: dict[str, Commitment] = {}
        self.said: dict[int, Answer] = {}
        self.asking: dict[date, set[date]] = {}
        self.periods_begin: set[date] = set()
        self.checked = False
        # The day played last, and the day on which news was asked for last.
        self.before = self.asked = self.first_day - schedule.DAY

    def run(self) -> None:
        """Play every day; whatever was due by today has then been sent."""
        self._plan()
        month = None
        for day in self._days():
            if day.month != month:
                month = day.month
                self.say(f"{day:%B %Y}: {len(self.troupes)} firms, {len(self.stage)} promises …")
            with clock.at(_at(day, OPENS)), transaction.atomic(), log.gathered():
                owed = self._act(day)
            with clock.at(_at(day, MAILS_GO_AT)):
                for remove in self.removals.pop(day, []):
                    remove()
                if day >= self.every_day_from:
                    following.sweep(clock.now())
                if self._asks(day, owed):
                    reminders.sweep(clock.now())
                    self.asked = day
                self._send(day)
            self.before = day

    def _days(self) -> Iterator[date]:
        for number in range((self.today - self.first_day).days + 1):
            day = self.first_day + timedelta(days=number)
            if not number or day.weekday() == TUESDAY or day >= self.every_day_from:
                yield day

    def _send(self, day: date) -> None:
        """Hand over what waits; of what is long past no receipts."""
        waiting = Message.objects.filter(state=MessageState.QUEUED)
        if day < self.every_day_from:
            waiting.filter(kind="receipt").update(
                state=MessageState.CANCELLED,
                last_code="The demonstration sends no receipts of what is long past",
                finished_at=clock.now(),
            )
        with log.gathered():
            while count := waiting.count():
                outbox.drain(count, brake=False, server=self.shelf)

    def _plan(self) -> None:
        """Put what the script tells by itself on the agenda; the rest follows from acts."""
        self.agenda[self.first_day].append(self._open_the_register)
        for firm in self.cast:
            joins = self._ago(firm.joined)
            self.agenda[joins].append(partial(self._admit, firm))
            for promise in firm.promises:
                day = joins + timedelta(days=promise.after)
                self.agenda[day].append(partial(self._promise, promise, firm))
            for field, event in events.BY_FIELD.items():
                if told := getattr(firm, field):
                    day = self._ago(told[0])
                    self.agenda[day].append(partial(self._happen, event, firm, told[1:]))
        for asked in script.applications():
            self.agenda[self._ago(asked.pop("asked"))].append(partial(self._apply, asked))
        for example in script.examples():
            self.agenda[self._ago(example["chosen"])].append(partial(self._choose, **example))
        for days_ago, act in readers.plan(self.keys):
            self.agenda[self._ago(days_ago)].append(act)
        for removal in script.redactions():
            self.removals[self._ago(removal["found"])].append(partial(readers.take_out, **removal))

    def _act(self, day: date) -> set[tuple[int, date]]:
        """Do what this day has; return which promises owed an answer, and when it fell due."""
        acts = [act for due in sorted(self.agenda) if due <= day for act in self.agenda.pop(due)]
        for act in acts:
            act()
        owed = set(ReportingPeriod.objects.owed().values_list("commitment", "due_on"))
        for pk, due_on in sorted(owed):
            playing = self.stage.get(pk)
            if playing and playing.answers_now and self.before < due_on + playing.late <= day:
                self._answer(playing)
        if day.weekday() in THE_COUNCIL_LOOKS_ON:
            self._look()
        if day.month != self.before.month:
            figures.publish_due(clock.now())
        if acts or any(begin <= day for begin in self.periods_begin):
            periods.follow(clock.now())
            coming = ReportingPeriod.objects.filter(due_on__gt=day)
            self.periods_begin = set(coming.values_list("due_on", flat=True))
        return owed

    def _open_the_register(self) -> None:
        """Set up the charter and the council's two accounts."""
        link = people.invite_administrator(email=ADMINISTRATOR)
        invitation = people.find_invitation(link.rpartition("/")[2])
        administrator = people.accept(invitation, name="Ada Administrator", password=firms.PASSWORD)
        self.charter = charters.set_up(
            by=administrator,
            authority=authority(),
            charter=charter(),
            themes=themes(),
            measures=measures(),
        )
        people.invite(by=administrator, email=OFFICER, council_role=User.CouncilRole.OFFICER)
        self.officer = firms.let_in(OFFICER, "Olu Officer", signs_in=True)
        self.steps = ladder.steps_from_now_on(self.charter)

    def _admit(self, firm: Firm) -> None:
        self.troupes[firm.name] = firms.join(
            firm, charter=self.charter, officer=self.officer, number=len(self.troupes) + 1
        )

    def _promise(self, promise: Promise, firm: Firm) -> None:
        """Let a promise be written, sent, and published by the council, as far as it comes."""
        troupe = self.troupes[firm.name]
        like = self.keys.get(promise.like)
        commitment = firms.write(promise, troupe, made_like=like.key if like else "")
        if promise.stays == "draft":
            return
        commitment = commitments.submit(commitment, by=troupe.owner)
        if promise.stays == "returned":
            commitments.return_with_words(commitment, by=self.officer, words=promise.returned)
        if promise.stays:
            return
        commitment = commitments.approve(commitment, by=self.officer)
        playing = Playing(promise, commitment, troupe, iter(promise.news))
        self.stage[commitment.pk] = playing
        self.keys[f"{firm.name}: {promise.title}"] = commitment
        for told in promise.changes:
            self._after(told.after, partial(self._turn, playing, told))
        for story in promise.stories:
            self._after(story[0], partial(firms.boast, playing, *story[1:]))

    def _turn(self, playing: Playing, told: script.Turn) -> None:
        firms.turn(playing, told)
        if told.waits:
            return
        waiting = Change.objects.get(commitment=playing.commitment, status=ChangeStatus.SUBMITTED)
        if told.pointed_out:
            changes.say_pointed_out(waiting, by=self.officer)
        changes.approve(waiting, by=self.officer)
        playing.open = told.action not in (Change.Action.CLOSE, Change.Action.WITHDRAW)

    def _answer(self, playing: Playing) -> None:
        """Let the answer be sent that the script has next; when it has none, they are silent."""
        answer = next(playing.answers, None)
        if answer is not None:
            update = firms.tell(playing, answer)
            self.said[update.pk] = answer

    def _look(self) -> None:
        """Let the council decide on what waits, and publish checks whose time to reply is over."""
        if self.checked:
            checks.publish_due(clock.now())
        for update in ProgressUpdate.objects.awaiting_review():
            answer = self.said[update.pk]
            if answer.stays == "returned":
                updates.return_with_words(update, by=self.officer, words=answer.returned)
            elif not answer.stays:
                updates.approve(update, by=self.officer)
                self._follow_up(update, answer)
        before = clock.now() - timedelta(days=2)
        for success in Success.objects.filter(
            status=NewsStatus.SUBMITTED, submitted_at__lte=before
        ):
            successes.approve(success, by=self.officer)

    def _follow_up(self, update: ProgressUpdate, answer: Answer) -> None:
        if answer.check:
            self._after(2, partial(self._check, update, answer.check))
        if answer.confirm:
            self._after(2, partial(self._ask_a_body, update, answer.confirm))

    def _check(self, update: ProgressUpdate, told: tuple[str, str, str]) -> None:
        result, finding, reply = told
        check = checks.record(
            update, by=self.officer, by_role="Charter team", result=result, finding=finding
        )
        self.checked = True
        if reply and reply != "waits":
            self._after(6, partial(self._reply, check, reply))

    def _reply(self, check: Check, words: str) -> None:
        teller = self.stage[check.update.commitment_id].teller
        checks.reply(check, by=teller, words=words)

    def _ask_a_body(self, update: ProgressUpdate, told: tuple[str, str, bool]) -> None:
        body, answer, named = told
        teller = self.stage[update.commitment_id].teller
        made = confirmations.ask(
            update, by=teller, body=body, email=f"{update.key.lower()}@body.example"
        )
        self._after(5, partial(confirmations.answer, made, answer=answer, may_be_named=named))

    def _happen(self, event: Callable[..., object], firm: Firm, told: tuple[object, ...]) -> None:
        event(self.troupes[firm.name], self.officer, self.troupes, *told)

    def _choose(self, about: str, why: str, chosen: int) -> None:
        """Let the council hold a promise up as an example."""
        if commitment := self.keys.get(about):  # a part of the cast may play alone
            examples.choose(commitment, by=self.officer, why=why)

    def _apply(self, asked: dict[str, str]) -> None:
        applications.apply(self.charter, **asked)

    def _asks(self, day: date, owed: set[tuple[int, date]]) -> bool:
        """Say whether a step of the ladder goes out on a day."""
        for due_on in {due_on for _, due_on in owed} - set(self.asking):
            span = schedule.Span(due_on, due_on - schedule.DAY)
            self.asking[due_on] = {schedule.sending_day(span, step) for step in self.steps}
        steps = (
            asked for due_on in {due_on for _, due_on in owed} for asked in self.asking[due_on]
        )
        return schedule.is_working_day(day) and any(self.asked < step <= day for step in steps)

    def _after(self, days: int, act: Callable[[], object]) -> None:
        """Put on the agenda what comes so many days from now; negative: days before today."""
        day = self._ago(-days) if days < 0 else clock.today() + timedelta(days=days)
        self.agenda[day].append(act)

    def _ago(self, days: int) -> date:
        return self.today - timedelta(days=days)


def _at(day: date, hour: time) -> datetime:
    """Return an hour of a day; of today no later one than now."""
    return min(datetime.combine(day, hour, clock.LONDON), clock.now())
