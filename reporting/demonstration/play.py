"""Plays the demonstration: a little over a year, day by day, with the clock of each day."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from charter import outbox
from charter.actions import bounces, changes, charters, commitments, people, signatories
from charter.models import (
    Change,
    Commitment,
    Invitation,
    Measure,
    Membership,
    Message,
    Signatory,
    User,
)
from charter.reference import authority, charter, measures, themes
from charter.workflow import Standing
from registry import clock
from reporting import reminders, schedule
from reporting.actions import periods, successes, updates
from reporting.demonstration.cast import FIRMS, PROMISES, Answer, Firm, Promise
from reporting.models import ProgressUpdate, ReportingPeriod, Success
from reporting.workflow import NewsStatus

LASTS_DAYS = 420
PASSWORD = "demonstration"  # noqa: S105 - printed at the start; production refuses these accounts
OFFICER, ADMINISTRATOR = "officer@example.org", "admin@example.org"
CHECKED_AFTER = timedelta(days=3)
OPENS, MAILS_GO_AT = time(9, 5), time(10, 0)
PAUSED, PAUSED_ON_DAY = "Tamebrook Housing", 385
UNREACHABLE, UNREACHABLE_ON_DAY = "Meriden Fleet Services Ltd", 330


@dataclass
class Playing:
    """A promise on the stage: its row, and the answers still to be given."""

    promise: Promise
    commitment: Commitment
    owner: User
    answers: Iterator[Answer]
    open: bool = True


class Play:
    """The whole demonstration, from an empty register to today."""

    def __init__(self, today: date, say: Callable[[str], None]) -> None:
        self.today = today
        self.first_day = today - timedelta(days=LASTS_DAYS)
        self.say = say
        self.stage: list[Playing] = []
        self.owners: dict[str, User] = {}
        self.signatories: dict[str, Signatory] = {}

    def run(self) -> None:
        """Play every day; whatever was due by today has then been sent."""
        month = None
        for day in (self.first_day + timedelta(days=n) for n in range(LASTS_DAYS + 1)):
            if day.month != month:
                month = day.month
                self.say(
                    f"{day:%B %Y}: {len(self.signatories)} firms, {len(self.stage)} promises …"
                )
            with clock.at(_at(day, OPENS)):
                if day == self.first_day:
                    self._open_the_register()
                self._play(day, self._number(day))
                periods.follow(clock.now())
                self._answer(day)
                self._check(day)
            with clock.at(min(_at(day, MAILS_GO_AT), clock.now())):
                reminders.sweep(clock.now())
                while outbox.drain(brake=False):
                    pass

    def _open_the_register(self) -> None:
        """Set up the charter and the council's two accounts."""
        link = people.invite_administrator(email=ADMINISTRATOR)
        invitation = people.find_invitation(link.rpartition("/")[2])
        self.administrator = people.accept(invitation, name="Ada Administrator", password=PASSWORD)
        self.charter = charters.set_up(
            by=self.administrator,
            authority=authority(),
            charter=charter(),
            themes=themes(),
            measures=measures(),
        )
        people.invite(by=self.administrator, email=OFFICER, council_role="officer")
        self.officer = self._accept(OFFICER, "Olu Officer")

    def _play(self, day: date, number: int) -> None:
        """Do what the script has for this day."""
        for firm in FIRMS:
            if firm.joins_on_day == number:
                self._admit(firm)
        for promise in PROMISES:
            firm = next(firm for firm in FIRMS if firm.name == promise.firm)
            if firm.joins_on_day + promise.written_after == number:
                self._promise(promise)
        for playing in self.stage:
            self._change_or_tell(playing, day)
        if number == PAUSED_ON_DAY:
            signatories.pause(
                self.signatories[PAUSED],
                by=self.officer,
                until=day + timedelta(days=120),
                reason="The association merges with another; news follows after the merger.",
            )
        if number == UNREACHABLE_ON_DAY:
            self._lose(UNREACHABLE)

    def _admit(self, firm: Firm) -> None:
        signatory = signatories.admit(
            by=self.officer,
            charter=self.charter,
            legal_name=firm.name,
            kind=firm.kind,
            size=firm.size,
            sector=firm.sector,
            route=firm.route,
            area_codes=list(firm.wards),
            contact_email=firm.owner,
            standing=Standing.ACCREDITED,
            certificate_number=f"D{len(self.signatories) + 1:03}",
            accredited_from=clock.today(),
            accredited_to=schedule.add_months(clock.today(), 24),
        )
        self.signatories[firm.name] = signatory
        owner = self._accept(firm.owner, f"Owner at {firm.name}")
        self.owners[firm.name] = owner
        if firm.sponsor:
            people.invite(
                by=owner,
                email=firm.sponsor,
                organisation=signatory.organisation,
                role=Membership.Role.SPONSOR,
            )
            self._accept(firm.sponsor, f"Sponsor at {firm.name}")

    def _accept(self, email: str, name: str) -> User:
        return people.accept(Invitation.objects.get(email=email), name=name, password=PASSWORD)

    def _promise(self, promise: Promise) -> None:
        """Write a promise, send it, and let the council publish it."""
        owner, signatory = self.owners[promise.firm], self.signatories[promise.firm]
        measure = Measure.objects.select_related("theme").get(code=promise.measure)
        today = clock.today()
        kind, words = promise.evidence
        commitment = commitments.start(
            by=owner,
            signatory=signatory,
            theme=measure.theme,
            measure=measure,
            title=promise.title,
            description=promise.description,
            evidence_kind=kind,
            evidence_text=words,
            target_value=Decimal(promise.target) if promise.target else None,
            baseline_value=Decimal(promise.baseline) if promise.baseline else None,
            baseline_on=today if promise.baseline else None,
            start_on=today,
            end_on=schedule.add_months(today, promise.months) - timedelta(days=1),
            area_codes=list(promise.wards),
            additionality="core" if promise.core else "additional",
            cadence=promise.cadence,
        )
        if promise.stays_in == "draft":
            return
        commitment = commitments.submit(commitment, by=owner)
        if promise.stays_in == "returned":
            words = "Which schools? Please name the wards, so that parents can find this."
            commitments.return_with_words(commitment, by=self.officer, words=words)
        elif promise.stays_in == "public":
            commitment = commitments.approve(commitment, by=self.officer)
            self.stage.append(Playing(promise, commitment, owner, iter(promise.answers)))

    def _change_or_tell(self, playing: Playing, day: date) -> None:
        """Make the changes and tell the stories that are due on this day."""
        published = clock.local_date(playing.commitment.published_at or clock.now())
        age = (day - published).days
        for after, action, reason, values, end_reason in playing.promise.changes:
            if after == age:
                change = changes.write(
                    playing.commitment,
                    by=playing.owner,
                    action=action,
                    reason=reason,
                    values=self._values(playing.commitment, values),
                    end_reason=end_reason,
                )
                changes.submit(change, by=playing.owner)
                changes.approve(change, by=self.officer)
                playing.open = action not in (Change.Action.CLOSE, Change.Action.WITHDRAW)
        for after, title, story in playing.promise.successes:
            if after == age:
                success = successes.save(
                    playing.commitment,
                    by=playing.owner,
                    title=title,
                    story=story,
                    happened_from=day - timedelta(days=20),
                    area_codes=list(playing.promise.wards),
                    people_consent=Success.Consent.NONE_IDENTIFIABLE,
                )
                successes.submit(success, by=playing.owner)

    @staticmethod
    def _values(commitment: Commitment, values: dict[str, str]) -> dict[str, object]:
        """Turn the script's values into those of fields; `+6` is so many months later."""
        made: dict[str, object] = {}
        if "target_value" in values:
            made["target_value"] = Decimal(values["target_value"])
        if "end_on" in values and commitment.end_on:
            made["end_on"] = schedule.add_months(commitment.end_on, int(values["end_on"]))
        return made

    def _answer(self, day: date) -> None:
        """Let firms answer for the periods that their habit has come to."""
        owed = set(ReportingPeriod.objects.owed().values_list("commitment", "due_on"))
        for playing in self.stage:
            due_on = day - timedelta(days=playing.promise.days_late)
            paused = playing.promise.firm == PAUSED and self._number(day) >= PAUSED_ON_DAY
            if playing.open and not paused and (playing.commitment.pk, due_on) in owed:
                answer = next(playing.answers, None)
                if answer is not None:
                    self._tell(playing, answer)

    def _tell(self, playing: Playing, answer: Answer) -> None:
        update = updates.start(playing.commitment, by=playing.owner)
        links = [
            {"kind": "web_page", "title": "Our own account", "url": answer.link, "dated_on": None}
        ]
        updates.save(
            update,
            by=playing.owner,
            version=update.version,
            nothing_changed=answer.figure is None,
            value=Decimal(answer.figure) if answer.figure else None,
            base=Decimal(answer.base) if answer.base else None,
            narrative=answer.words,
            obstacles=answer.obstacles,
            self_assessment=answer.view,
            evidence=links if answer.link else [],
        )
        updates.submit(update, by=playing.owner)

    def _check(self, day: date) -> None:
        """Let the council publish what waited long enough; the newest stays in the queue."""
        before = clock.now() - CHECKED_AFTER
        for update in ProgressUpdate.objects.awaiting_review().filter(submitted_at__lte=before):
            updates.approve(update, by=self.officer)
        waiting = Success.objects.filter(status=NewsStatus.SUBMITTED, submitted_at__lte=before)
        for success in waiting:
            successes.approve(success, by=self.officer)

    def _lose(self, name: str) -> None:
        """Let the mailbox of a firm refuse the last mail that it got."""
        owner = self.owners[name]
        message = Message.objects.filter(recipient=owner.email).latest("pk")
        bounces.record(message)

    def _number(self, day: date) -> int:
        return (day - self.first_day).days


def _at(day: date, hour: time) -> datetime:
    return datetime.combine(day, hour, clock.LONDON)
