"""What helps an officer to decide an item of the review queue."""

from django.db.models import QuerySet
from django.urls import reverse

from charter import activity, acts, permissions
from charter.errors import NotAllowedError
from charter.mail import outbox
from charter.models import (
    Change,
    Commitment,
    ErrorReport,
    Membership,
    Message,
    Signatory,
    StaffMembership,
    User,
)
from charter.review import ReviewItem
from charter.workflow import ReviewStatus
from registry.log import canonical
from reporting.models import ProgressUpdate


@acts.act("item.ask_colleague")
def ask_colleague(item: ReviewItem, *, by: User, colleague: User, question: str) -> None:
    """Ask a colleague at the council for a second opinion. Idempotent for each question."""
    permissions.check(by, "item.ask_colleague", item.commitment.signatory)
    authority = item.commitment.signatory.charter.authority
    if not authority.staff.current().filter(user=colleague).exists():
        raise NotAllowedError(f"{colleague} does not work for {authority}.")
    address = reverse("council:item", args=[item.key])
    context = {"waiting": item, "by": by, "colleague": colleague, "question": question}
    question_hash = canonical.hash_item(question)[:12]
    outbox.queue_from_template(
        "second_look",
        key=f"second_look:{item.key}:{colleague.identity}:{question_hash}",
        recipient=colleague.email,
        authority=authority,
        context=context | {"address": address},
    )
    acts.concerns(item.submission)


def second_look_messages(item: ReviewItem) -> QuerySet[Message]:
    """Return the emails that asked colleagues for a second opinion."""
    requests = Message.objects.filter(kind="second_look", created_at__gte=item.since)
    return requests.filter(key__startswith=f"second_look:{item.key}:").order_by("pk")


def related_error_reports(item: ReviewItem) -> QuerySet[ErrorReport]:
    """Return open error reports that a correction awaiting review may resolve."""
    reports = ErrorReport.objects
    change = item.submission
    if not isinstance(change, Change) or change.action != Change.Action.CORRECT:
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


def sender_sentence(item: ReviewItem) -> str:
    """Return who sent an item, and who at the council invited them, or ""."""
    sent = activity.find_sender(item.submission)
    if sent is None or sent.person is None:
        return ""
    organisation = item.commitment.signatory.organisation_id
    memberships = Membership.objects.filter(user=sent.person_id, organisation=organisation)
    staff = StaffMembership.objects.values("user")
    by_staff = memberships.filter(invited_by__in=staff).select_related("invited_by").last()
    invited = f", invited by {by_staff.invited_by} at the council" if by_staff else ""
    return f"Sent by {activity.describe_actor(sent)}{invited}."
