"""Examples to copy: the council chooses a public promise or success and says why, in public."""

from django.db import transaction

from charter import permissions as council
from charter.errors import AlreadyThereError, WrongStateError
from charter.models import Commitment, User
from registry import clock, keys, log
from registry.models import Record
from reporting import items
from reporting.models import Example, Success


def public(key: str) -> Commitment | Success | None:
    """Return the promise or success of a key, if the public can read it and it still stands."""
    standing = Record.objects.readable().exclude(status=Record.Status.WITHDRAWN)
    if not keys.is_key(key) or not standing.filter(pk=key).exists():
        return None
    return (
        Commitment.objects.select_related("signatory__charter").filter(key=key).first()
        or Success.objects.select_related("signatory__charter").filter(key=key).first()
    )


@transaction.atomic
def choose(about: Commitment | Success, *, by: User, why: str) -> Example:
    """Hold something up as an example, in public and at once."""
    council.check_is_council(by)
    # Two officers who choose the same at the same time wait for each other here.
    about = type(about).objects.select_for_update(of=["self"], no_key=True).get(pk=about.pk)
    if public(about.key) is None:
        raise WrongStateError(
            "Only what the public can read, and what still stands, can be copied."
        )
    if Example.objects.current().about(about.key).exists():
        raise AlreadyThereError(f"{about.key} is an example already.")
    commitment, success = (about, None) if isinstance(about, Commitment) else (None, about)
    example = Example.objects.create(
        commitment=commitment, success=success, why=why, chosen_at=clock.now(), chosen_by=by
    )
    log.publish([log.Item("notice", example.key, "publish", items.example(example))])
    return example


@transaction.atomic
def take_back(example: Example, *, by: User, reason: str) -> Example:
    """End an example, with a public reason. A second click changes nothing."""
    council.check_is_council(by)
    example = (
        Example.objects.select_for_update(of=["self"])
        .select_related("commitment__signatory__charter", "success__signatory__charter")
        .get(pk=example.pk)
    )
    if example.ended_at is None:
        example.ended_at, example.end_reason = clock.now(), reason
        example.save()
        content = items.example(example) | {"change_reason": reason}
        log.publish([log.Item("notice", example.key, "withdraw", content)])
    return example
