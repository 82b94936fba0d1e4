"""The council's queue, and one item of it beside the public preview."""

from collections.abc import Collection
from itertools import dropwhile
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from charter import permissions, personal_data
from charter.errors import AddressError, WrongStateError
from charter.models import Application, Change, Commitment, DetailsRequest, ErrorReport
from charter.views.access import SignedInRequest, council_required
from registry import clock
from registry.website import commitment as page
from registry.website import differences
from reporting import desk, oddities
from reporting.errors import DecidedAlreadyError, ReadOtherwiseError
from reporting.forms.council import ReturnForm, SecondLookForm
from reporting.models import ProgressUpdate, Success


@council_required
@require_safe
def queue(request: SignedInRequest) -> HttpResponse:
    today = clock.today()
    lists: dict[str, Collection[Any]] = {
        "waiting": [(waiting, waiting.days(today)) for waiting in desk.queue()],
        "error_reports": ErrorReport.objects.waiting(),
        "requests": DetailsRequest.objects.waiting().select_related("signatory__organisation"),
        "applications": Application.objects.waiting(),
    }
    context = {
        "section": "queue",
        "total": sum(map(len, lists.values())),
        "may_redact": permissions.can_administer(request.user),
    }
    return render(request, "council/queue.html", context | lists)


@council_required
@require_safe
def item(request: SignedInRequest, key: str) -> HttpResponse:
    return _item_page(request, _find(key), ReturnForm())


@council_required
@require_POST
def publish(request: SignedInRequest, key: str) -> HttpResponse:
    try:
        published = desk.publish(
            key,
            by=request.user,
            read=request.POST.get("read", ""),
            pointed_out="pointed_out" in request.POST,
        )
        messages.success(request, f"Published: {published.title}")
    except DecidedAlreadyError:
        return _decided_already(request)
    except ReadOtherwiseError:
        return _changed_page(request, key, ReturnForm())
    except (AddressError, WrongStateError) as error:
        messages.info(request, str(error))
    return _next(request)


@council_required
@require_POST
def return_with_words(request: SignedInRequest, key: str) -> HttpResponse:
    form = ReturnForm(request.POST)
    if not form.is_valid():
        waiting = desk.find(key)
        return _item_page(request, waiting, form) if waiting else _decided_already(request)
    words, read = form.text(), request.POST.get("read", "")
    try:
        returned = desk.return_with_words(key, by=request.user, read=read, words=words)
        messages.success(request, f"Returned with your words: {returned.title}")
    except DecidedAlreadyError:
        return _decided_already(request)
    except ReadOtherwiseError:
        return _changed_page(request, key, form)
    except (AddressError, WrongStateError) as error:
        messages.info(request, str(error))
    return _next(request)


@council_required
@require_POST
def ask_colleague(request: SignedInRequest, key: str) -> HttpResponse:
    waiting = desk.find(key)
    if waiting is None:
        return _decided_already(request)
    form = SecondLookForm(request.POST, by=request.user)
    if not form.is_valid():
        return _item_page(request, waiting, ReturnForm(), asking=form)
    desk.ask(waiting, by=request.user, **form.cleaned_data)
    messages.success(request, f"We have written to {form.cleaned_data['colleague']}.")
    return redirect("council:item", key)


def _find(key: str) -> desk.Waiting:
    waiting = desk.find(key)
    if waiting is None:
        raise Http404("Nothing waits under this key.")
    return waiting


def _changed_page(request: SignedInRequest, key: str, form: ReturnForm) -> HttpResponse:
    """Show what waits now, since it is not what was read; what was typed stays."""
    return _item_page(request, _find(key), form, status=409, became_different=True)


def _item_page(
    request: SignedInRequest,
    waiting: desk.Waiting,
    form: ReturnForm,
    *,
    asking: SecondLookForm | None = None,
    status: int = 200,
    became_different: bool = False,
) -> HttpResponse:
    today = clock.today()
    acts = waiting.acts()
    is_news = isinstance(waiting.thing, ProgressUpdate | Success)
    given = waiting.thing.evidence.all() if is_news else None
    preview = page.preview(acts, key=waiting.commitment.key, today=today)
    context = {
        "waiting": waiting,
        "read": desk.digest(acts),
        "became_different": became_different,
        "days": waiting.days(today),
        "is_new": not isinstance(waiting.thing, Change),
        "differences": differences.to_public(acts),
        "promised": differences.told(acts[0]) if isinstance(waiting.thing, Commitment) else [],
        **_told(waiting.key, preview),
        "personal_data": personal_data.found_in_acts(acts),
        "given": given,
        "commitment": preview,
        "oddities": oddities.of(waiting.thing, preview),
        "history": desk.history(waiting.commitment.signatory),
        "form": form,
        "asking": asking or SecondLookForm(by=request.user),
        "asked": desk.asked(waiting),
        "error_reports": desk.error_reports(waiting),
        "section": "queue",
    }
    return render(request, "council/item.html", context, status=status)


def _told(key: str, preview: dict[str, Any]) -> dict[str, Any]:
    """Return the update under a key as its page would show it, beside the last; or the story."""
    stories = [success for success in preview["successes"] if success["key"] == key]
    updates = [update for update in preview["updates"] if not update["withdrawn"]]
    since = dropwhile(lambda update: update["key"] != key, updates)
    return {
        "story": next(iter(stories), None),
        "now": next(since, None),
        "last": next(since, None),
    }


def _next(request: SignedInRequest) -> HttpResponse:
    """Open the item that has waited longest now."""
    waiting = desk.oldest()
    return redirect("council:item", waiting.key) if waiting else redirect("council:queue")


def _decided_already(request: SignedInRequest) -> HttpResponse:
    messages.info(request, "This was decided already.")
    return redirect("council:queue")
