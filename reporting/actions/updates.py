"""Tell the news of a promise, return it or publish it."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from copy import copy
from datetime import date
from typing import Any

from django.db import transaction

from charter import items as charter_items
from charter import permissions as council
from charter.actions import bounces
from charter.actions.commitments import tell_owner
from charter.errors import StaleError, WrongStateError
from charter.models import Commitment, User
from charter.workflow import CommitmentStatus
from registry import clock, log
from registry.website.words import day as in_words
from reporting import items, permissions, schedule
from reporting.actions import evidence as pieces
from reporting.actions import periods
from reporting.models import ProgressUpdate
from reporting.models.updates import SelfAssessment
from reporting.workflow import NEWS_MOVES, NewsStatus

SENT = [NewsStatus.SUBMITTED, NewsStatus.PUBLISHED]
# So many answers in a row may say only that nothing has changed; the next needs a sentence.
UNCHANGED_IN_A_ROW = 2


def expected(commitment: Commitment, today: date) -> ProgressUpdate | None:
    """Return the update to be written now: a returned one, a draft, or a new one not saved yet.

    None when nothing is owed: everything is answered, or the promise is not public.
    """
    if commitment.status != CommitmentStatus.PUBLISHED:
        return None
    if returned := commitment.updates.filter(status=NewsStatus.RETURNED).first():
        return returned
    period = schedule.period_to_answer(commitment.periods.owed(), today)
    if period is None:
        return None
    update = commitment.updates.filter(status=NewsStatus.DRAFT).first()
    if update is None:
        before = last_sent(commitment)
        assessment = before.self_assessment if before else SelfAssessment.NOT_STARTED
        update = ProgressUpdate(commitment=commitment, self_assessment=assessment)
    update.period = period
    return update


def last_sent(commitment: Commitment) -> ProgressUpdate | None:
    """Return the latest answer of the signatory, whether the council has looked at it or not."""
    sent = commitment.updates.filter(status__in=SENT)
    return sent.select_related("period").order_by("-period__starts_on").first()


def last_sent_of(commitments: Collection[int]) -> dict[int, ProgressUpdate]:
    """Return the latest answers of several promises by their numbers, read at once."""
    sent = ProgressUpdate.objects.filter(commitment__in=commitments, status__in=SENT)
    latest = sent.order_by("commitment", "-period__starts_on").distinct("commitment")
    return {told.commitment_id: told for told in latest.select_related("commitment__measure")}


def unchanged_from(update: ProgressUpdate) -> date | None:
    """Return from when "nothing has changed" can be said for a period; None once it can.

    Said before the period is asked for, it would settle what nobody can know yet.
    """
    asked_from = schedule.asked_from(update.period)
    is_early = clock.today() < asked_from and not update.period.received_on
    return asked_from if is_early else None


def needs_a_sentence(commitment: Commitment) -> bool:
    """Say whether the last answers all said only that nothing has changed."""
    sent = commitment.updates.filter(status__in=SENT).order_by("-period__starts_on")
    unchanged = sent[:UNCHANGED_IN_A_ROW].values_list("nothing_changed", flat=True)
    return list(unchanged) == [True] * UNCHANGED_IN_A_ROW


@transaction.atomic
def start(commitment: Commitment, *, by: User) -> ProgressUpdate:
    """Begin the update that is owed, or return the one begun. Two people at once begin one."""
    permissions.check_may_report(by, commitment)
    rows = Commitment.objects.select_for_update(of=("self",)).select_related("signatory")
    commitment = rows.get(pk=commitment.pk)
    update = expected(commitment, clock.today())
    if update is None:
        raise WrongStateError("Nothing is asked of this promise now.")
    update.save()
    return update


@transaction.atomic
def save(
    update: ProgressUpdate,
    *,
    by: User,
    version: int,
    evidence: Sequence[dict[str, Any]] = (),
    without: Collection[str] = (),
    kept: dict[str, Any] | None = None,
    **fields: Any,
) -> ProgressUpdate:
    """Save an update as somebody saw it at `version`, with more evidence or `without` some.

    `kept` is all that the form held, which comes back with the draft.
    Raise StaleError if another saving came between.
    """
    permissions.check_may_report(by, update.commitment)
    update = locked(update)
    if update.status not in (NewsStatus.DRAFT, NewsStatus.RETURNED):
        raise WrongStateError("This update was sent already, so it cannot be edited now.")
    fields["kept"] = kept or {}
    is_the_same = all(getattr(update, name) == value for name, value in fields.items())
    if is_the_same and not evidence and not without:
        return update  # a second click
    if update.version != version:
        raise StaleError(update)
    for name, value in fields.items():
        setattr(update, name, value)
    update.drafted_by, update.drafted_at = by, clock.now()
    update.version += 1
    update.save()
    pieces.take_away(update, without)
    pieces.give(update, evidence)
    return update


def submit(update: ProgressUpdate, *, by: User) -> ProgressUpdate:
    """Send an update. That news came is public at once, the news once the council publishes it.

    A second click changes nothing.
    """
    [sent] = submit_all([update], by=by)
    return sent


@transaction.atomic
def submit_all(told: Iterable[ProgressUpdate], *, by: User) -> list[ProgressUpdate]:
    """Send several updates in one act; what was sent already stays as it is."""
    sent: list[ProgressUpdate] = []
    acts: dict[str, log.Item] = {}
    # In one order, so that two such acts do not wait for each other.
    for update in sorted(told, key=lambda update: update.commitment_id):
        permissions.check_may_report(by, update.commitment)
        update = locked(update)
        if update.status not in SENT:
            acts |= {act.key: act for act in _send(update, by=by)}
        sent.append(update)
    if acts:
        heard = by.memberships.current().exclude(bounced_at=None).exists()
        log.publish([*acts.values(), *(bounces.try_again(by) if heard else [])])
    return sent


@transaction.atomic
def return_with_words(update: ProgressUpdate, *, by: User, words: str) -> ProgressUpdate:
    """Give an update back with what should be different; that news came stays public."""
    council.check_is_council(by)
    update = locked(update)
    if update.status == NewsStatus.RETURNED:
        return update
    council.check_follows(
        NEWS_MOVES, update.status, NewsStatus.RETURNED, "Only what waits for you can be returned."
    )
    update.status = NewsStatus.RETURNED
    update.returned_words = words
    update.save()
    tell_owner(
        update.commitment,
        template="returned",
        key=f"returned:{update.key}:{update.version}",
        words=words,
        news=update,
        link=f"/{update.commitment.key}/update",
    )
    return update


@transaction.atomic
def approve(update: ProgressUpdate, *, by: User) -> ProgressUpdate:
    """Publish an update and thank its author. A second click, or officer, changes nothing."""
    council.check_is_council(by)
    update = locked(update)
    if update.status == NewsStatus.PUBLISHED:
        return update
    council.check_follows(
        NEWS_MOVES, update.status, NewsStatus.PUBLISHED, "Only what waits for you can be published."
    )
    if update.commitment.status == CommitmentStatus.WITHDRAWN:
        raise WrongStateError("The promise was withdrawn, so its news cannot be published.")
    update.status = NewsStatus.PUBLISHED
    update.published_at = clock.now()
    update.returned_words = ""
    update.save()
    tell_owner(update.commitment, template="receipt", key=f"receipt:{update.key}", news=update)
    log.publish(acts(update))
    return update


def preview(update: ProgressUpdate) -> list[log.Item]:
    """Return what will be public of an update, not saved, once it is sent and then published."""
    update = copy(update)
    if update.nothing_changed:
        _copy_last(update)
    update.submitted_at = clock.now()
    update.period = copy(update.period)
    update.period.received_on = update.period.received_on or clock.today()
    return acts(update)


def acts(update: ProgressUpdate) -> list[log.Item]:
    """Return what publishing an update appends: for the preview and for approving."""
    commitment, period = update.commitment, update.period
    made = [
        log.Item("update", update.key, "publish", items.update(update)),
        log.Item("period", period.key, "publish", items.period(period) | {"update": update.key}),
    ]
    made += [
        log.Item("update", later.key, "publish", items.update(later, coming=update))
        for later in following(update)
    ]
    if update.nothing_changed and commitment.status == CommitmentStatus.PUBLISHED:
        content = charter_items.commitment(commitment)
        made.append(log.Item("commitment", commitment.key, "confirm", content))
    return made


def following(update: ProgressUpdate) -> Iterator[ProgressUpdate]:
    """Yield the later public updates whose items follow from one: those that repeat it, and the
    first with news of its own, since what its period adds is counted from there.
    """
    later = ProgressUpdate.objects.filter(
        commitment=update.commitment_id,
        status=NewsStatus.PUBLISHED,
        period__starts_on__gt=update.period.starts_on,
    )
    for news in later.select_related("period", "commitment__measure").order_by("period__starts_on"):
        yield news
        if not (news.nothing_changed or news.is_talk):
            return


def locked(update: ProgressUpdate) -> ProgressUpdate:
    """Read an update again, with its promise and period, all locked.

    Whoever publishes news of a promise holds the promise: of two acts at once the second sees what
    the first made of it, and no item is made from what was read before.
    """
    # The promise first, as everywhere, so that no two acts wait for each other.
    rows = ProgressUpdate.objects.select_for_update(of=("commitment", "self", "period"))
    row = rows.select_related(
        "period", "commitment__signatory__organisation", "commitment__measure"
    ).get(pk=update.pk)
    row.period.commitment = row.commitment
    return row


def _send(update: ProgressUpdate, *, by: User) -> list[log.Item]:
    """Put an update before the council; return what becomes public by that."""
    council.check_follows(
        NEWS_MOVES, update.status, NewsStatus.SUBMITTED, "This update cannot be sent now."
    )
    if update.nothing_changed:
        if day := unchanged_from(update):
            raise WrongStateError(f"“Nothing has changed” can be said from {in_words(day)}.")
        _copy_last(update)
    update.kept = {}
    update.status = NewsStatus.SUBMITTED
    update.submitted_at = clock.now()
    update.sent_for_by = update.commitment.signatory.organisation.support_body_of(by)
    update.save()
    period = update.period
    period.received_on = period.received_on or clock.today()
    period.save()
    return periods.published([period])


def _copy_last(update: ProgressUpdate) -> None:
    """Say again what was said last; where nothing was, the promise stands at its start.

    An answer that only asked to talk told no figure: then the figure before it still stands.
    """
    earlier = update.commitment.updates.filter(
        status__in=SENT, period__starts_on__lt=update.period.starts_on
    )
    sent = list(earlier.order_by("-period__starts_on"))
    update.self_assessment = sent[0].self_assessment if sent else SelfAssessment.NOT_STARTED
    if told := next((news for news in sent if not news.is_talk), None):
        update.value, update.base = told.value, told.base
        update.not_measured_reason = told.not_measured_reason
