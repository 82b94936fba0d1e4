"""A mailing of its own to those who never sent an update: officers choose whom, and each once."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from charter import permissions
from charter.mail import outbox, rendering
from charter.models import Commitment, Membership, Message, Signatory, User
from charter.workflow import CommitmentStatus
from registry import clock
from reporting.models import ReportingPeriod

KIND = "first_update_invitation"


def members_to_invite() -> QuerySet[Membership]:
    """Return the owners, one of each signatory whose commitments are public and without any update.

    Left out are those who were invited before, left, paused, stopped friendly emails, or whose
    mailbox refuses email.
    """
    today = clock.today()
    of_signatory = {"commitment__signatory": OuterRef("pk")}
    begun_periods = ReportingPeriod.objects.filter(
        **of_signatory, commitment__status=CommitmentStatus.PUBLISHED, starts_on__lte=today
    )
    received = ReportingPeriod.objects.filter(**of_signatory, received_on__isnull=False)
    silent = Signatory.objects.filter(Exists(begun_periods), ~Exists(received), left_on=None)
    awake = [signatory.organisation_id for signatory in silent if not signatory.is_paused(today)]
    owners = (
        Membership.objects.current()
        .filter(organisation__in=awake, role=Membership.Role.OWNER, bounced_at=None)
        .exclude(nudges_stopped=True)
        .exclude(nudges_paused_until__gte=today)
    )
    invited = Message.objects.filter(kind=KIND).values("key")
    return (
        owners.order_by("organisation", "pk")
        .distinct("organisation")
        .select_related("user", "organisation")
        .exclude(organisation__in=[int(row["key"].split(":")[1]) for row in invited])
    )


def render_email(member: Membership) -> tuple[str, str, str]:
    """Return subject, text and HTML of the email to one of them."""
    commitments = Commitment.objects.open().filter(signatory__organisation=member.organisation)
    return rendering.render(
        KIND, {"member": member, "commitments": commitments.order_by("published_at")}
    )


@transaction.atomic
def invite_members(members: Collection[int], *, by: User) -> int:
    """Queue the email to the chosen ones; return how many. A second click sends nothing."""
    permissions.check_is_council(by)
    chosen = [member for member in members_to_invite() if member.pk in members]
    for member in chosen:
        subject, text, html = render_email(member)
        outbox.queue(
            kind=KIND,
            key=f"{KIND}:{member.organisation_id}",
            recipient=member.user.email,
            subject=subject,
            text=text,
            html=html,
        )
    return len(chosen)


def cancellation_reason(message: Message) -> str:
    """Return why an invitation that waits is no longer wanted, or ""."""
    organisation = int(message.key.split(":")[1])
    received = ReportingPeriod.objects.filter(
        commitment__signatory__organisation=organisation, received_on__isnull=False
    )
    return "The update has come" if received.exists() else ""
