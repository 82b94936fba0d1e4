"""Invitations to signatories without any update: officers select whom, each once."""

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
    """Return one owner of each signatory with public commitments but no update.

    Left out are signatories that were invited before, left or are paused, and owners who stopped
    friendly emails or whose emails bounce.
    """
    today = clock.today()
    signatory_lookup = {"commitment__signatory": OuterRef("pk")}
    begun_periods = ReportingPeriod.objects.filter(
        **signatory_lookup, commitment__status=CommitmentStatus.PUBLISHED, starts_on__lte=today
    )
    received_periods = ReportingPeriod.objects.filter(**signatory_lookup, received_on__isnull=False)
    silent_signatories = Signatory.objects.filter(
        Exists(begun_periods), ~Exists(received_periods), left_on=None
    ).exclude(pk__in=Signatory.objects.paused_on(today))
    owners = (
        Membership.objects.current()
        .filter(
            organisation__in=silent_signatories.values("organisation"),
            role=Membership.Role.OWNER,
            bounced_at=None,
        )
        .exclude(nudges_stopped=True)
        .exclude(nudges_paused_until__gte=today)
    )
    invitations = Message.objects.filter(kind=KIND).values("key")
    return (
        owners.order_by("organisation", "pk")
        .distinct("organisation")
        .select_related("user", "organisation")
        .exclude(organisation__in=[int(row["key"].split(":")[1]) for row in invitations])
    )


def render_email(member: Membership) -> tuple[str, str, str]:
    """Return subject, text and HTML of the invitation."""
    commitments = Commitment.objects.open().filter(signatory__organisation=member.organisation)
    return rendering.render(
        KIND, {"member": member, "commitments": commitments.order_by("published_at")}
    )


@transaction.atomic
def invite_members(members: Collection[int], *, by: User) -> int:
    """Queue the invitations of the selected members; return how many. Idempotent."""
    permissions.check(by, "first_update.invite", None)
    selected_members = [member for member in members_to_invite() if member.pk in members]
    for member in selected_members:
        subject, text, html = render_email(member)
        outbox.queue(
            kind=KIND,
            key=f"{KIND}:{member.organisation_id}",
            recipient=member.user.email,
            subject=subject,
            text=text,
            html=html,
        )
    return len(selected_members)


def cancellation_reason(message: Message) -> str:
    """Return why a queued invitation is no longer needed, or ""."""
    organisation_id = int(message.key.split(":")[1])
    received_periods = ReportingPeriod.objects.filter(
        commitment__signatory__organisation=organisation_id, received_on__isnull=False
    )
    return "The update has come" if received_periods.exists() else ""
