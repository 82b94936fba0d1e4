"""Emails sent or queued, with state and reason, and those that need a person's decision."""

from typing import Any

from django.contrib import messages
from django.db.models import Case, Count, Min, Value, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from charter.actions import email_brake
from charter.mail import budgets, kinds, outbox, sending_places, sending_stops
from charter.models import Message
from charter.models.messages import MessageQuerySet
from charter.views.access import SignedInRequest, staff_required
from charter.views.paging import page_context
from charter.workflow import MessageState
from registry import clock

# States that need a person's decision come first.
URGENT_STATES = [
    MessageState.IN_DOUBT,
    MessageState.BOUNCED,
    MessageState.FAILED,
    MessageState.EXPIRED,
]


# The meaning of each state for the recipient.
STATE_MEANINGS: dict[str, str] = {
    MessageState.QUEUED: "They wait for their turn, seldom more than a minute.",
    MessageState.SENDING: "They are being handed to the mail server at this moment.",
    MessageState.SENT: "The mail server took them.",
    MessageState.DEFERRED: "The mail server could not take them yet. We try again by ourselves.",
    MessageState.BOUNCED: "They came back. “Late updates” lists the addresses that are gone.",
    MessageState.FAILED: "They were refused for good; the reason stands beside each.",
    MessageState.CANCELLED: "They were not sent, since they were no longer needed.",
    MessageState.EXPIRED: "They could not be sent before they were out of date.",
    MessageState.IN_DOUBT: "The sending was cut off: nobody can know whether they arrived.",
}
MAX_REASONS = 5


@staff_required("desk.read")
@require_safe
def message_list(request: SignedInRequest) -> HttpResponse:
    order = Case(
        *(When(state=state, then=Value(position)) for position, state in enumerate(URGENT_STATES)),
        default=Value(len(URGENT_STATES)),
    )
    choices = {
        "state": dict(MessageState.choices),
        "kind": {kind.code: kind.label for kind in kinds.registered_kinds()},
    }
    values = {name: request.GET.get(name, "") for name in choices}
    filters = {name: value for name, value in values.items() if value in choices[name]}
    own_messages = Message.objects.for_staff(request.user)
    matching_messages = own_messages.filter(**filters)
    waiting_messages = own_messages.ready_to_send(clock.now())
    context = {
        "section": "messages",
        "sent": page_context(
            request, matching_messages.defer("text", "html").order_by(order, "-created_at", "-pk")
        ),
        "states": _state_summaries(own_messages),
        "choices": {name: labels.items() for name, labels in choices.items()},
        "values": values,
        "is_filtered": bool(filters),
        "waiting": waiting_messages.count(),
        "oldest": waiting_messages.aggregate(oldest=Min("not_before"))["oldest"],
        "place_problems": sending_places.find_problems(),
        "stop_problems": sending_stops.find_problems(),
        "brake_holds": budgets.is_brake_on(),
        "brake_limit": budgets.daily_limit(clock.today()),
    }
    return render(request, "council/messages.html", context)


def _state_summaries(own_messages: MessageQuerySet) -> list[dict[str, Any]]:
    """Return count, meaning and the main reasons for each state."""
    labels = dict(MessageState.choices)
    counts = own_messages.values("state").annotate(message_count=Count("pk")).order_by("state")
    unsent_messages = own_messages.filter(state__in=[MessageState.CANCELLED, MessageState.EXPIRED])
    reasons = unsent_messages.exclude(last_code="").values("state", "last_code")
    reasons = reasons.annotate(message_count=Count("pk")).order_by("-message_count", "last_code")
    return [
        {
            "state": row["state"],
            "label": labels[row["state"]],
            "message_count": row["message_count"],
            "meaning": STATE_MEANINGS[row["state"]],
            "reasons": [
                (reason["message_count"], reason["last_code"])
                for reason in reasons
                if reason["state"] == row["state"]
            ][:MAX_REASONS],
        }
        for row in counts
    ]


@staff_required("mail.release")
@require_POST
def release_brake(request: SignedInRequest) -> HttpResponse:
    email_brake.release_brake(by=request.user)
    messages.success(request, "The brake is released for today. The waiting email goes out now.")
    return redirect("council:messages")


@staff_required("mail.release")
@require_POST
def release_place(request: SignedInRequest) -> HttpResponse:
    email_brake.release_place(by=request.user)
    messages.success(request, "Emails leave from here now.")
    return redirect("council:messages")


@staff_required("mail.release")
@require_POST
def resume_sending(request: SignedInRequest) -> HttpResponse:
    email_brake.resume_sending(by=request.user)
    messages.success(request, "Sending has started again. The waiting emails go out now.")
    return redirect("council:messages")


@staff_required("message.resend")
@require_POST
def resend_message(request: SignedInRequest, message: int) -> HttpResponse:
    outbox.send_again(_message_in_doubt(request, message), by=request.user)
    messages.success(request, "It is sent once more.")
    return redirect("council:messages")


@staff_required("message.mark_sent")
@require_POST
def mark_message_sent(request: SignedInRequest, message: int) -> HttpResponse:
    outbox.mark_as_sent(_message_in_doubt(request, message), by=request.user)
    messages.success(request, "It counts as sent.")
    return redirect("council:messages")


def _message_in_doubt(request: SignedInRequest, message: int) -> Message:
    own_messages = Message.objects.for_staff(request.user)
    return get_object_or_404(own_messages, pk=message, state=MessageState.IN_DOUBT)
