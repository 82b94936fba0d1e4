"""The council's review queue: commitments, changes, updates and successes, oldest first."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from charter import items, permissions
from charter.actions import changes, commitments
from charter.mail import outbox
from charter.models import Change, Commitment, ErrorReport, Message, Signatory, User
from registry import clock
from registry.log import canonical, publishing
from registry.schema import kinds
from reporting.actions import successes, updates
from reporting.errors import AlreadyDecidedError, ChangedSinceReadError
from reporting.models import ProgressUpdate, Success
from reporting.workflow import ReviewStatus


@dataclass(frozen=True)
class QueueItem:
    """A submission that the council can publish or return."""

    label: str
    title: str
    key: str
    commitment: Commitment
    since: datetime
    object: Any
    # The log entries of publishing it, built only where they are shown.
    build_entries: Callable[[], list[publishing.NewEntry]]
    approve: Callable[..., Any]
    return_with_comments: Callable[..., Any]

    def days_waiting(self, today: date) -> int:
        return (today - clock.local_date(self.since)).days


def list_items() -> list[QueueItem]:
    """Return everything awaiting review, oldest first."""
    queue_items = [source.build_item(row) for source in SOURCES for row in source.rows.all()]
    return sorted(queue_items, key=lambda item: (item.since, item.key))


def oldest_item() -> QueueItem | None:
    """Return the item that has waited longest."""
    candidates = [source.build_item(row) for source in SOURCES for row in source.first_row()]
    return min(candidates, key=lambda item: (item.since, item.key), default=None)


def find_item(key: str) -> QueueItem | None:
    """Return the item awaiting review under a key; a change has its commitment's key."""
    return next((source.build_item(row) for source in SOURCES for row in source.for_key(key)), None)


def digest_entries(entries: list[publishing.NewEntry]) -> str:
    """Return a digest of the previewed log entries for a form.

    It detects changes between reading and deciding.
    """
    contents = [
        [entry.kind, entry.key, entry.action, kinds.clean_item(entry.kind, entry.content)]
        for entry in entries
    ]
    return canonical.hash_item(canonical.canonical(contents))


@transaction.atomic
def publish(key: str, *, by: User, seen_digest: str, pointed_out: bool = False) -> QueueItem:
    """Publish the item under a key if it still has the digest that the officer read.

    `pointed_out` credits the reader who reported the error that a correction corrects. Raise
    ChangedSinceReadError if the item has changed, AlreadyDecidedError if nothing is awaiting
    review.
    """
    item = _lock_item(key, seen_digest)
    if pointed_out and related_error_reports(item):
        changes.credit_reader(item.object, by=by)
    item.approve(item.object, by=by)
    return item


@transaction.atomic
def return_with_comments(key: str, *, by: User, seen_digest: str, comments: str) -> QueueItem:
    """Return the item under a key to its author if it still has the digest that was read.

    Raise the same errors as `publish`.
    """
    item = _lock_item(key, seen_digest)
    item.return_with_comments(item.object, by=by, comments=comments)
    return item


def ask_colleague(item: QueueItem, *, by: User, colleague: User, question: str) -> None:
    """Ask a colleague at the council for a second opinion. Idempotent for each question."""
    permissions.check(by, "item.ask_colleague", item.commitment.signatory)
    address = reverse("council:item", args=[item.key])
    context = {"waiting": item, "by": by, "colleague": colleague, "question": question}
    question_hash = canonical.hash_item(question)[:12]
    outbox.queue_from_template(
        "second_look",
        key=f"second_look:{item.key}:{colleague.pk}:{question_hash}",
        recipient=colleague.email,
        context=context | {"address": address},
    )


def second_look_messages(item: QueueItem) -> QuerySet[Message]:
    """Return the emails that asked colleagues for a second opinion."""
    requests = Message.objects.filter(kind="second_look", created_at__gte=item.since)
    return requests.filter(key__startswith=f"second_look:{item.key}:").order_by("pk")


def related_error_reports(item: QueueItem) -> QuerySet[ErrorReport]:
    """Return open error reports that a correction awaiting review may resolve."""
    reports = ErrorReport.objects
    if not isinstance(item.object, Change) or item.object.action != Change.Action.CORRECT:
        return reports.none()
    return reports.for_correction_of(item.key)


