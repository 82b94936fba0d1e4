"""The review of all that signatories write and the council publishes or returns.

Commitments and changes (`charter/actions/`), updates and successes (`reporting/actions/`) are
submitted, taken back, returned and published here. A `ReviewKind` of each, registered when the apps
are ready, says what is different.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, ClassVar, Generic, cast

from charter import acts, permissions, personal_data, pledge, questions
from charter.errors import AlreadyDecidedError
from charter.mail.owners import email_owner
from charter.models import Commitment, Reviewable, User
from charter.models.review import ReviewableQuerySet, ReviewableT
from charter.questions import Question
from charter.seen_digest import check_digest, make_digest
from charter.workflow import ReviewStatus
from registry import clock
from registry.log import keys, publishing
from registry.log.publishing import NewEntry
from registry.schema import kinds


@dataclass(frozen=True)
class ReviewItem:
    """A submission as lists, pages and emails show it."""

    submission: Reviewable
    label: str
    title: str
    key: str  # Of the public record that it will be part of.
    reference: str  # Its own, in the keys of emails.
    commitment: Commitment
    edit_address: str

    @property
    def since(self) -> datetime:
        return cast(datetime, self.submission.submitted_at)

    def days_waiting(self, today: date) -> int:
        return (today - clock.local_date(self.since)).days


class ReviewKind(ABC, Generic[ReviewableT]):
    """What is different in the review of one model."""

    model: type[ReviewableT]
    name: ClassVar[str]  # The first half of the names of its acts, such as update.publish.
    record_kind: ClassVar[str]  # Of the public record under whose key it is found.
    key_lookup: ClassVar[str] = "key"
    commitment_lookup: ClassVar[str] = "commitment"

    @abstractmethod
    def awaiting_review(self) -> ReviewableQuerySet[ReviewableT]:
        """Return what is with the council, with the related rows that `describe` reads."""

    @abstractmethod
    def lock(self, submission: ReviewableT) -> ReviewableT:
        """Read a submission again under a lock.

        The commitment is locked first, as everywhere, so that two parallel actions cannot deadlock.
        """

    @abstractmethod
    def describe(self, submission: ReviewableT) -> ReviewItem: ...

    @abstractmethod
    def entries_to_append(self, submission: ReviewableT) -> list[NewEntry]:
        """Return the log entries of its publication, for the preview and for publishing."""

    @abstractmethod
    def before_submitting(self, submission: ReviewableT, by: User) -> list[NewEntry]:
        """Raise if it cannot be sent, else complete it; return the entries of its arrival."""

    def questions(self, submission: ReviewableT) -> list[Question]:
        """Return what its author is asked before it is sent, beside the look for personal data."""
        return []

    def before_taking_back(self, submission: ReviewableT) -> list[NewEntry]:
        """Undo its arrival; return the entries of that."""
        return []

    def before_returning(self, submission: ReviewableT) -> None:
        """Complete what is returned."""
        return

    @abstractmethod
    def before_publishing(self, submission: ReviewableT) -> None:
        """Raise if it cannot be published, else complete what is not part of its entries."""


_kinds: dict[type[Reviewable], ReviewKind[Any]] = {}


def register_kinds(*review_kinds: ReviewKind[Any]) -> None:
    _kinds.update({kind.model: kind for kind in review_kinds})


def kind_of(submission: ReviewableT) -> ReviewKind[ReviewableT]:
    return cast(ReviewKind[ReviewableT], _kinds[type(submission)])


@acts.act()
def submit(submission: ReviewableT, *, by: User) -> ReviewableT:
    """Send a draft to the council. Idempotent."""
    [submission] = _submit_drafts([submission], by=by)
    return submission


@acts.act()
def submit_all(submissions: Iterable[Reviewable], *, by: User) -> None:
    """Send several drafts to the council in one batch. Idempotent."""
    # Lock in one order, so that two parallel batches cannot deadlock.
    _submit_drafts(sorted(submissions, key=_lock_order), by=by)


@acts.act()
def take_back(submission: ReviewableT, *, by: User) -> ReviewableT:
    """Make a submission a draft again, unless the council has decided it. Idempotent."""
    kind, submission = _lock_for(submission, "take_back", by=by)
    if submission.is_working_copy:
        return submission
    _check_undecided(submission)
    entries = kind.before_taking_back(submission)
    # What the council asked stands until it is answered.
    is_returned = bool(submission.returned_comments)
    submission.status = ReviewStatus.RETURNED if is_returned else ReviewStatus.DRAFT
    submission.save()
    _publish_entries(entries)
    return submission


@acts.act()
def return_with_comments(
    submission: ReviewableT, *, by: User, comments: str, seen_digest: str
) -> ReviewableT:
    """Return a submission to its authors with comments. Idempotent."""
    kind, submission = _lock_for(submission, "return", by=by)
    if submission.status == ReviewStatus.RETURNED and submission.returned_comments == comments:
        return submission
    _check_undecided(submission)
    check_digest(digest_entries(kind.entries_to_append(submission)), seen_digest)
    item = kind.describe(submission)
    kind.before_returning(submission)
    submission.status = ReviewStatus.RETURNED
    submission.returned_comments = comments
    submission.save()
    _email_authors(
        item,
        template="returned",
        key=f"returned:{item.reference}:{item.since:%Y%m%dT%H%M%S.%f}",
        comments=comments,
        link=item.edit_address,
    )
    return submission


@acts.act()
def publish(submission: ReviewableT, *, by: User, seen_digest: str) -> ReviewableT:
    """Publish a submission and send its authors a receipt. Idempotent, also for two officers."""
    kind, submission = _lock_for(submission, "publish", by=by)
    if submission.status == ReviewStatus.PUBLISHED:
        return submission
    _check_undecided(submission)
    entries = kind.entries_to_append(submission)
    check_digest(digest_entries(entries), seen_digest)
    kind.before_publishing(submission)
    submission.status = ReviewStatus.PUBLISHED
    submission.published_at = clock.now()
    submission.returned_comments = ""
    submission.save()
    item = kind.describe(submission)
    _email_authors(item, template="receipt", key=f"receipt:{item.reference}")
    with questions.already_read():
        publishing.publish(entries)  # exactly what was read
    return submission


def questions_about(draft: Reviewable) -> list[Question]:
    """Return what a preview asks about a draft, beside the look for personal data."""
    return kind_of(draft).questions(draft)


def entries_to_append(submission: Reviewable) -> list[NewEntry]:
    """Return the log entries that publishing a submission would append, for its preview."""
    return kind_of(submission).entries_to_append(submission)


def digest_entries(entries: Sequence[NewEntry]) -> str:
    """Return the digest of previewed entries, for the form that publishes or returns them."""
    return make_digest(
        [
            [entry.kind, entry.key, entry.action, kinds.clean_item(entry.kind, entry.content)]
            for entry in entries
        ]
    )


def list_items(by: User) -> list[ReviewItem]:
    """Return everything that awaits review by a person's authorities, oldest first."""
    found = [
        kind.describe(row)
        for kind in _kinds.values()
        for row in kind.awaiting_review().for_staff(by)
    ]
    return sorted(found, key=lambda item: (item.since, item.key))


