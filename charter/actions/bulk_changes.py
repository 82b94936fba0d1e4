"""Change the theme or the contact of many commitments at once. What was promised is never among
it.
"""

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet

from charter import items, permissions
from charter.errors import NotAllowedError, StaleError
from charter.models import Commitment, HandOver, Membership, Theme, User
from registry import clock
from registry.log import publishing
from registry.log.canonical import canonical, hash_item


def select_commitments(keys: Collection[str]) -> QuerySet[Commitment]:
    """Return commitments that stand in public, with what is shown of them."""
    commitments = Commitment.objects.public().filter(key__in=keys).order_by("pk")
    return commitments.select_related(
        "signatory__charter", "signatory__organisation", "theme", "measure", "update_owner__user"
    )


def commitments_digest(commitments: Collection[Commitment]) -> str:
    """Return what stands for commitments as they are now, so that what is changed was seen."""
    state = [
        [commitment.key, commitment.theme_id, commitment.update_owner_id]
        for commitment in commitments
    ]
    return hash_item(canonical(state))


@transaction.atomic
def change_commitments(
    keys: Collection[str],
    *,
    by: User,
    theme: Theme | None,
    contact: Membership | None,
    reason: str,
    seen_digest: str,
) -> list[Commitment]:
    """Put commitments under a theme, into the hands of a contact, or both; return those changed.

    Each new theme is public with the reason, each new contact on record for its people. Raise
    StaleError if one is not as it was seen.
    """
    permissions.check_is_council(by)
    commitments = list(select_commitments(keys).select_for_update(of=("self",)))
    if commitments_digest(commitments) != seen_digest:
        raise StaleError(commitments)
    moved: list[Commitment] = []
    handed_over: list[HandOver] = []
    for commitment in commitments:
        if theme and commitment.theme != theme:
            if theme.charter_id != commitment.signatory.charter_id:
                raise NotAllowedError(f"“{theme}” is no theme of the charter of {commitment.key}.")
            commitment.theme = theme
            moved.append(commitment)
        if contact and commitment.update_owner != contact:
            if contact.organisation_id != commitment.signatory.organisation_id:
                raise NotAllowedError(f"{contact.user} does not speak for {commitment.signatory}.")
            handed_over.append(
                HandOver(
                    commitment=commitment,
                    before=commitment.update_owner,
                    after=contact,
                    reason=reason,
                    by=by,
                    at=clock.now(),
                )
            )
            commitment.update_owner = contact
        commitment.save(update_fields=["theme", "update_owner"])
    HandOver.objects.bulk_create(handed_over)
    publishing.publish(
        [
            publishing.NewEntry(
                "commitment",
                commitment.key,
                "correct",
                items.commitment(commitment) | {"change_reason": reason},
            )
            for commitment in moved
        ]
    )
    changed = {commitment.pk for commitment in moved} | {
        hand_over.commitment_id for hand_over in handed_over
    }
    return [commitment for commitment in commitments if commitment.pk in changed]
