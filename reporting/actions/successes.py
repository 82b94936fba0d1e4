"""Tell a success, return it or publish it."""

from collections.abc import Collection, Sequence
from typing import Any

from django.db import transaction

from charter import permissions as council
from charter.actions.commitments import tell_owner
from charter.errors import WrongStateError
from charter.models import Commitment, User
from registry import clock, log
from reporting import items, permissions
from reporting.actions import evidence as pieces
from reporting.models import Success
from reporting.workflow import NEWS_MOVES, NewsStatus


def begun(commitment: Commitment) -> Success | None:
    """Return the story of a promise that was begun last and not sent yet."""
    return commitment.successes.filter(status=NewsStatus.DRAFT).order_by("pk").last()


@transaction.atomic
def save(
    commitment: Commitment,
    *,
    by: User,
    success: Success | None = None,
    evidence: Sequence[dict[str, Any]] = (),
    without: Collection[str] = (),
    beside: Collection[Commitment] | None = None,
    **fields: Any,
) -> Success:
    """Save a story of a promise: the one given, else a new one.

    `beside` are the other promises of the signatory that it came of; left open, they stay.
    """
    permissions.check_may_report(by, commitment)
    if success is None:
        success = Success(signatory=commitment.signatory)
    else:
        success = locked(success)
    if success.status not in (NewsStatus.DRAFT, NewsStatus.RETURNED):
        raise WrongStateError("This story was sent already, so it cannot be edited now.")
    for name, value in fields.items():
        setattr(success, name, value)
    success.save()
    if beside is None:
        success.commitments.add(commitment)
    else:
        success.commitments.set([commitment, *beside])
    pieces.take_away(success, without)
    pieces.give(success, evidence)
    return success


@transaction.atomic
def let_go(commitment: Commitment, *, key: str, by: User) -> None:
    """Throw away the story that was begun of a promise and emptied since, if it is the one seen."""
    permissions.check_may_report(by, commitment)
    success = commitment.successes.filter(status=NewsStatus.DRAFT, key=key).first()
    if success is not None:
        pieces.take_away(success, list(success.evidence.values_list("reference", flat=True)))
        success.delete()


@transaction.atomic
def submit(success: Success, *, by: User) -> Success:
    """Send a story to the council. A second click changes nothing."""
    permissions.check_may_report(by, _promise(success))
    success = locked(success)
    if success.status in (NewsStatus.SUBMITTED, NewsStatus.PUBLISHED):
        return success
    _move(success, NewsStatus.SUBMITTED, "This story cannot be sent now.")
    success.submitted_at = clock.now()
    success.save()
    return success


@transaction.atomic
def return_with_words(success: Success, *, by: User, words: str) -> Success:
    """Give a story back with what should be different."""
    council.check_is_council(by)
    success = locked(success)
    if success.status == NewsStatus.RETURNED:
        return success
    _move(success, NewsStatus.RETURNED, "Only what waits for you can be returned.")
    success.returned_words = words
    success.save()
    tell_owner(
        _promise(success),
        template="returned",
        key=f"returned:{success.key}:{success.submitted_at:%Y%m%d%H%M%S}",
        words=words,
        news=success,
        link=f"/business/successes/{success.key}",
    )
    return success


@transaction.atomic
def approve(success: Success, *, by: User) -> Success:
    """Publish a story and thank its author. A second click, or officer, changes nothing."""
    council.check_is_council(by)
    success = locked(success)
    if success.status == NewsStatus.PUBLISHED:
        return success
    _move(success, NewsStatus.PUBLISHED, "Only what waits for you can be published.")
    success.published_at = clock.now()
    success.returned_words = ""
    success.save()
    tell_owner(_promise(success), template="receipt", key=f"receipt:{success.key}", news=success)
    log.publish(acts(success))
    return success


def acts(success: Success) -> list[log.Item]:
    """Return what publishing a story appends: for the preview and for approving."""
    return [log.Item("success", success.key, "publish", items.success(success))]


def _promise(success: Success) -> Commitment:
    """Return the promise that a story is told of; of several, the first."""
    return success.commitments.select_related("signatory__organisation").earliest("pk")


def _move(success: Success, status: NewsStatus, words: str) -> None:
    council.check_follows(NEWS_MOVES, success.status, status, words)
    success.status = status


def locked(success: Success) -> Success:
    """Read the story again under a lock, so that of two acts at once the second sees the first."""
    return (
        Success.objects.select_for_update(of=["self"])
        .select_related("signatory")
        .get(pk=success.pk)
    )
