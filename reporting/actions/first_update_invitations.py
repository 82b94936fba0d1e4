"""Invitations to signatories without any update: officers select whom, each once."""

from collections.abc import Collection

from django.db.models import Exists, OuterRef

from charter import acts, permissions
from charter.mail import outbox, rendering
from charter.models import Membership, Message, Signatory, User
from charter.models.organisations import SignatoryQuerySet
from charter.workflow import CommitmentStatus
from registry import clock
from reporting.models import ReportingPeriod

KIND = "first_update_invitation"


def silent_signatories() -> SignatoryQuerySet:
    """Return signatories with public commitments but no update, by name.

    Left out are those that were invited before, left or are paused.
    """
    signatory_lookup = {"commitment__signatory": OuterRef("pk")}
    begun_periods = ReportingPeriod.objects.filter(
        **signatory_lookup,
        commitment__status=CommitmentStatus.PUBLISHED,
        starts_on__lte=clock.today(),
    )
    received_periods = ReportingPeriod.objects.filter(**signatory_lookup, received_on__isnull=False)
    invitations = Message.objects.filter(kind=KIND).values_list("key", flat=True)
    return (
        Signatory.objects.filter(Exists(begun_periods), ~Exists(received_periods), left_on=None)
        .exclude(pk__in=Signatory.objects.paused_on(clock.today()))
        .exclude(key__in=[key.split(":")[1] for key in invitations])
        .select_related("organisation", "charter__authority")
        .order_by("organisation__legal_name", "pk")
    )


def find_invitees(signatories: SignatoryQuerySet) -> dict[Signatory, Membership]:
    """Return one owner of each signatory.

    Left out are owners who stopped friendly emails or whose emails bounce.
    """
    owners = (
        Membership.objects.current()
        .filter(
            organisation__in=signatories.values("organisation"),
            role=Membership.Role.OWNER,
            bounced_at=None,
        )
        .exclude(nudges_stopped=True)
        .exclude(nudges_paused_until__gte=clock.today())
    )
    by_organisation = {
        owner.organisation_id: owner
        for owner in owners.select_related("user", "organisation").order_by("-pk")
    }
    return {
        signatory: by_organisation[signatory.organisation_id]
        for signatory in signatories
        if signatory.organisation_id in by_organisation
    }


def render_email(signatory: Signatory, member: Membership) -> tuple[str, str, str]:
    """Return subject, text and HTML of the invitation."""
    commitments = signatory.commitments.open().order_by("published_at")
    context = {"member": member, "commitments": commitments}
    return rendering.render(KIND, context, signatory.charter.authority)


@acts.act("first_update.invite")
def invite_signatories(keys: Collection[str], *, by: User) -> int:
    """Queue the invitations of the selected signatories; return how many. Idempotent."""
    permissions.check_each(by, "first_update.invite", Signatory.objects.filter(key__in=keys))
    invitees = find_invitees(silent_signatories().filter(key__in=keys))
    for signatory, member in invitees.items():
        subject, text, html = render_email(signatory, member)
        outbox.queue(
            kind=KIND,
            key=f"{KIND}:{signatory.key}",
            recipient=member.user.email,
            subject=subject,
            text=text,
            html=html,
            authority=signatory.charter.authority,
        )
    acts.concerns(*invitees)
    return len(invitees)


def cancellation_reason(message: Message) -> str:
    """Return why a queued invitation is no longer needed, or ""."""
    received_periods = ReportingPeriod.objects.filter(
        commitment__signatory__key=message.key.split(":")[1], received_on__isnull=False
    )
    return "The update was received" if received_periods.exists() else ""