def oldest_item(by: User) -> ReviewItem | None:
    """Return the item that has waited longest for a person's authorities."""
    candidates = [
        kind.describe(row)
        for kind in _kinds.values()
        for row in kind.awaiting_review().for_staff(by).order_by("submitted_at")[:1]
    ]
    return min(candidates, key=lambda item: (item.since, item.key), default=None)


def find_item(key: str, *, by: User) -> ReviewItem | None:
    """Return the item under a key that awaits review by a person's authorities.

    A change has its commitment's key.
    """
    record_kind = keys.kind_of(key) if keys.is_key(key) else ""
    found = (
        kind.describe(row)
        for kind in _kinds.values()
        if kind.record_kind == record_kind
        for row in kind.awaiting_review().for_staff(by).filter(**{kind.key_lookup: key})
    )
    return next(found, None)


def was_sent(name: str, commitment: Commitment) -> bool:
    """Return True if anything of a kind was ever sent on a commitment, or taken back since."""
    return any(
        kind.model._default_manager.filter(
            **{kind.commitment_lookup: commitment.pk}, submitted_at__isnull=False
        ).exists()
        for kind in _kinds.values()
        if kind.name == name
    )


def items_on_commitment(commitment: Commitment) -> list[ReviewItem]:
    """Return what awaits review on a commitment: itself, a change, updates, successes."""
    return [
        kind.describe(row)
        for kind in _kinds.values()
        for row in kind.awaiting_review().filter(**{kind.commitment_lookup: commitment.pk})
    ]


def _submit_drafts(submissions: Sequence[ReviewableT], *, by: User) -> list[ReviewableT]:
    """Submit drafts, ask their author about all of them at once, and publish their arrival."""
    sent: list[ReviewableT] = []
    arrivals: list[NewEntry] = []
    asked: list[tuple[Commitment, Question]] = []
    for draft in submissions:
        submission, entries, about_it = _submit_draft(draft, by=by)
        sent.append(submission)
        arrivals += entries
        commitment = kind_of(submission).describe(submission).commitment
        asked += [(commitment, question) for question in about_it]
    is_one = len({commitment for commitment, _ in asked}) < 2
    questions.ask(
        question if is_one else replace(question, text=f"“{commitment.title}”: {question.text}")
        for commitment, question in asked
    )
    _publish_entries(arrivals)
    return sent


def _submit_draft(
    submission: ReviewableT, *, by: User
) -> tuple[ReviewableT, list[NewEntry], list[Question]]:
    """Submit a draft unless that was done.

    Return it, the entries of its arrival, and what its author is asked about it.
    """
    kind, submission = _lock_for(submission, "submit", by=by)
    if submission.status == ReviewStatus.SUBMITTED:
        return submission, [], []
    if not submission.is_working_copy:
        raise AlreadyDecidedError
    pledge.check_accepted(kind.describe(submission).commitment.signatory)
    entries = kind.before_submitting(submission, by)
    submission.status = ReviewStatus.SUBMITTED
    submission.submitted_at = clock.now()
    submission.save()
    found = personal_data.find_in_entries(kind.entries_to_append(submission))
    return submission, entries, [*kind.questions(submission), *found]


def _lock_for(
    submission: ReviewableT, act: str, *, by: User
) -> tuple[ReviewKind[ReviewableT], ReviewableT]:
    """Return a submission under a lock, and its kind; raise if the user may not do the act."""
    kind = kind_of(submission)
    submission = kind.lock(submission)
    permissions.check(by, f"{kind.name}.{act}", kind.describe(submission).commitment.signatory)
    return kind, submission


def _lock_order(submission: Reviewable) -> tuple[int, int]:
    kind = kind_of(submission)
    return kind.describe(submission).commitment.pk, list(_kinds).index(kind.model)


def _check_undecided(submission: Reviewable) -> None:
    if submission.status != ReviewStatus.SUBMITTED:
        raise AlreadyDecidedError


def _email_authors(item: ReviewItem, **context: Any) -> None:
    is_report = item.key != item.commitment.key
    email_owner(item.commitment, submission=item.submission if is_report else None, **context)


def _publish_entries(entries: list[NewEntry]) -> None:
    if entries:
        publishing.publish(entries)
