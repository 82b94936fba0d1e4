"""The council's queue, and one item of it beside the public preview."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from charter import personal_data
from charter.errors import AddressError, WrongStateError
from charter.models import Application
from charter.views.access import SignedInRequest, council_required
from registry import clock
from registry.website import commitment as page
from registry.website import differences
from reporting import desk
from reporting.forms.council import ReturnForm
from reporting.models import ProgressUpdate, Success


@council_required
@require_safe
def queue(request: SignedInRequest) -> HttpResponse:
    today = clock.today()
    waiting = [(waiting, waiting.days(today)) for waiting in desk.queue()]
    context = {
        "section": "queue",
        "waiting": waiting,
        "applications": Application.objects.waiting(),
    }
    return render(request, "council/queue.html", context)


@council_required
@require_safe
def item(request: SignedInRequest, key: str) -> HttpResponse:
    return _item_page(request, _find(key), ReturnForm())


@council_required
@require_POST
def publish(request: SignedInRequest, key: str) -> HttpResponse:
    waiting = desk.find(key)
    if waiting is None:
        return _decided_already(request)
    try:
        waiting.approve(waiting.thing, by=request.user)
        messages.success(request, f"Published: {waiting.title}")
    except (AddressError, WrongStateError) as error:
        messages.info(request, str(error))
    return _next(request)


@council_required
@require_POST
def return_with_words(request: SignedInRequest, key: str) -> HttpResponse:
    waiting = desk.find(key)
    if waiting is None:
        return _decided_already(request)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _item_page(request, waiting, form)
    try:
        waiting.return_with_words(waiting.thing, by=request.user, words=form.cleaned_data["words"])
        messages.success(request, f"Returned with your words: {waiting.title}")
    except (AddressError, WrongStateError) as error:
        messages.info(request, str(error))
    return _next(request)


def _find(key: str) -> desk.Waiting:
    waiting = desk.find(key)
    if waiting is None:
        raise Http404("Nothing waits under this key.")
    return waiting


def _item_page(request: SignedInRequest, waiting: desk.Waiting, form: ReturnForm) -> HttpResponse:
    today = clock.today()
    acts = waiting.acts()
    is_news = isinstance(waiting.thing, ProgressUpdate | Success)
    given = waiting.thing.evidence.all() if is_news else None
    context = {
        "waiting": waiting,
        "days": waiting.days(today),
        "differences": differences.to_public(acts),
        "personal_data": personal_data.found_in_acts(acts),
        "given": given,
        "commitment": page.preview(acts, key=waiting.commitment.key, today=today),
        "form": form,
        "section": "queue",
    }
    return render(request, "council/item.html", context)


def _next(request: SignedInRequest) -> HttpResponse:
    """Open the item that has waited longest now."""
    waiting = desk.queue()
    return redirect("council:item", waiting[0].key) if waiting else redirect("council:queue")


def _decided_already(request: SignedInRequest) -> HttpResponse:
    messages.info(request, "This was decided already.")
    return redirect("council:queue")
