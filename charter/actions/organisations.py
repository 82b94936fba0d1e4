"""Import organisations, and request or amend their public details."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from charter import acts, items, permissions, personal_data
from charter.actions import people, signatories, stated_signatures
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
    """Save new and changed signatories in one transaction, and invite their people.

    New ones are private until they sign; what changes of public ones is published. Signatures from
    the council's files are proposed to a second person.

    Yield the number of finished rows, to show progress. All or nothing: if a row fails, or the
    iterator is not exhausted, nothing is saved. `reason` is public, and required if a signatory
    changes.
    """
    permissions.check(by, "organisations.import", charter)
    with acts.acting("organisations.import", by=by):
        entries, signatures = [], []
        for count, admission in enumerate(admissions, 1):
            signatory = signatories.create_signatory(by=by, charter=charter, **admission.values)
            if admission.signature:
                signatures.append({"signatory": signatory.key, **admission.signature})
            yield count
        for count, revision in enumerate(revisions, len(admissions) + 1):
            signatory = _apply_revision(revision, by=by)
            if revision.signature:
                signatures.append({"signatory": signatory.key, **revision.signature})
            if revision.is_public:
                content = items.signatory(signatory) | {"change_reason": reason}
                entries.append(publishing.NewEntry("signatory", signatory.key, "amend", content))
            yield count
        if signatures:
            stated_signatures.state_or_propose(charter, by=by, rows=signatures)
        publishing.publish(entries)


@acts.act("details.request")
def request_details_change(
    signatory: Signatory, *, by: User, reason: str, values: Mapping[str, Any]
) -> DetailsRequest:
    """Submit a request to change public details, replacing an open request."""
    permissions.check(by, "details.request", signatory)
    personal_data.ask_about_words(values)
    request, _ = DetailsRequest.objects.awaiting_decision().update_or_create(
        signatory=_lock_signatory(signatory),
        defaults={"values": values, "reason": reason, "asked_by": by, "asked_at": clock.now()},
    )
    return request


@acts.act("details.decline")
def decline(request: DetailsRequest, *, by: User, comments: str) -> None:
    """Decline a request and email the reason to its sender. Idempotent."""
    permissions.check(by, "details.decline", request.signatory)
    _close_requests(_lock_signatory(request.signatory), comments=comments)


@acts.act("details.revise")
def amend_details(
    signatory: Signatory, *, by: User, reason: str, values: Mapping[str, Any], since: date
) -> Signatory:
    """Publish changed details of an organisation, with a public reason, and close open requests.

    Idempotent: equal values are not published. An earlier name stays on the page, and ends on the
    day before `since`.
    """
    permissions.check(by, "details.revise", signatory)
    signatory = _lock_signatory(signatory)
    has_changed = _save_fields(signatory, values, since)
    _close_requests(signatory)
    if has_changed and signatory.is_public:
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
    """Save values of a signatory and its organisation; return True if any has changed."""
    organisation = signatory.organisation
    has_changed = False
    for name, value in values.items():
        instance = signatory if name in organisation_import.SIGNATORY_FIELDS else organisation
        has_changed |= getattr(instance, name) != value
        if name == "legal_name":
            organisation.rename(value, today=since)
        else:
            setattr(instance, name, value)
    organisation.save()
    signatory.save()
    return has_changed


def _close_requests(signatory: Signatory, *, comments: str = "") -> None:
    """Close open requests and email their senders. With `comments` they are declined."""
    for request in signatory.details_requests.awaiting_decision().select_related("asked_by"):
        request.decided_at = clock.now()
        request.save()
        if request.asked_by is None:
            continue
        context = {"signatory": signatory, "user": request.asked_by, "comments": comments}
        outbox.queue_from_template(
            "details",
            key=f"details:{request.identity}",
            recipient=request.asked_by.email,
            authority=signatory.charter.authority,
            context=context,
        )


def _lock_signatory(signatory: Signatory) -> Signatory:
    return (
        Signatory.objects.select_for_update(of=["self", "organisation"])
        .select_related("charter", "organisation", "successor")
        .get(pk=signatory.pk)
    )
