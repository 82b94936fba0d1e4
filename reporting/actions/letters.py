"""Public letters to silent signatories: an officer publishes, the signatory replies once."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.urls import reverse

from charter import acts, permissions
from charter.actions import second_person
from charter.errors import WrongStateError
from charter.mail.owners import email_owner
from charter.models import Commitment, Proposal, Signatory, User
from registry import clock
from registry.log import publishing
from registry.models import Record
from registry.schema.code_lists import Reporting
from registry.wording.formatting import format_day, join_list
from reporting import items
from reporting.models import Letter, ReportingPeriod
from reporting.models.periods import ReportingPeriodQuerySet

PERIOD_RELATIONS = [
    "commitment__signatory__charter__authority",
    "commitment__signatory__organisation",
]


def periods_without_letter(today: date) -> ReportingPeriodQuerySet:
    """Return the publicly silent periods without a letter, longest first."""
    records: Any = Record.objects.of_kind("commitment").with_reporting(today)
    silent_records = records.filter(reporting=Reporting.SILENT)
    return (
        ReportingPeriod.objects.oldest_owed()
        .of_open_commitments()
        .filter(commitment__key__in=silent_records.values("key"), letter=None)
        .select_related(*PERIOD_RELATIONS)
        .order_by("due_on", "pk")
    )


def letter_text(period: ReportingPeriod) -> str:
    """Return the fixed wording, which quotes nothing that may need redacting later."""
    charter = period.commitment.signatory.charter
    request_dates = [date.fromisoformat(day) for day in items.period(period)["requested_on"]]
    return (
        f"An update on commitment {period.commitment.key} was due on {format_day(period.due_on)}. "
        f"We asked for it on {join_list([format_day(day) for day in request_dates])}. "
        f"It has not come{_later_updates_clause(period)}, so this register says “silent” "
        "until it does. "
        "Anyone who made the commitment can answer this letter, and the answer will be shown "
        "next to it. "
        f"{charter.authority.team}, {charter.authority}"
    )


def _later_updates_clause(period: ReportingPeriod) -> str:
    """Return a clause with the number of later updates not received either."""
    later_periods = ReportingPeriod.objects.owed().filter(
        commitment=period.commitment_id,
        starts_on__gt=period.starts_on,
        due_on__lt=clock.today(),
    )
    missing_count = later_periods.count()
    if missing_count < 2:
        return ", nor has the one due after it" if missing_count else ""
    return f", nor have the {missing_count} due after it"


@acts.act()
def publish_or_propose(
    signatory: Signatory, periods: Iterable[ReportingPeriod], *, by: User
) -> list[Letter] | Proposal:
    """Publish letters about a signatory's periods; propose the first ones to a signatory."""
    if has_letter(signatory):
        return publish_all(periods, by=by)
    arguments = {"signatory": signatory.key, "periods": [period.key for period in periods]}
    done: list[Letter] | Proposal = second_person.do_or_propose(
        "letter.publish_first",
        by=by,
        authority=signatory.charter.authority,
        organisation=signatory.organisation,
        arguments=arguments,
    )
    return done


def has_letter(signatory: Signatory) -> bool:
    """Return True if a letter to the signatory was published before."""
    return Letter.objects.filter(period__commitment__signatory=signatory).exists()


@acts.act()
def publish(period: ReportingPeriod, *, by: User) -> Letter:
    """Publish the letter about a period. Idempotent."""
    [letter] = publish_all([period], by=by)
    return letter


@acts.act()
def publish_all(periods: Iterable[ReportingPeriod], *, by: User) -> list[Letter]:
    """Publish letters and email each commitment's update owner. Idempotent.

    The first letter to a signatory may need a second person.
    """
    periods = list(periods)
    for signatory in {period.commitment.signatory for period in periods}:
        _check_may_write_to(signatory, by=by)
    letters = [_write_letter(period, by=by) for period in periods]
    publishing.publish([_notice_entry(letter) for letter in letters])
    return letters


def _check_may_write_to(signatory: Signatory, *, by: User) -> None:
    if has_letter(signatory):
        permissions.check(by, "letter.publish", signatory)
    else:
        permissions.check(by, "letter.publish_first", signatory)
        authority = signatory.charter.authority
        second_person.check(by, "letter.publish_first", authority, signatory.organisation)


def _write_letter(period: ReportingPeriod, *, by: User) -> Letter:
    """Write the letter about a period and queue its email, or return the one that exists."""
    # Lock the commitment, so that two officers publish one letter.
    Commitment.objects.select_for_update(of=["self"], no_key=True).get(pk=period.commitment_id)
    if existing := Letter.objects.filter(period=period).first():
        return existing
    if not periods_without_letter(clock.today()).filter(pk=period.pk).exists():
        raise WrongStateError("An update was received, or the public page does not say “silent”.")
    letter = Letter.objects.create(
        period=period, text=letter_text(period), written_at=clock.now(), written_by=by
    )
    email_owner(
        period.commitment,
        template="letter",
        key=f"letter:{letter.key}",
        letter=letter,
        link=reverse("business:letter", args=[letter.key]),
    )
    return letter


@acts.act("letter.respond")
def publish_response(letter: Letter, *, by: User, text: str) -> Letter:
    """Publish the signatory's only reply at once. Idempotent."""
    permissions.check(by, "letter.respond", letter.period.commitment.signatory)
    letter = (
        Letter.objects.select_for_update(of=["self"])
        .select_related(*(f"period__{path}" for path in PERIOD_RELATIONS))
        .get(pk=letter.pk)
    )
    if not letter.answered_at:
        letter.answer, letter.answered_at, letter.answered_by = text, clock.now(), by
        letter.save()
        publishing.publish([_notice_entry(letter)])
    return letter


def _notice_entry(letter: Letter) -> publishing.NewEntry:
    return publishing.NewEntry("notice", letter.key, "publish", items.letter(letter))


def _publish_as_proposed(proposal: Proposal, by: User) -> list[Letter]:
    return publish_all(_proposed_periods(proposal), by=by)


def _letter_facts(proposal: Proposal) -> second_person.Facts:
    return [
        (f"Letter on {period.commitment.key}", letter_text(period))
        for period in _proposed_periods(proposal)
    ]


def _proposed_periods(proposal: Proposal) -> ReportingPeriodQuerySet:
    """Return the proposed periods that are still silent."""
    periods = periods_without_letter(clock.today())
    return periods.filter(key__in=proposal.arguments["periods"])


second_person.register(
    "letter.publish_first",
    second_person.TwoPersonAct(
        "Publish the first letter to a signatory", _publish_as_proposed, _letter_facts
    ),
)
