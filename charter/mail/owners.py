"""Email to the people who look after a commitment."""

from typing import Any

from charter.mail import outbox
from charter.models import Commitment, Membership


def email_owner(commitment: Commitment, *, template: str, key: str, **context: Any) -> None:
    """Queue an email to the person who looks after a commitment, or else to an owner.

    Nothing is queued if the signatory has neither.
    """
    memberships = commitment.signatory.organisation.memberships.current().select_related("user")
    member = (
        memberships.filter(pk=commitment.update_owner_id or 0).first()
        or memberships.filter(role=Membership.Role.OWNER).first()
    )
    if member is None:
        return
    context = {"commitment": commitment, "member": member, "submission": None, **context}
    outbox.queue_from_template(
        template,
        key=key,
        recipient=member.user.email,
        authority=commitment.signatory.charter.authority,
        context=context,
    )
