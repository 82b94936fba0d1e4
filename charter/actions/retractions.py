"""Take back that a signatory was unreachable, where that was our fault."""

import json
from datetime import date

from charter import acts, items, permissions
from charter.errors import WrongStateError
from charter.mail import reachability
from charter.models import RefusedAddress, Signatory, User
from registry import clock
from registry.log import publishing
from registry.models import Entry


def unreachable_to_retract(signatory: Signatory) -> date | None:
    """Return the day since which a signatory is or was last called unreachable, if it stands.

    None if the register never said so, or has taken it back.
    """
    if signatory.unreachable_since:
        return signatory.unreachable_since
    retracted = {retraction["unreachable_since"] for retraction in signatory.retractions}
    versions = Entry.objects.filter(key=signatory.key, item__contains="unreachable_since")
    for text in versions.order_by("-number").values_list("item", flat=True):
        since = json.loads(text or "{}").get("unreachable_since")
        if since and since not in retracted:
            return date.fromisoformat(since)
    return None


@acts.act("signatory.retract_unreachable")
def retract_unreachable(signatory: Signatory, *, by: User, reason: str) -> Signatory:
    """Publish that a signatory was wrongly called unreachable. The reason is public.

    Its people's addresses count as working again, and its periods no longer as unreachable.
    """
    permissions.check(by, "signatory.retract_unreachable", signatory)
    signatory = Signatory.objects.select_for_update(of=["self"]).get(pk=signatory.pk)
    since = unreachable_to_retract(signatory)
    if since is None:
        raise WrongStateError("The public page does not say that it is unreachable.")
    signatory.retractions = [
        *signatory.retractions,
        {"unreachable_since": str(since), "on": str(clock.today()), "reason": reason},
    ]
    signatory.unreachable_since = None
    signatory.save()
    members = signatory.organisation.memberships.current()
    RefusedAddress.objects.filter(email__in=members.values("user__email")).delete()
    acts.update(members, bounced_at=None)
    content = items.signatory(signatory) | {"change_reason": reason}
    publishing.publish(
        [
            *reachability.update_reachability(signatory.organisation),
            publishing.NewEntry("signatory", signatory.key, "amend", content),
        ]
    )
    return signatory
