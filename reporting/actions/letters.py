"""The letter to who stays silent: an officer agrees to it, everybody reads it, one answer."""

from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse

from charter import permissions as council
from charter.actions import commitments
from charter.errors import WrongStateError
from charter.models import Commitment, User
from registry import clock, log
from registry.models import Record
from registry.website import words
from reporting import items, permissions
from reporting.models import Letter, ReportingPeriod
from reporting.models.periods import ReportingPeriodQuerySet

OF_A_PERIOD = ["commitment__signatory__charter__authority", "commitment__signatory__organisation"]


def to_write(today: date) -> ReportingPeriodQuerySet:
    """Return the periods that the public reads as silent, without a letter, longest first."""
    promises: Any = Record.objects.of_kind("commitment").with_reporting(today)
    silent = promises.filter(reporting="silent")
    return (
        ReportingPeriod.objects.oldest_owed()
        .of_open_commitments()
        .filter(commitment__key__in=silent.values("key"), letter=None)
        .select_related(*OF_A_PERIOD)
        .order_by("due_on", "pk")
    )


def wording(period: ReportingPeriod) -> str:
    """Return the fixed words, which quote nothing that somebody may have to take back."""
    charter = period.commitment.signatory.charter
    asked = [date.fromisoformat(day) for day in items.period(period)["requested_on"]]
    return (
        f"An update on promise {period.commitment.key} was due on {words.day(period.due_on)}. "
        f"We asked for it on {words.joined([words.day(day) for day in asked])}. "
        f"It has not come{_nor_later(period)}, so this register says “silent” until it does. "
        "Whoever made the promise can answer this letter, and the answer will stand beside it. "
        f"{charter.authority.team}, {charter.authority}"
    )


def _nor_later(period: ReportingPeriod) -> str:
    """Return how many later answers have not come either."""
    later = ReportingPeriod.objects.owed().filter(
        commitment=period.commitment_id,
        starts_on__gt=period.starts_on,
        due_on__lt=clock.today(),
    )
    missing = later.count()
    if missing < 2:
        return ", nor has the one due after it" if missing else ""
    return f", nor have the {missing} due after it"


@transaction.atomic
def publish(period: ReportingPeriod, *, by: User) -> Letter:
    """Publish the letter and tell who looks after the promise. A second click changes nothing."""
    council.check_is_council(by)
    Commitment.objects.select_for_update(of=["self"], no_key=True).get(pk=period.commitment_id)
    if written := Letter.objects.filter(period=period).first():
        return written
    if not to_write(clock.today()).filter(pk=period.pk).exists():
        raise WrongStateError("News has come, or the public page does not say “silent”.")
    letter = Letter.objects.create(
        period=period, text=wording(period), written_at=clock.now(), written_by=by
    )
    commitments.tell_owner(
        period.commitment,
        template="letter",
        key=f"letter:{letter.key}",
        letter=letter,
        link=reverse("business:letter", args=[letter.key]),
    )
    log.publish([_public(letter)])
    return letter


@transaction.atomic
def answer(letter: Letter, *, by: User, words: str) -> Letter:
    """Answer once; the answer is public at once. A second click changes nothing."""
    permissions.check_may_report(by, letter.period.commitment)
    letter = (
        Letter.objects.select_for_update(of=["self"])
        .select_related(*(f"period__{path}" for path in OF_A_PERIOD))
        .get(pk=letter.pk)
    )
    if not letter.answered_at:
        letter.answer, letter.answered_at, letter.answered_by = words, clock.now(), by
        letter.save()
        log.publish([_public(letter)])
    return letter


def _public(letter: Letter) -> log.Item:
    return log.Item("notice", letter.key, "publish", items.letter(letter))
