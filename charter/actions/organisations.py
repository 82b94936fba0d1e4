"""What is public of organisations: described anew, or brought in from a list."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction

from charter import importing, items, permissions
from charter.actions import people, signatories
from charter.importing import Admission, Revision
from charter.models import Charter, Membership, Signatory, User
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
def describe(
    signatory: Signatory, *, by: User, reason: str, values: Mapping[str, Any]
) -> Signatory:
    """Change what is public of an organisation, with a public reason. Equal values change nothing.

    An earlier name stays on its page, with the last day on which it held.
    """
    permissions.check_is_council(by)
    signatory = _locked(signatory)
    if _fill(signatory, values):
        content = items.signatory(signatory) | {"change_reason": reason}
        log.publish([log.Item("signatory", signatory.key, "amend", content)])
    return signatory


def _revise(revision: Revision, *, by: User) -> Signatory:
    signatory = _locked(revision.signatory)
    _fill(signatory, revision.values)
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


def _fill(signatory: Signatory, values: Mapping[str, Any]) -> bool:
    """Put values into a signatory and its organisation; say whether any is different."""
    organisation = signatory.organisation
    changed = False
    for name, value in values.items():
        thing = signatory if name in importing.OF_THE_SIGNATORY else organisation
        changed |= getattr(thing, name) != value
        if name == "legal_name":
            organisation.rename(value, today=clock.today())
        else:
            setattr(thing, name, value)
    organisation.save()
    signatory.save()
    return changed


def _locked(signatory: Signatory) -> Signatory:
    return (
        Signatory.objects.select_for_update(of=["self", "organisation"])
        .select_related("charter", "organisation")
        .get(pk=signatory.pk)
    )
