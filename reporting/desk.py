"""What waits for the council: promises, changes, news and stories in one queue, oldest first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from charter import items, outbox, permissions
from charter.actions import changes, commitments
from charter.models import Change, Commitment, ErrorReport, Message, Signatory, User
from registry import canonical, clock, kinds, log
from reporting.actions import successes, updates
from reporting.errors import DecidedAlreadyError, ReadOtherwiseError
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
    waiting = [source.tell(thing) for source in SOURCES for thing in source.rows.all()]
    return sorted(waiting, key=lambda waiting: (waiting.since, waiting.key))


def oldest() -> Waiting | None:
    """Return what has waited longest."""
    first = [source.tell(thing) for source in SOURCES for thing in source.oldest()]
    return min(first, key=lambda waiting: (waiting.since, waiting.key), default=None)


def find(key: str) -> Waiting | None:
    """Return what waits under a key; a change waits under the key of its promise."""
    return next((source.tell(thing) for source in SOURCES for thing in source.under(key)), None)


def digest(acts: list[log.Item]) -> str:
    """Return what stands for the text of acts in a form, so that what is decided was read."""
    read = [[a.kind, a.key, a.action, kinds.clean(a.kind, a.content)] for a in acts]
    return canonical.hash_item(canonical.canonical(read))


@transaction.atomic
def publish(key: str, *, by: User, read: str, pointed_out: bool = False) -> Waiting:
    """Publish what waits under a key if it is what somebody read, by its digest.

    A correction of what a reader reported says so if asked to by `pointed_out`.
    Raise ReadOtherwiseError if it became different, DecidedAlreadyError if nothing waits.
    """
    waiting = _as_read(key, read)
    if pointed_out and error_reports(waiting):
        changes.say_pointed_out(waiting.thing, by=by)
    waiting.approve(waiting.thing, by=by)
    return waiting


@transaction.atomic
def return_with_words(key: str, *, by: User, read: str, words: str) -> Waiting:
    """Return what waits under a key if it is what somebody read; raise as `publish` does."""
    waiting = _as_read(key, read)
    waiting.return_with_words(waiting.thing, by=by, words=words)
    return waiting


def ask(waiting: Waiting, *, by: User, colleague: User, question: str) -> None:
    """Ask a colleague at the council to look at something too; the same question goes once."""
    permissions.check_is_council(by)
    address = reverse("council:item", args=[waiting.key])
    context = {"waiting": waiting, "by": by, "colleague": colleague, "question": question}
    asked = canonical.hash_item(question)[:12]
    outbox.write(
        "second_look",
        key=f"second_look:{waiting.key}:{colleague.pk}:{asked}",
        recipient=colleague.email,
        context=context | {"address": address},
    )


def asked(waiting: Waiting) -> QuerySet[Message]:
    """Return the mails that asked colleagues to look at something."""
    mails = Message.objects.filter(kind="second_look", created_at__gte=waiting.since)
    return mails.filter(key__startswith=f"second_look:{waiting.key}:").order_by("pk")


def error_reports(waiting: Waiting) -> QuerySet[ErrorReport]:
    """Return what readers reported, and nobody refused, that a waiting correction may put right."""
    reports = ErrorReport.objects
    if not isinstance(waiting.thing, Change) or waiting.thing.action != Change.Action.CORRECT:
        return reports.none()
    return reports.that_may_have_led_to_a_correction_of(waiting.key)


def history(signatory: Signatory) -> dict[str, int]:
    """Count what the council knows of a signatory already."""
    promises = Commitment.objects.filter(signatory=signatory)
    news = ProgressUpdate.objects.filter(commitment__in=promises)
    return {
        "promises": promises.public().count(),
        "published": news.filter(status=NewsStatus.PUBLISHED).count(),
        "waiting": news.awaiting_review().count(),
        "returned": news.filter(status=NewsStatus.RETURNED).count(),
    }


def _as_read(key: str, read: str) -> Waiting:
    """Return what waits under a key, locked, so that nothing of it changes before the decision."""
    found = (source.tell(thing) for source in SOURCES for thing in source.locked(key))
    waiting = next(found, None)
    if waiting is None:
        raise DecidedAlreadyError("This was decided already.")
    if digest(waiting.acts()) != read:
        raise ReadOtherwiseError("It became different since it was read.")
    return waiting


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


@dataclass(frozen=True)
class Source:
    """Rows that wait, the tables that decide how they read, and how one is told."""

    rows: QuerySet[Any]
    key: str
    tables: tuple[str, ...]
    tell: Callable[[Any], Waiting]

    def under(self, key: str) -> QuerySet[Any]:
        return self.rows.filter(**{self.key: key})

    def oldest(self) -> QuerySet[Any]:
        return self.rows.order_by("submitted_at")[:1]

    def locked(self, key: str) -> Iterator[Any]:
        yield from self.under(key).select_for_update(of=self.tables)


PROMISE = ["signatory__charter", "signatory__organisation", "theme", "measure"]
OF_A_PROMISE = [f"commitment__{path}" for path in PROMISE]
SOURCES = [
    Source(
        Commitment.objects.awaiting_review().select_related(*PROMISE), "key", ("self",), _promise
    ),
    Source(
        Change.objects.awaiting_review().select_related(*OF_A_PROMISE),
        "commitment__key",
        ("commitment", "self"),
        _change,
    ),
    Source(
        ProgressUpdate.objects.awaiting_review().select_related(*OF_A_PROMISE, "period"),
        "key",
        ("commitment", "self", "period"),
        _news,
    ),
    Source(
        Success.objects.awaiting_review()
        .select_related("signatory__organisation")
        .prefetch_related("commitments__signatory__organisation"),
        "key",
        ("self",),
        _story,
    ),
]
