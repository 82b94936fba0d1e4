"""The review queue, and its items with a preview of the public page."""

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
from charter.views.access import SignedInRequest, staff_required
from registry import clock
from registry.website import commitment as page
from registry.website.commitment_page import CommitmentPage
from registry.wording import differences
from reporting import review_queue, review_warnings
from reporting.errors import AlreadyDecidedError, ChangedSinceReadError
from reporting.forms.council import ReturnForm, SecondLookForm
from reporting.models import ProgressUpdate, Success


@staff_required("desk.read")
@require_safe
def items_to_review(request: SignedInRequest) -> HttpResponse:
    today = clock.today()
    lists: dict[str, Collection[Any]] = {
        "waiting": [(item, item.days_waiting(today)) for item in review_queue.list_items()],
        "error_reports": ErrorReport.objects.awaiting_decision(),
        "requests": DetailsRequest.objects.awaiting_decision().select_related(
            "signatory__organisation"
        ),
        "applications": Application.objects.awaiting_decision(),
    }
    context = {
        "section": "queue",
        "total": sum(map(len, lists.values())),
        "may_redact": permissions.is_staff_with(request.user, "record.redact"),
    }
    return render(request, "council/queue.html", context | lists)


@staff_required("desk.read")
@require_safe
def item_to_review(request: SignedInRequest, key: str) -> HttpResponse:
    return _item_page(request, _find_or_404(key), ReturnForm())


@staff_required("item.publish")
@require_POST
def publish_item(request: SignedInRequest, key: str) -> HttpResponse:
    try:
        item = review_queue.publish(
            key,
            by=request.user,
            seen_digest=request.POST.get("seen_digest", ""),
            pointed_out="pointed_out" in request.POST,
        )
        messages.success(request, f"Published: {item.title}")
    except AlreadyDecidedError:
        return _redirect_decided(request)
    except ChangedSinceReadError:
        return _changed_page(request, key, ReturnForm())
    except (AddressError, WrongStateError) as error:
        messages.info(request, str(error))
    return _redirect_to_next(request)


@staff_required("item.return")
@require_POST
def return_with_comments(request: SignedInRequest, key: str) -> HttpResponse:
    form = ReturnForm(request.POST)
    if not form.is_valid():
        item = review_queue.find_item(key)
        return _item_page(request, item, form) if item else _redirect_decided(request)
    comments, seen_digest = form.comments_text(), request.POST.get("seen_digest", "")
    try:
        item = review_queue.return_with_comments(
            key, by=request.user, seen_digest=seen_digest, comments=comments
        )
        messages.success(request, f"Returned with your words: {item.title}")
    except AlreadyDecidedError:
        return _redirect_decided(request)
    except ChangedSinceReadError:
        return _changed_page(request, key, form)
    except (AddressError, WrongStateError) as error:
        messages.info(request, str(error))
    return _redirect_to_next(request)


@staff_required("item.ask_colleague")
@require_POST
def ask_colleague(request: SignedInRequest, key: str) -> HttpResponse:
    item = review_queue.find_item(key)
    if item is None:
        return _redirect_decided(request)
    form = SecondLookForm(request.POST, by=request.user)
    if not form.is_valid():
        return _item_page(request, item, ReturnForm(), second_look_form=form)
    review_queue.ask_colleague(item, by=request.user, **form.cleaned_data)
    messages.success(request, f"We have written to {form.cleaned_data['colleague']}.")
    return redirect("council:item", key)


def _find_or_404(key: str) -> review_queue.QueueItem:
    item = review_queue.find_item(key)
    if item is None:
        raise Http404("Nothing waits under this key.")
    return item


def _changed_page(request: SignedInRequest, key: str, form: ReturnForm) -> HttpResponse:
    """Show the changed item with the officer's comments kept."""
    return _item_page(request, _find_or_404(key), form, status=409, has_changed=True)


def _item_page(
    request: SignedInRequest,
    item: review_queue.QueueItem,
    form: ReturnForm,
    *,
    second_look_form: SecondLookForm | None = None,
    status: int = 200,
    has_changed: bool = False,
) -> HttpResponse:
    today = clock.today()
    entries = item.build_entries()
    is_update_or_success = isinstance(item.object, ProgressUpdate | Success)
    evidence = item.object.evidence.all() if is_update_or_success else None
    preview = page.preview_page(entries, key=item.commitment.key, today=today)
    context = {
        "waiting": item,
        "seen_digest": review_queue.digest_entries(entries),
        "became_different": has_changed,
        "days": item.days_waiting(today),
        "is_new": not isinstance(item.object, Change),
        "reason": item.object.reason if isinstance(item.object, Change) else "",
        "differences": differences.public_differences(entries),
        "commitment_facts": differences.act_fields(entries[0])
        if isinstance(item.object, Commitment)
        else [],
        **_item_preview(item.key, preview),
        "personal_data": personal_data.find_in_entries(entries),
        "given": evidence,
        "commitment": preview,
        "warnings": review_warnings.warnings_for(item.object, preview),
        "history": review_queue.signatory_history(item.commitment.signatory),
        "form": form,
        "asking": second_look_form or SecondLookForm(by=request.user),
        "asked": review_queue.second_look_messages(item),
        "error_reports": review_queue.related_error_reports(item),
        "section": "queue",
    }
    return render(request, "council/item.html", context, status=status)


def _item_preview(key: str, preview: CommitmentPage) -> dict[str, Any]:
    """Return the update and the last one, or the success, as on the public page."""
    successes = [success for success in preview.successes if success.key == key]
    updates = [update for update in preview.updates if not update.withdrawn]
    # Updates are newest first, so the one after the item is the one before it in time.
    updates_from_item = dropwhile(lambda update: update.key != key, updates)
    return {
        "success_preview": next(iter(successes), None),
        "now": next(updates_from_item, None),
        "last": next(updates_from_item, None),
    }


def _redirect_to_next(request: SignedInRequest) -> HttpResponse:
    """Redirect to the item that has waited longest, or to the queue."""
    item = review_queue.oldest_item()
    return redirect("council:item", item.key) if item else redirect("council:queue")


def _redirect_decided(request: SignedInRequest) -> HttpResponse:
    messages.info(request, "This was decided already.")
    return redirect("council:queue")
