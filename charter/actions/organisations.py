"""Bring a list of organisations into the register, all of it or nothing."""

from collections.abc import Iterator, Sequence

from django.db import transaction

from charter import importing, items, permissions
from charter.actions import people, signatories
from charter.importing import Admission, Revision
from charter.models import Charter, Membership, Signatory, User
from registry import log


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


def _revise(revision: Revision, *, by: User) -> Signatory:
    signatory = (
        Signatory.objects.select_for_update(of=["self", "organisation"])
        .select_related("charter", "organisation")
        .get(pk=revision.signatory.pk)
    )
    organisation = signatory.organisation
    for name, value in revision.values.items():
        setattr(signatory if name in importing.OF_THE_SIGNATORY else organisation, name, value)
    organisation.save()
    signatory.save()
    for scheme, number in revision.identifiers:
        signatories.identify(organisation, scheme, number)
    if revision.contact_email:
        people.invite(
            by=by,
            email=revision.contact_email,
            organisation=organisation,
            role=Membership.Role.OWNER,
        )
    return signatory
