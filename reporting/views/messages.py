"""What was sent: each message with state and reason, and what waits for a person's decision."""

from django.contrib import messages
from django.db.models import Case, Count, Min, Value, When
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from charter import outbox, volume
from charter.models import Message
from charter.views.access import SignedInRequest, council_required
from charter.views.paging import paged
from charter.workflow import MessageState
from registry import clock

# What needs a person comes first.
FIRST = [MessageState.IN_DOUBT, MessageState.BOUNCED, MessageState.FAILED, MessageState.EXPIRED]


@council_required
@require_safe
def sent(request: SignedInRequest) -> HttpResponse:
    order = Case(
        *(When(state=state, then=Value(place)) for place, state in enumerate(FIRST)),
        default=Value(len(FIRST)),
    )
    counts = Message.objects.values("state").annotate(mails=Count("pk"))
    labels = dict(MessageState.choices)
    waiting = Message.objects.waiting(clock.now())
    context = {
        "section": "messages",
        "sent": paged(
            request,
            Message.objects.defer("text", "html").order_by(order, "-created_at", "-pk"),
        ),
        "counts": [(labels[row["state"]], row["mails"]) for row in counts.order_by("state")],
        "waiting": waiting.count(),
        "oldest": waiting.aggregate(oldest=Min("not_before"))["oldest"],
        "brake_holds": volume.holds(),
        "brake_limit": volume.limit(clock.today()),
    }
    return render(request, "council/messages.html", context)


@council_required
@require_POST
def release(request: SignedInRequest) -> HttpResponse:
    volume.release(by=request.user)
    messages.success(request, "The brake is released for today. The waiting mail goes out now.")
    return redirect("council:messages")


@council_required
@require_POST
def again(request: SignedInRequest, message: int) -> HttpResponse:
    outbox.send_again(_in_doubt(message), by=request.user)
    messages.success(request, "It is sent once more.")
    return redirect("council:messages")


@council_required
@require_POST
def was_sent(request: SignedInRequest, message: int) -> HttpResponse:
    outbox.mark_as_sent(_in_doubt(message), by=request.user)
    messages.success(request, "It counts as sent.")
    return redirect("council:messages")


def _in_doubt(message: int) -> Message:
    return get_object_or_404(Message, pk=message, state=MessageState.IN_DOUBT)
