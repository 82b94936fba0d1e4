"""Who is asked for the update of a commitment."""

from collections import defaultdict
from collections.abc import Iterable

from charter.models import Membership
from reporting.models import ReportingPeriod


class Recipients:
    """The update owners and senior sponsors of some periods, read at once."""

    def __init__(self, periods: Iterable[ReportingPeriod]) -> None:
        organisations = {period.commitment.signatory.organisation_id for period in periods}
        self.members: dict[int, list[Membership]] = defaultdict(list)
        for member in (
            Membership.objects.current()
            .filter(organisation__in=organisations)
            .select_related("user")
            .order_by("pk")
        ):
            self.members[member.organisation_id].append(member)

    def get_owner(self, period: ReportingPeriod) -> Membership | None:
        """Return who looks after the commitment, else the organisation's first owner."""
        members = self.members[period.commitment.signatory.organisation_id]
        named = [m for m in members if m.pk == period.commitment.update_owner_id]
        owners = [m for m in members if m.role == Membership.Role.OWNER]
        return next(iter(named + owners), None)

    def get_sponsors(self, period: ReportingPeriod) -> list[Membership]:
        """Return the senior sponsors, without one who is asked as the owner already."""
        members = self.members[period.commitment.signatory.organisation_id]
        owner = self.get_owner(period)
        return [m for m in members if m.role == Membership.Role.SPONSOR and m != owner]

    def has_sponsor(self, period: ReportingPeriod) -> bool:
        """Say whether a senior sponsor is there, whoever is asked as the owner."""
        members = self.members[period.commitment.signatory.organisation_id]
        return any(m.role == Membership.Role.SPONSOR for m in members)
