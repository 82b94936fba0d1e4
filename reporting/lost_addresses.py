"""Email addresses that are gone, for staff to correct: of members and of invited people."""

from dataclasses import dataclass
from datetime import date

from charter.models import Invitation, Membership, Organisation, RefusedAddress, Signatory, User
from registry import clock


@dataclass(frozen=True)
class LostAddress:
    """An address that gets no more email. `membership` is None if its person never accepted."""

    email: str
    organisation: Organisation
    signatory: Signatory  # One that the reader looks after.
    role: str
    gone_on: date
    membership: Membership | None
    has_others: bool  # Someone else there can be reached.

    @property
    def unreachable_since(self) -> date | None:
        return self.signatory.unreachable_since


def list_lost_addresses(by: User) -> list[LostAddress]:
    """Return the addresses to correct of signatories that a person looks after, oldest first."""
    gone_addresses = RefusedAddress.objects.gone()
    gone_on = {a.email: clock.local_date(a.gone_at) for a in gone_addresses if a.gone_at}
    members = Membership.objects.for_staff(by).current().exclude(bounced_at=None)
    invitations = Invitation.objects.for_staff(by).open(clock.now()).exclude(organisation=None)
    found: list[tuple[str, Membership | Invitation, Membership | None]] = [
        *((m.user.email, m, m) for m in members.select_related("user", "organisation")),
        *(
            (invitation.email, invitation, None)
            for invitation in invitations.filter(email__in=gone_on).select_related("organisation")
        ),
    ]
    signatories = {
        signatory.organisation_id: signatory
        for signatory in Signatory.objects.for_staff(by).filter(
            left_on=None, organisation__in=[row.organisation_id for _, row, _ in found]
        )
    }
    reachable = set(
        Membership.objects.current()
        .filter(organisation__in=signatories, bounced_at=None)
        .values_list("organisation", flat=True)
    )
    rows = [
        LostAddress(
            email=email,
            organisation=signatories[row.organisation_id].organisation,
            signatory=signatories[row.organisation_id],
            role=row.get_role_display(),
            gone_on=gone_on[email],
            membership=member,
            has_others=row.organisation_id in reachable,
        )
        for email, row, member in found
        if row.organisation_id in signatories and email in gone_on
    ]
    return sorted(rows, key=lambda row: (row.gone_on, row.email))
