"""Signatures of earlier times from the council's files: stated by two persons, public in 28 days.

We email the organisation first. If it objects, it stays private, and we email the council.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from django.urls import reverse

from charter import acts, items, permissions, personal_data, signed_links
from charter.actions import second_person
from charter.errors import ClosedLinkError
from charter.mail import outbox
from charter.mail.administrators import email_administrators
from charter.models import Charter, Message, Proposal, Signatory, StatedSignature, User
from charter.models.acceptances import TIME_TO_OBJECT, StatedSignatureQuerySet
from charter.workflow import MessageState
from registry import clock
from registry.log import publishing
from registry.wording.formatting import format_day

OBJECT_VIEW = "joining:object"
UNOPPOSED = (
    f"Stated by the council from its files. The organisation had {TIME_TO_OBJECT.days} days to "
    "object, and did not."
)
ACCEPTED = "Stated by the council from its files. The organisation has accepted it."
# Of one signature: signatory (a key), signed_on (an ISO date), document, contact (an address).
Row = Mapping[str, str]


@acts.act()
def state_or_propose(
    charter: Charter, *, by: User, rows: Sequence[Row]
) -> list[StatedSignature] | Proposal:
    """State signatures of organisations; propose it where that needs a second person."""
    done: list[StatedSignature] | Proposal = second_person.do_or_propose(
        "signature.state",
        by=by,
        authority=charter.authority,
        arguments={"charter": charter.key, "signatures": rows},
    )
    return done


@acts.act("signature.state")
def state_signatures(charter: Charter, *, by: User, rows: Iterable[Row]) -> list[StatedSignature]:
    """Keep signatures from the council's files, and email each organisation.

    Organisations that have signed, or left, in the meantime are left out.
    """
    permissions.check(by, "signature.state", charter)
    second_person.check(by, "signature.state", charter.authority)
    rows_by_key = {row["signatory"]: row for row in rows}
    personal_data.ask_about_words([row["document"] for row in rows_by_key.values()])
    private = charter.signatories.private().filter(
        key__in=rows_by_key, left_on=None, stated_signature=None
    )
    return [
        _state_signature(signatory, rows_by_key[signatory.key])
        for signatory in private.select_related("organisation", "charter__authority").order_by("pk")
    ]


@acts.act("signature.object", cause=acts.Cause.LINK)
def object_to(signature: StatedSignature) -> StatedSignature:
    """Keep a signature private because its organisation objects, and tell the council. Idempotent.

    Raise ClosedLinkError if it is public already.
    """
    signature = (
        StatedSignature.objects.select_for_update(of=["self"])
        .select_related("signatory__organisation", "signatory__charter__authority")
        .get(pk=signature.pk)
    )
    if signature.published_at:
        raise ClosedLinkError("This is public already. Reply to our email to have it corrected.")
    if signature.objected_at:
        return signature
    signature.objected_at = clock.now()
    signature.save()
    signatory = signature.signatory
    email_administrators(
        signatory.charter.authority,
        sentence=f"{signatory} objects to the signature in the council’s files",
        details=f"Signed on {format_day(signature.signed_on)}: {signature.document}. It stays "
        "private.",
        address=reverse("council:invited"),
        advice="Ask its contact what is wrong.",
    )
    return signature


@acts.act("signature.publish")
def publish_unopposed(now: datetime) -> int:
    """Publish signatures whose organisation was notified and has not objected; return the number.

    Idempotent. One whose email came back stays private: nobody there was notified.
    """
    due = StatedSignature.objects.past_objection(now).filter(
        signatory__in=Signatory.objects.private().filter(left_on=None, declined_at=None)
    )
    locked = due.select_for_update(of=["self", "signatory"]).select_related(
        "signatory__organisation", "signatory__charter"
    )
    was_delivered = Message.objects.filter(state=MessageState.SENT)
    entries = []
    for signature in locked.order_by("pk"):
        if not was_delivered.filter(key=_message_key(signature)).exists():
            continue
        take_over(signature, UNOPPOSED)
        signatory = signature.signatory
        signatory.save()
        content = items.signatory(signatory)
        entries.append(publishing.NewEntry("signatory", signatory.key, "publish", content))
    publishing.publish(entries)
    return len(entries)


def take_over(signature: StatedSignature, note: str) -> None:
    """Set the day and the source of a signatory that becomes public. It is not saved here."""
    signatory = signature.signatory
    signatory.joined_on = signature.signed_on
    signatory.source = {
        "note": note,
        "title": signature.document,
        "dated": signature.signed_on.isoformat(),
    }
    signature.published_at = clock.now()
    signature.save()


def find_by_token(token: str) -> StatedSignature:
    """Return the signature of a link. Raise ClosedLinkError if there is none."""
    identity = signed_links.read_identity(OBJECT_VIEW, token)
    signatures = StatedSignature.objects.select_related(
        "signatory__organisation", "signatory__charter"
    )
    if signature := signatures.filter(identity=identity).first():
        return signature
    raise ClosedLinkError("The council has deleted this. Nothing is public.")


def cancellation_reason(message: Message) -> str:
    """Return why the email about a signature is no longer needed, or ""."""
    return "" if _signatures_of(message).open().exists() else "The signature is settled"


def record_notifications(messages: Sequence[Message]) -> None:
    """Record that organisations were notified: their time to object begins."""
    for message in messages:
        _signatures_of(message).filter(notified_at=None).update(
            notified_at=message.finished_at or clock.now()
        )


def _state_signature(signatory: Signatory, row: Row) -> StatedSignature:
    signature = StatedSignature.objects.create(
        signatory=signatory,
        signed_on=date.fromisoformat(row["signed_on"]),
        document=row["document"],
        contact_email=row["contact"],
    )
    outbox.queue_from_template(
        "stated_signature",
        key=_message_key(signature),
        recipient=signature.contact_email,
        authority=signatory.charter.authority,
        context={
            "signatory": signatory,
            "signature": signature,
            "link": signed_links.make_link(OBJECT_VIEW, signature),
        },
    )
    return signature


def _message_key(signature: StatedSignature) -> str:
    return f"stated_signature:{signature.identity}"


def _signatures_of(message: Message) -> StatedSignatureQuerySet:
    return StatedSignature.objects.filter(identity=message.key.partition(":")[2])


def _state_as_proposed(proposal: Proposal, by: User) -> list[StatedSignature]:
    charter = Charter.objects.get(key=proposal.arguments["charter"])
    return state_signatures(charter, by=by, rows=proposal.arguments["signatures"])


def _facts(proposal: Proposal) -> second_person.Facts:
    """Return what a second person has to know: each signature with its document."""
    rows = proposal.arguments["signatures"]
    signatories = Signatory.objects.select_related("organisation").in_bulk(
        [row["signatory"] for row in rows], field_name="key"
    )
    charter = Charter.objects.get(key=proposal.arguments["charter"])
    lines = [
        f"{signatories.get(row['signatory'], 'Removed')}: "
        f"{format_day(date.fromisoformat(row['signed_on']))}, {row['document']}"
        for row in rows
    ]
    return [
        ("Charter", str(charter)),
        (f"Signatures ({len(rows)})", "\n".join(lines)),
        (
            "What happens",
            f"We email each organisation. {TIME_TO_OBJECT.days} days later it is public as a "
            "signatory, with the day and the document, unless it objects.",
        ),
    ]


second_person.register(
    "signature.state",
    second_person.TwoPersonAct(
        "State signatures from the council’s files", _state_as_proposed, _facts
    ),
)
