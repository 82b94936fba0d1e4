"""What waits for the council: promises, changes, news and stories in one queue, oldest first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from charter import items
from charter.actions import changes, commitments
from charter.models import Change, Commitment
from registry import clock, log
from reporting.actions import successes, updates
from reporting.models import ProgressUpdate, Success
from reporting.workflow import NewsStatus


@dataclass(frozen=True)
class Waiting:
    """One thing that the council publishes or returns."""

    what: str
    title: str
    key: str
    commitment: Commitment
    since: datetime
    thing: Any
    # What publishing it would append to the log; asked for only where it is shown.
    acts: Callable[[], list[log.Item]]
    approve: Callable[..., Any]
    return_with_words: Callable[..., Any]

    def days(self, today: date) -> int:
        return (today - clock.local_date(self.since)).days


def queue() -> list[Waiting]:
    """Return all that waits, oldest first."""
    waiting = [
        *(_promise(c) for c in Commitment.objects.awaiting_review().select_related(*PROMISE)),
        *(_change(c) for c in Change.objects.awaiting_review().select_related(*OF_A_PROMISE)),
        *(
            _news(u)
            for u in ProgressUpdate.objects.awaiting_review().select_related(
                *OF_A_PROMISE, "period"
            )
        ),
        *(
            _story(s)
            for s in Success.objects.filter(status=NewsStatus.SUBMITTED)
            .select_related("signatory__organisation")
            .prefetch_related("commitments__signatory__organisation")
        ),
    ]
    return sorted(waiting, key=lambda waiting: (waiting.since, waiting.key))


def find(key: str) -> Waiting | None:
    """Return what waits under a key; a change waits under the key of its promise."""
    return next((waiting for waiting in queue() if waiting.key == key), None)


PROMISE = ["signatory__charter", "signatory__organisation", "theme", "measure"]
OF_A_PROMISE = [f"commitment__{path}" for path in PROMISE]


def _promise(commitment: Commitment) -> Waiting:
    return Waiting(
        what="New commitment",
        title=commitment.title,
        key=commitment.key,
        commitment=commitment,
        since=cast(datetime, commitment.submitted_at),
        thing=commitment,
        acts=lambda: [
            log.Item("commitment", commitment.key, "publish", items.commitment(commitment))
        ],
        approve=commitments.approve,
        return_with_words=commitments.return_with_words,
    )


def _change(change: Change) -> Waiting:
    def acts() -> list[log.Item]:
        return [changes.act(Change.objects.select_related(*OF_A_PROMISE).get(pk=change.pk))]

    return Waiting(
        what=f"Change: {change.get_action_display().lower()}",
        title=change.commitment.title,
        key=change.commitment.key,
        commitment=change.commitment,
        since=cast(datetime, change.submitted_at),
        thing=change,
        acts=acts,
        approve=changes.approve,
        return_with_words=changes.return_with_words,
    )


def _news(update: ProgressUpdate) -> Waiting:
    return Waiting(
        what="Nothing has changed" if update.nothing_changed else "Progress update",
        title=update.commitment.title,
        key=update.key,
        commitment=update.commitment,
        since=cast(datetime, update.submitted_at),
        thing=update,
        acts=lambda: updates.acts(update),
        approve=updates.approve,
        return_with_words=updates.return_with_words,
    )


def _story(success: Success) -> Waiting:
    return Waiting(
        what="Success",
        title=success.title,
        key=success.key,
        commitment=min(success.commitments.all(), key=lambda commitment: commitment.pk),
        since=cast(datetime, success.submitted_at),
        thing=success,
        acts=lambda: successes.acts(success),
        approve=successes.approve,
        return_with_words=successes.return_with_words,
    )
