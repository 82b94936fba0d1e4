"""Change the theme or the contact of many promises at once. What was promised is never among it."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet

from charter import items, permissions
from charter.errors import NotAllowedError, StaleError
from charter.models import Commitment, HandOver, Membership, Theme, User
from registry import clock, log
from registry.canonical import canonical, hash_item


def chosen(keys: Collection[str]) -> QuerySet[Commitment]:
    """Return promises that stand in public, with what is shown of them."""
    promises = Commitment.objects.public().filter(key__in=keys).order_by("pk")
    return promises.select_related(
        "signatory__charter", "signatory__organisation", "theme", "measure", "update_owner__user"
    )


def digest(promises: Collection[Commitment]) -> str:
    """Return what stands for promises as they are now, so that what is changed was seen."""
    seen = [[promise.key, promise.theme_id, promise.update_owner_id] for promise in promises]
    return hash_item(canonical(seen))


@transaction.atomic
def change(
    keys: Collection[str],
    *,
    by: User,
    theme: Theme | None,
    contact: Membership | None,
    reason: str,
    read: str,
) -> list[Commitment]:
    """Put promises under a theme, into the hands of a contact, or both; return those changed.

    Each new theme is public with the reason, each new contact on record for its people. Raise
    StaleError if one is not as it was seen.
    """
    permissions.check_is_council(by)
    promises = list(chosen(keys).select_for_update(of=("self",)))
    if digest(promises) != read:
        raise StaleError(promises)
    moved: list[Commitment] = []
    handed_over: list[HandOver] = []
    for promise in promises:
        if theme and promise.theme != theme:
            if theme.charter_id != promise.signatory.charter_id:
                raise NotAllowedError(f"“{theme}” is no theme of the charter of {promise.key}.")
            promise.theme = theme
            moved.append(promise)
        if contact and promise.update_owner != contact:
            if contact.organisation_id != promise.signatory.organisation_id:
                raise NotAllowedError(f"{contact.user} does not speak for {promise.signatory}.")
            handed_over.append(
                HandOver(
                    commitment=promise,
                    before=promise.update_owner,
                    after=contact,
                    reason=reason,
                    by=by,
                    at=clock.now(),
                )
            )
            promise.update_owner = contact
        promise.save(update_fields=["theme", "update_owner"])
    HandOver.objects.bulk_create(handed_over)
    log.publish(
        [
            log.Item(
                "commitment",
                promise.key,
                "correct",
                items.commitment(promise) | {"change_reason": reason},
            )
            for promise in moved
        ]
    )
    changed = {promise.pk for promise in moved} | {act.commitment_id for act in handed_over}
    return [promise for promise in promises if promise.pk in changed]
