"""Accept or decline a charter for an organisation, which is private until it has accepted."""

from django.urls import reverse

from charter import acts, items, permissions, pledge
from charter.actions import stated_signatures
from charter.errors import ClosedLinkError, NotAllowedError, WrongStateError
from charter.mail import identities, outbox
from charter.mail.administrators import email_administrators
from charter.models import Acceptance, Application, Signatory, StatedSignature, User
from charter.roles import MemberRole
from charter.seen_digest import check_digest
from charter.workflow import ApplicationStatus
from registry import clock
from registry.log import publishing


@acts.act("charter.accept")
def accept(signatory: Signatory, *, by: User, seen_digest: str) -> Signatory:
    """Sign the charter for an organisation, which is public from now on. Idempotent.

    Raise ChangedSinceReadError if the charter's text is no longer as the person read it.
    """
    permissions.check(by, "charter.accept", signatory)
    signatory = lock_signatory(signatory)
    _check_not_staff(signatory, by)
    if signatory.accepted_at:
        return signatory
    _check_current(signatory)
    text = pledge.text_of(signatory.charter, signatory.organisation.legal_name)
    check_digest(pledge.digest_of(text), seen_digest)
    acceptance = Acceptance(
        signatory=signatory,
        text=text,
        text_sha256=seen_digest,
        name=by.name,
        email=by.email,
        role=signatory.organisation.memberships.current().get(user=by).role,
        person=by,
        accepted_at=clock.now(),
    )
    entry = sign(signatory, acceptance)
    _email_people(signatory, acceptance)
    publishing.publish([entry])
    return signatory


@acts.act("charter.decline")
def decline(signatory: Signatory, *, by: User) -> Signatory:
    """Decline to sign the charter, and tell the council. Nothing is published. Idempotent."""
    permissions.check(by, "charter.decline", signatory)
    signatory = lock_signatory(signatory)
    _check_not_staff(signatory, by)
    if signatory.is_public:
        raise WrongStateError(f"{signatory} has signed the charter, and is public.")
    if signatory.declined_at:
        return signatory
    signatory.declined_at = clock.now()
    signatory.save()
    acts.update(StatedSignature.objects.open().filter(signatory=signatory), objected_at=clock.now())
    email_administrators(
        signatory.charter.authority,
        sentence=f"{signatory} has declined to sign the charter",
        details=f"{signatory.charter.title}. Nothing about it is public.",
        address=reverse("council:invited"),
        advice="You need do nothing.",
    )
    return signatory


@acts.act("application.sign", cause=acts.Cause.LINK)
def sign_application(application: Application, *, name: str, seen_digest: str) -> None:
    """Sign with an application, which makes the applicant public once it is admitted. Idempotent.

    Raise ChangedSinceReadError if the charter's text is no longer as the person read it,
    ClosedLinkError if the council has decided.
    """
    application = Application.objects.select_for_update(of=["self"]).get(pk=application.pk)
    if application.status != ApplicationStatus.WAITING:
        raise ClosedLinkError("The council has already decided on this application.")
    if Acceptance.objects.filter(application=application).exists():
        return
    text = pledge.text_of(application.charter, application.legal_name)
    check_digest(pledge.digest_of(text), seen_digest)
    Acceptance.objects.create(
        application=application,
        text=text,
        text_sha256=seen_digest,
        name=name,
        email=application.contact_email,
        role=MemberRole.OWNER,
        accepted_at=clock.now(),
    )


def sign(signatory: Signatory, acceptance: Acceptance) -> publishing.NewEntry:
    """Keep an acceptance; return the entry that makes the signatory public, or amends it.

    For the action that publishes it.
    """
    was_public = signatory.is_public
    if signature := StatedSignature.objects.open().filter(signatory=signatory).first():
        signature.signatory = signatory
        stated_signatures.take_over(signature, stated_signatures.ACCEPTED)
    acceptance.signatory, acceptance.application = signatory, None
    acceptance.save()
    signatory.accepted_at, signatory.declined_at = acceptance.accepted_at, None
    signatory.joined_on = signatory.joined_on or clock.today()
    signatory.save()
    content = items.signatory(signatory)
    if was_public:
        content |= {"change_reason": "It accepted the charter’s text itself."}
    action = "amend" if was_public else "publish"
    return publishing.NewEntry("signatory", signatory.key, action, content)


def lock_signatory(signatory: Signatory) -> Signatory:
    return (
        Signatory.objects.select_for_update(of=["self"])
        .select_related("organisation", "charter__authority")
        .get(pk=signatory.pk)
    )


def _check_current(signatory: Signatory) -> None:
    if signatory.left_on:
        raise WrongStateError(f"{signatory} has left the charter.")


def _check_not_staff(signatory: Signatory, user: User) -> None:
    """Raise NotAllowedError if staff would sign for another organisation than the council's own."""
    staff = user.staff_memberships.current()
    if staff.exclude(authority__organisation=signatory.organisation).exists():
        raise NotAllowedError("Council staff cannot sign for an organisation.")


def _email_people(signatory: Signatory, acceptance: Acceptance) -> None:
    """Email the organisation's people the words that one of them accepted."""
    for member in signatory.organisation.memberships.current().select_related("user"):
        outbox.queue_from_template(
            "signed",
            key=identities.new_key("signed"),
            recipient=member.user.email,
            authority=signatory.charter.authority,
            context={"signatory": signatory, "acceptance": acceptance, "user": member.user},
        )
