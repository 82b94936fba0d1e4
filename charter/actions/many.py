"""Change the theme or the contact of many promises at once. What was promised is never among it."""

from collections.abc import Collection

from django.db import transaction
from django.db.models import QuerySet

from charter import items, permissions
from charter.errors import NotAllowedError, StaleError
from charter.models import Commitment, Membership, Theme, User
from registry import log
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

    Each new theme is public with the reason. Raise StaleError if one is not as it was seen.
    """
    permissions.check_is_council(by)
    promises = list(chosen(keys).select_for_update(of=("self",)))
    if digest(promises) != read:
        raise StaleError(promises)
    moved, handed_over = [], []
    for promise in promises:
        if theme and promise.theme != theme:
            if theme.charter_id != promise.signatory.charter_id:
                raise NotAllowedError(f"“{theme}” is no theme of the charter of {promise.key}.")
            promise.theme = theme
            moved.append(promise)
        if contact and promise.update_owner != contact:
            if contact.organisation_id != promise.signatory.organisation_id:
                raise NotAllowedError(f"{contact.user} does not speak for {promise.signatory}.")
            promise.update_owner = contact
            handed_over.append(promise)
        promise.save(update_fields=["theme", "update_owner"])
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
    return [promise for promise in promises if promise in moved or promise in handed_over]
