"""Recipients of the reminders for a commitment."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol

from charter.models import Membership


class Owed(Protocol):
    """What decides who is asked for an update, as in a `ReportingPeriod`."""

    @property
    def organisation_id(self) -> int: ...
    @property
    def update_owner_id(self) -> int | None: ...


class Recipients:
    """The update owners and senior sponsors of some periods, read at once."""

    def __init__(self, periods: Iterable[Owed]) -> None:
        organisations = {period.organisation_id for period in periods}
        self.members: dict[int, list[Membership]] = defaultdict(list)
        for member in (
            Membership.objects.current()
            .filter(organisation__in=organisations)
            .select_related("user")
            .order_by("pk")
        ):
            self.members[member.organisation_id].append(member)

    def get_owner(self, period: Owed) -> Membership | None:
        """Return the commitment's update owner, or the organisation's first owner."""
        members = self.members[period.organisation_id]
        appointed = [m for m in members if m.pk == period.update_owner_id]
        owners = [m for m in members if m.role == Membership.Role.OWNER]
        return next(iter(appointed + owners), None)

    def get_sponsors(self, period: Owed) -> list[Membership]:
        """Return the senior sponsors, except one who is also the update owner."""
        members = self.members[period.organisation_id]
        owner = self.get_owner(period)
        return [m for m in members if m.role == Membership.Role.SPONSOR and m != owner]

    def has_sponsor(self, period: Owed) -> bool:
        """Return True if there is a senior sponsor, even as the update owner."""
        members = self.members[period.organisation_id]
        return any(m.role == Membership.Role.SPONSOR for m in members)
