"""What is public of organisations: asked for, described anew, or brought in from a list."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from charter import items, permissions
from charter.actions import people, signatories
from charter.mail import outbox
from charter.models import Charter, DetailsRequest, Membership, Signatory, User
from charter.spreadsheets import organisations as organisation_import
from charter.spreadsheets.organisations import Admission, Revision
from registry import clock
from registry.log import publishing


def import_organisations(
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
        entries = []
        for admission in admissions:
            signatory = signatories.create_signatory(by=by, charter=charter, **admission.values)
            entries.append(
                publishing.NewEntry(
                    "signatory", signatory.key, "publish", items.signatory(signatory)
                )
            )
            yield len(entries)
        for done, revision in enumerate(revisions, len(entries) + 1):
            signatory = _apply_revision(revision, by=by)
            if revision.is_public:
                content = items.signatory(signatory) | {"change_reason": reason}
                entries.append(publishing.NewEntry("signatory", signatory.key, "amend", content))
            yield done
        publishing.publish(entries)


@transaction.atomic
def request_details_change(
    signatory: Signatory, *, by: User, reason: str, values: Mapping[str, Any]
) -> DetailsRequest:
    """Put before the council what it should say otherwise; what was asked before is forgotten."""
    permissions.check_may_write(by, signatory)
    request, _ = DetailsRequest.objects.awaiting_decision().update_or_create(
        signatory=_lock_signatory(signatory),
        defaults={"values": values, "reason": reason, "asked_by": by, "asked_at": clock.now()},
    )
    return request


@transaction.atomic
def decline(request: DetailsRequest, *, by: User, comments: str) -> None:
    """Leave the details as they are, and tell whoever asked why. A second click changes nothing."""
    permissions.check_is_council(by)
    _close_requests(_lock_signatory(request.signatory), comments=comments)


@transaction.atomic
def amend_details(
    signatory: Signatory, *, by: User, reason: str, values: Mapping[str, Any], since: date
) -> Signatory:
    """Change what is public of an organisation, with a public reason. Equal values change nothing.

    An earlier name stays on its page, with the last day on which it held: the one before `since`.
    What the signatory asked for is decided by this.
    """
    permissions.check_is_council(by)
    signatory = _lock_signatory(signatory)
    changed = _save_fields(signatory, values, since)
    _close_requests(signatory)
    if changed:
        content = items.signatory(signatory) | {"change_reason": reason}
        publishing.publish([publishing.NewEntry("signatory", signatory.key, "amend", content)])
    return signatory


def _apply_revision(revision: Revision, *, by: User) -> Signatory:
    signatory = _lock_signatory(revision.signatory)
    _save_fields(signatory, revision.values, clock.today())
    for scheme, number in revision.identifiers:
        signatories.add_identifier(signatory.organisation, scheme, number)
    if revision.contact_email:
        people.invite(
            by=by,
            email=revision.contact_email,
            organisation=signatory.organisation,
            role=Membership.Role.OWNER,
        )
    return signatory


def _save_fields(signatory: Signatory, values: Mapping[str, Any], since: date) -> bool:
    """Put values into a signatory and its organisation; say whether any is different."""
    organisation = signatory.organisation
    changed = False
    for name, value in values.items():
        instance = signatory if name in organisation_import.SIGNATORY_FIELDS else organisation
        changed |= getattr(instance, name) != value
        if name == "legal_name":
            organisation.rename(value, today=since)
        else:
            setattr(instance, name, value)
    organisation.save()
    signatory.save()
    return changed


def _close_requests(signatory: Signatory, *, comments: str = "") -> None:
    """End what a signatory asked for, if anything, and tell whoever asked; `words` decline it."""
    for request in signatory.details_requests.awaiting_decision().select_related("asked_by"):
        request.decided_at = clock.now()
        request.save()
        if request.asked_by is None:
            continue
        context = {"signatory": signatory, "user": request.asked_by, "comments": comments}
        outbox.queue_from_template(
            "details",
            key=f"details:{request.pk}",
            recipient=request.asked_by.email,
            context=context,
        )


def _lock_signatory(signatory: Signatory) -> Signatory:
    return (
        Signatory.objects.select_for_update(of=["self", "organisation"])
        .select_related("charter", "organisation", "successor")
        .get(pk=signatory.pk)
    )