def signatory_history(signatory: Signatory) -> dict[str, int]:
    """Return counts of a signatory's commitments and updates by status."""
    own_commitments = Commitment.objects.filter(signatory=signatory)
    own_updates = ProgressUpdate.objects.filter(commitment__in=own_commitments)
    return {
        "commitments": own_commitments.public().count(),
        "published": own_updates.filter(status=ReviewStatus.PUBLISHED).count(),
        "waiting": own_updates.awaiting_review().count(),
        "returned": own_updates.filter(status=ReviewStatus.RETURNED).count(),
    }


def _lock_item(key: str, seen_digest: str) -> QueueItem:
    """Return the item under a key, locked so that it cannot change before the decision."""
    matches = (source.build_item(row) for source in SOURCES for row in source.lock_rows(key))
    item = next(matches, None)
    if item is None:
        raise AlreadyDecidedError("This was decided already.")
    if digest_entries(item.build_entries()) != seen_digest:
        raise ChangedSinceReadError("It became different since it was read.")
    return item


def _commitment_item(commitment: Commitment) -> QueueItem:
    return QueueItem(
        label="New commitment",
        title=commitment.title,
        key=commitment.key,
        commitment=commitment,
        since=cast(datetime, commitment.submitted_at),
        object=commitment,
        build_entries=lambda: [
            publishing.NewEntry(
                "commitment", commitment.key, "publish", items.commitment(commitment)
            )
        ],
        approve=commitments.approve,
        return_with_comments=commitments.return_with_comments,
    )


def _change_item(change: Change) -> QueueItem:
    def build_entries() -> list[publishing.NewEntry]:
        return [
            changes.entry_to_append(
                Change.objects.select_related(*RELATIONS_OF_COMMITMENT).get(pk=change.pk)
            )
        ]

    return QueueItem(
        label=f"Change: {change.get_action_display().lower()}",
        title=change.commitment.title,
        key=change.commitment.key,
        commitment=change.commitment,
        since=cast(datetime, change.submitted_at),
        object=change,
        build_entries=build_entries,
        approve=changes.approve,
        return_with_comments=changes.return_with_comments,
    )


def _update_item(update: ProgressUpdate) -> QueueItem:
    return QueueItem(
        label="Nothing has changed" if update.nothing_changed else "Progress update",
        title=update.commitment.title,
        key=update.key,
        commitment=update.commitment,
        since=cast(datetime, update.submitted_at),
        object=update,
        build_entries=lambda: updates.entries_to_append(update),
        approve=updates.approve,
        return_with_comments=updates.return_with_comments,
    )


def _success_item(success: Success) -> QueueItem:
    return QueueItem(
        label="Success",
        title=success.title,
        key=success.key,
        commitment=min(success.commitments.all(), key=lambda commitment: commitment.pk),
        since=cast(datetime, success.submitted_at),
        object=success,
        build_entries=lambda: successes.entries_to_append(success),
        approve=successes.approve,
        return_with_comments=successes.return_with_comments,
    )


@dataclass(frozen=True)
class QueueSource:
    """The rows of one model in the queue, with the tables to lock and the item builder."""

    rows: QuerySet[Any]
    key: str
    tables: tuple[str, ...]
    build_item: Callable[[Any], QueueItem]

    def for_key(self, key: str) -> QuerySet[Any]:
        return self.rows.filter(**{self.key: key})

    def first_row(self) -> QuerySet[Any]:
        return self.rows.order_by("submitted_at")[:1]

    def lock_rows(self, key: str) -> Iterator[Any]:
        yield from self.for_key(key).select_for_update(of=self.tables)


COMMITMENT_RELATIONS = ["signatory__charter", "signatory__organisation", "theme", "measure"]
RELATIONS_OF_COMMITMENT = [f"commitment__{path}" for path in COMMITMENT_RELATIONS]
SOURCES = [
    QueueSource(
        Commitment.objects.awaiting_review().select_related(*COMMITMENT_RELATIONS),
        "key",
        ("self",),
        _commitment_item,
    ),
    QueueSource(
        Change.objects.awaiting_review().select_related(*RELATIONS_OF_COMMITMENT),
        "commitment__key",
        ("commitment", "self"),
        _change_item,
    ),
    QueueSource(
        ProgressUpdate.objects.awaiting_review().select_related(*RELATIONS_OF_COMMITMENT, "period"),
        "key",
        ("commitment", "self", "period"),
        _update_item,
    ),
    QueueSource(
        Success.objects.awaiting_review()
        .select_related("signatory__organisation")
        .prefetch_related("commitments__signatory__organisation"),
        "key",
        ("self",),
        _success_item,
    ),
]
