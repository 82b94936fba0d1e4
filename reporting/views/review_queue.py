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
from registry.wording import differences
from reporting import review_queue, review_warnings
from reporting.errors import AlreadyDecidedError, ChangedSinceReadError
from reporting.forms.council import ReturnForm, SecondLookForm
from reporting.models import ProgressUpdate, Success


@council_required
@require_safe
def items_to_review(request: SignedInRequest) -> HttpResponse:
    today = clock.today()
    lists: dict[str, Collection[Any]] = {
        "waiting": [
            (waiting, waiting.days_waiting(today)) for waiting in review_queue.list_items()
        ],
        "error_reports": ErrorReport.objects.awaiting_decision(),
        "requests": DetailsRequest.objects.awaiting_decision().select_related(
            "signatory__organisation"
        ),
        "applications": Application.objects.awaiting_decision(),
    }
    context = {
        "section": "queue",
        "total": sum(map(len, lists.values())),
        "may_redact": permissions.can_administer(request.user),
    }
    return render(request, "council/queue.html", context | lists)


@council_required
@require_safe
def item_to_review(request: SignedInRequest, key: str) -> HttpResponse:
    return _item_page(request, _find_or_404(key), ReturnForm())


@council_required
@require_POST
def publish_item(request: SignedInRequest, key: str) -> HttpResponse:
    try:
        published = review_queue.publish(
            key,
            by=request.user,
            seen_digest=request.POST.get("seen_digest", ""),
            pointed_out="pointed_out" in request.POST,
        )
        messages.success(request, f"Published: {published.title}")
    except AlreadyDecidedError:
        return _redirect_decided(request)
    except ChangedSinceReadError:
        return _changed_page(request, key, ReturnForm())
    except (AddressError, WrongStateError) as error:
        messages.info(request, str(error))
    return _redirect_to_next(request)


@council_required
@require_POST
def return_with_comments(request: SignedInRequest, key: str) -> HttpResponse:
    form = ReturnForm(request.POST)
    if not form.is_valid():
        waiting = review_queue.find_item(key)
        return _item_page(request, waiting, form) if waiting else _redirect_decided(request)
    comments, read = form.comments_text(), request.POST.get("seen_digest", "")
    try:
        returned = review_queue.return_with_comments(
            key, by=request.user, seen_digest=read, comments=comments
        )
        messages.success(request, f"Returned with your words: {returned.title}")
    except AlreadyDecidedError:
        return _redirect_decided(request)
    except ChangedSinceReadError:
        return _changed_page(request, key, form)
    except (AddressError, WrongStateError) as error:
        messages.info(request, str(error))
    return _redirect_to_next(request)


@council_required
@require_POST
def ask_colleague(request: SignedInRequest, key: str) -> HttpResponse:
    waiting = review_queue.find_item(key)
    if waiting is None:
        return _redirect_decided(request)
    form = SecondLookForm(request.POST, by=request.user)
    if not form.is_valid():
        return _item_page(request, waiting, ReturnForm(), asking=form)
    review_queue.ask_colleague(waiting, by=request.user, **form.cleaned_data)
    messages.success(request, f"We have written to {form.cleaned_data['colleague']}.")
    return redirect("council:item", key)


def _find_or_404(key: str) -> review_queue.QueueItem:
    waiting = review_queue.find_item(key)
    if waiting is None:
        raise Http404("Nothing waits under this key.")
    return waiting


def _changed_page(request: SignedInRequest, key: str, form: ReturnForm) -> HttpResponse:
    """Show what waits now, since it is not what was read; what was typed stays."""
    return _item_page(request, _find_or_404(key), form, status=409, became_different=True)


def _item_page(
    request: SignedInRequest,
    waiting: review_queue.QueueItem,
    form: ReturnForm,
    *,
    asking: SecondLookForm | None = None,
    status: int = 200,
    became_different: bool = False,
) -> HttpResponse:
    today = clock.today()
    acts = waiting.build_entries()
    is_update_or_success = isinstance(waiting.object, ProgressUpdate | Success)
    given = waiting.object.evidence.all() if is_update_or_success else None
    preview = page.preview_context(acts, key=waiting.commitment.key, today=today)
    context = {
        "waiting": waiting,
        "seen_digest": review_queue.digest_entries(acts),
        "became_different": became_different,
        "days": waiting.days_waiting(today),
        "is_new": not isinstance(waiting.object, Change),
        "differences": differences.public_differences(acts),
        "commitment_facts": differences.act_fields(acts[0])
        if isinstance(waiting.object, Commitment)
        else [],
        **_item_preview(waiting.key, preview),
        "personal_data": personal_data.find_in_entries(acts),
        "given": given,
        "commitment": preview,
        "warnings": review_warnings.warnings_for(waiting.object, preview),
        "history": review_queue.signatory_history(waiting.commitment.signatory),
        "form": form,
        "asking": asking or SecondLookForm(by=request.user),
        "asked": review_queue.second_look_messages(waiting),
        "error_reports": review_queue.related_error_reports(waiting),
        "section": "queue",
    }
    return render(request, "council/item.html", context, status=status)


def _item_preview(key: str, preview: dict[str, Any]) -> dict[str, Any]:
    """Return the update under a key as its page would show it, beside the last; or the story."""
    successes = [success for success in preview["successes"] if success["key"] == key]
    updates = [update for update in preview["updates"] if not update["withdrawn"]]
    since = dropwhile(lambda update: update["key"] != key, updates)
    return {
        "success_preview": next(iter(successes), None),
        "now": next(since, None),
        "last": next(since, None),
    }


def _redirect_to_next(request: SignedInRequest) -> HttpResponse:
    """Open the item that has waited longest now."""
    waiting = review_queue.oldest_item()
    return redirect("council:item", waiting.key) if waiting else redirect("council:queue")


def _redirect_decided(request: SignedInRequest) -> HttpResponse:
    messages.info(request, "This was decided already.")
    return redirect("council:queue")
