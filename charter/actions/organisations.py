"""What is public of organisations: asked for, described anew, or brought in from a list."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from charter import importing, items, outbox, permissions
from charter.actions import people, signatories
from charter.importing import Admission, Revision
from charter.models import Charter, DetailsRequest, Membership, Signatory, User
from registry import clock, log


def bring_in(
    charter: Charter,
    *,
    by: User,
    admissions: Sequence[Admission],
    revisions: Sequence[Revision],
    reason: str = "",
) -> Iterator[int]:
    """Publish new signatories and changed ones in one act, and invite their people.

    Yields how many are done, for whoever watches; nothing is saved before the last. If anything
    fails, or nobody watches to the end, nothing was done. `reason` is public, and needed where a
    signatory changes.
    """
    permissions.check_is_council(by)
    with transaction.atomic():
        acts = []
        for admission in admissions:
            signatory = signatories.enter(by=by, charter=charter, **admission.values)
            acts.append(log.Item("signatory", signatory.key, "publish", items.signatory(signatory)))
            yield len(acts)
        for done, revision in enumerate(revisions, len(acts) + 1):
            signatory = _revise(revision, by=by)
            if revision.is_public:
                content = items.signatory(signatory) | {"change_reason": reason}
                acts.append(log.Item("signatory", signatory.key, "amend", content))
            yield done
        log.publish(acts)


@transaction.atomic
def ask(
    signatory: Signatory, *, by: User, reason: str, values: Mapping[str, Any]
) -> DetailsRequest:
    """Put before the council what it should say otherwise; what was asked before is forgotten."""
    permissions.check_may_write(by, signatory)
    request, _ = DetailsRequest.objects.waiting().update_or_create(
        signatory=_locked(signatory),
        defaults={"values": values, "reason": reason, "asked_by": by, "asked_at": clock.now()},
    )
    return request


@transaction.atomic
def decline(request: DetailsRequest, *, by: User, words: str) -> None:
    """Leave the details as they are, and tell whoever asked why. A second click changes nothing."""
    permissions.check_is_council(by)
    _decide(_locked(request.signatory), words=words)


@transaction.atomic
def describe(
    signatory: Signatory, *, by: User, reason: str, values: Mapping[str, Any], since: date
) -> Signatory:
    """Change what is public of an organisation, with a public reason. Equal values change nothing.

    An earlier name stays on its page, with the last day on which it held: the one before `since`.
    What the signatory asked for is decided by this.
    """
    permissions.check_is_council(by)
    signatory = _locked(signatory)
    changed = _fill(signatory, values, since)
    _decide(signatory)
    if changed:
        content = items.signatory(signatory) | {"change_reason": reason}
        log.publish([log.Item("signatory", signatory.key, "amend", content)])
    return signatory


def _revise(revision: Revision, *, by: User) -> Signatory:
    signatory = _locked(revision.signatory)
    _fill(signatory, revision.values, clock.today())
    for scheme, number in revision.identifiers:
        signatories.identify(signatory.organisation, scheme, number)
    if revision.contact_email:
        people.invite(
            by=by,
            email=revision.contact_email,
            organisation=signatory.organisation,
            role=Membership.Role.OWNER,
        )
    return signatory


def _fill(signatory: Signatory, values: Mapping[str, Any], since: date) -> bool:
    """Put values into a signatory and its organisation; say whether any is different."""
    organisation = signatory.organisation
    changed = False
    for name, value in values.items():
        thing = signatory if name in importing.OF_THE_SIGNATORY else organisation
        changed |= getattr(thing, name) != value
        if name == "legal_name":
            organisation.rename(value, today=since)
        else:
            setattr(thing, name, value)
    organisation.save()
    signatory.save()
    return changed


def _decide(signatory: Signatory, *, words: str = "") -> None:
    """End what a signatory asked for, if anything, and tell whoever asked; `words` decline it."""
    for request in signatory.details_requests.waiting().select_related("asked_by"):
        request.decided_at = clock.now()
        request.save()
        if request.asked_by is None:
            continue
        context = {"signatory": signatory, "user": request.asked_by, "words": words}
        outbox.write(
            "details",
            key=f"details:{request.pk}",
            recipient=request.asked_by.email,
            context=context,
        )


def _locked(signatory: Signatory) -> Signatory:
    return (
        Signatory.objects.select_for_update(of=["self", "organisation"])
        .select_related("charter", "organisation", "successor")
        .get(pk=signatory.pk)
    )
