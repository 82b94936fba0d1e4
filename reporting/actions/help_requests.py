"""Ask the council for help in private, and answer. Nothing of it is published or counted."""

from datetime import datetime

from django.db import transaction

from charter import acts, permissions
from charter.errors import AlreadyDecidedError
from charter.mail import erasing, outbox
from charter.models import Commitment, Message, User
from registry import clock
from reporting.models import HelpRequest
from reporting.models.help_requests import RETENTION


@acts.act("help_request.send")
def send_request(commitment: Commitment, *, by: User, text: str) -> HelpRequest:
    """Ask the council for help with a commitment. Idempotent: equal texts make one open request."""
    permissions.check(by, "help_request.send", commitment.signatory)
    Commitment.objects.select_for_update(of=["self"], no_key=True).get(pk=commitment.pk)
    request, _ = HelpRequest.objects.unanswered().get_or_create(
        commitment=commitment, text=text, asked_by=by, defaults={"asked_at": clock.now()}
    )
    return request


@acts.act("help_request.answer")
def answer_request(request: HelpRequest, *, by: User, text: str) -> HelpRequest:
    """Answer and close a request, and email the answer to the person who asked. Idempotent."""
    permissions.check(by, "help_request.answer", request.commitment.signatory)
    request = (
        HelpRequest.objects.select_for_update(of=["self"])
        .select_related("commitment__signatory__charter__authority", "asked_by")
        .get(pk=request.pk)
    )
    if request.answered_at:
        if request.answer != text:
            raise AlreadyDecidedError
        return request
    request.answer, request.answered_at, request.answered_by = text, clock.now(), by
    request.save()
    outbox.queue_from_template(
        "help_answer",
        key=f"help_answer:{request.identity}",
        recipient=request.asked_by.email,
        authority=request.commitment.signatory.charter.authority,
        context={"request": request, "commitment": request.commitment},
    )
    return request


@transaction.atomic
def delete_old_requests(now: datetime) -> None:
    """Delete requests answered more than a year ago, and erase the emails with the answers."""
    HelpRequest.objects.past_retention(now).delete()
    old = Message.objects.filter(kind="help_answer", created_at__lt=now - RETENTION)
    erasing.erase_content(old)
