"""Change the theme or the contact of many commitments at once, never their content."""

from collections.abc import Collection

from django.db.models import QuerySet

from charter import acts, items, permissions
from charter.errors import NotAllowedError
from charter.models import Commitment, HandOver, Membership, Theme, User
from charter.seen_digest import check_digest, make_digest
from registry import clock
from registry.log import publishing


def select_commitments(keys: Collection[str]) -> QuerySet[Commitment]:
    """Return the public commitments among `keys`, with related rows for display."""
    commitments = Commitment.objects.public().filter(key__in=keys).order_by("pk")
    return commitments.select_related(
        "signatory__charter", "signatory__organisation", "theme", "measure", "update_owner__user"
    )


def commitments_digest(commitments: Collection[Commitment]) -> str:
    """Return a digest of themes and contacts, to detect changes after a preview."""
    state = [
        [commitment.key, commitment.theme_id, commitment.update_owner_id]
        for commitment in commitments
    ]
    return make_digest(state)


@acts.act("commitment.change_many")
def change_commitments(
    keys: Collection[str],
    *,
    by: User,
    theme: Theme | None,
    contact: Membership | None,
    reason: str,
    seen_digest: str,
) -> list[Commitment]:
    """Move commitments to a theme, to a contact, or both; return the changed ones.

    A new theme is published with the reason; a new contact is recorded for the signatory's people.
    Raise ChangedSinceReadError if a commitment differs from the preview (`seen_digest`).
    """
    commitments = list(select_commitments(keys).select_for_update(of=("self",)))
    charters = (commitment.signatory.charter for commitment in commitments)
    permissions.check_each(by, "commitment.change_many", charters)
    check_digest(commitments_digest(commitments), seen_digest)
    moved_commitments: list[Commitment] = []
    hand_overs: list[HandOver] = []
    for commitment in commitments:
        if theme and commitment.theme != theme:
            if theme.charter_id != commitment.signatory.charter_id:
                raise NotAllowedError(f"“{theme}” is no theme of the charter of {commitment.key}.")
            commitment.theme = theme
            moved_commitments.append(commitment)
        if contact and commitment.update_owner != contact:
            if contact.organisation_id != commitment.signatory.organisation_id:
                raise NotAllowedError(f"{contact.user} does not speak for {commitment.signatory}.")
            hand_overs.append(
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
    acts.created(*HandOver.objects.bulk_create(hand_overs))
    publishing.publish(
        [
            publishing.NewEntry(
                "commitment",
                commitment.key,
                "correct",
                items.commitment(commitment) | {"change_reason": reason},
            )
            for commitment in moved_commitments
        ]
    )
    changed_ids = {commitment.pk for commitment in moved_commitments} | {
        hand_over.commitment_id for hand_over in hand_overs
    }
    return [commitment for commitment in commitments if commitment.pk in changed_ids]
