"""The review queue, and its items with a preview of the public page."""

from collections.abc import Collection
from itertools import dropwhile
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from charter import permissions, personal_data, review
from charter.actions import changes, second_person
from charter.errors import (
    AddressError,
    AlreadyDecidedError,
    ChangedSinceReadError,
    WrongStateError,
)
from charter.models import (
    Application,
    Change,
    Commitment,
    DetailsRequest,
    ErrorReport,
    Proposal,
    Reviewable,
    Signatory,
)
from charter.review import ReviewItem
from charter.views.access import SignedInRequest, staff_required
from registry import clock
from registry.log.publishing import NewEntry
from registry.website import commitment as page
from registry.website.commitment_page import CommitmentPage
from registry.wording import differences
from reporting import review_queue, review_warnings
from reporting.errors import RemovedTextError
from reporting.forms.council import ReturnForm, SecondLookForm
from reporting.models import HelpRequest, ProgressUpdate, Redaction, Reply, Success


@staff_required("desk.read")
@require_safe
def items_to_review(request: SignedInRequest) -> HttpResponse:
    by, today = request.user, clock.today()
    lists: dict[str, Collection[Any]] = {
        "waiting": [(item, item.days_waiting(today)) for item in review.list_items(by)],
        "proposals": [
            (proposal, second_person.act_of(proposal).title)
            for proposal in Proposal.objects.for_staff(by)
            .open()
            .select_related("authority", "organisation", "proposed_by")
        ],
        "redactions": Redaction.objects.for_staff(by).unconfirmed().select_related("redacted_by")
        if permissions.is_staff_with(by, "record.confirm_redaction")
        else [],
        "help_requests": HelpRequest.objects.for_staff(by)
        .unanswered()
        .select_related("commitment__signatory__organisation"),
        "error_reports": ErrorReport.objects.for_staff(by).awaiting_decision(),
        "requests": DetailsRequest.objects.for_staff(by)
        .awaiting_decision()
        .select_related("signatory__organisation"),
        "ownerless": Signatory.objects.for_staff(by).without_owner().select_related("organisation"),
        "applications": Application.objects.for_staff(by).awaiting_decision(),
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
    item = review.find_item(key, by=request.user)
    if item is None:
        raise Http404("Nothing waits under this key.")
    return _item_page(request, item, ReturnForm())


@staff_required("item.publish")
@require_POST
def publish_item(request: SignedInRequest, key: str) -> HttpResponse:
    try:
        item = _find_undecided(request, key)
        seen_digest = request.POST.get("seen_digest", "")
        change = item.submission
        if isinstance(change, Change) and _is_pointed_out(request, item):
            changes.publish_with_credit(change, by=request.user, seen_digest=seen_digest)
        else:
            review.publish(item.submission, by=request.user, seen_digest=seen_digest)
        messages.success(request, f"Published: {item.title}")
    except AlreadyDecidedError as error:
        return _decided_page(request, error)
    except ChangedSinceReadError as error:
        return _changed_page(request, key, ReturnForm(), error)
    except RemovedTextError as error:
        messages.info(request, str(error))
        return redirect("council:item", key)
    except (AddressError, WrongStateError) as error:
        messages.info(request, str(error))
    return _redirect_to_next(request)


@staff_required("item.return")
@require_POST
def return_with_comments(request: SignedInRequest, key: str) -> HttpResponse:
    form = ReturnForm(request.POST)
    is_valid = form.is_valid()
    try:
        item = _find_undecided(request, key)
        permissions.check(request.user, "item.return", item.commitment.signatory)
        if not is_valid:
            return _item_page(request, item, form)
        review.return_with_comments(
            item.submission,
            by=request.user,
            comments=form.comments_text(),
            seen_digest=request.POST.get("seen_digest", ""),
        )
        messages.success(request, f"Returned with your words: {item.title}")
    except AlreadyDecidedError as error:
        typed = form.comments_text() if is_valid else ""
        return _decided_page(request, error, typed=typed)
    except ChangedSinceReadError as error:
        return _changed_page(request, key, form, error)
    except (AddressError, WrongStateError) as error:
        messages.info(request, str(error))
    return _redirect_to_next(request)


@staff_required("item.ask_colleague")
@require_POST
def ask_colleague(request: SignedInRequest, key: str) -> HttpResponse:
    try:
        item = _find_undecided(request, key)
    except AlreadyDecidedError as error:
        return _decided_page(request, error, typed=request.POST.get("question", ""))
    permissions.check(request.user, "item.ask_colleague", item.commitment.signatory)
    form = SecondLookForm(request.POST, item=item, by=request.user)
    if not form.is_valid():
        return _item_page(request, item, ReturnForm(), second_look_form=form)
    review_queue.ask_colleague(item, by=request.user, **form.cleaned_data)
    messages.success(request, f"We have written to {form.cleaned_data['colleague']}.")
    return redirect("council:item", key)


def _find_undecided(request: SignedInRequest, key: str) -> ReviewItem:
    item = review.find_item(key, by=request.user)
    if item is None:
        raise AlreadyDecidedError
    return item


def _is_pointed_out(request: SignedInRequest, item: ReviewItem) -> bool:
    """Return True if a reader reported the error that the item corrects."""
    return "pointed_out" in request.POST and review_queue.related_error_reports(item).exists()


def _changed_page(
    request: SignedInRequest, key: str, form: ReturnForm, error: ChangedSinceReadError
) -> HttpResponse:
    """Show the item as it is now, with the officer's comments kept."""
    try:
        return _item_page(request, _find_undecided(request, key), form, error=error)
    except AlreadyDecidedError as decided:
        return _decided_page(request, decided, typed=form.data.get("comments", ""))


def _item_page(
    request: SignedInRequest,
    item: ReviewItem,
    form: ReturnForm,
    *,
    second_look_form: SecondLookForm | None = None,
    error: ChangedSinceReadError | None = None,
) -> HttpResponse:
    today = clock.today()
    submission, entries = item.submission, review.entries_to_append(item.submission)
    preview = page.preview_page(entries, key=item.commitment.key, today=today)
    signatory = item.commitment.signatory
    context = {
        "may_publish": permissions.can(request.user, "item.publish", signatory),
        "may_return": permissions.can(request.user, "item.return", signatory),
        "may_ask": permissions.can(request.user, "item.ask_colleague", signatory),
        "waiting": item,
        "seen_digest": review.digest_entries(entries),
        "changed": error,
        "days": item.days_waiting(today),
        "is_new": not isinstance(submission, Change),
        "reason": submission.reason if isinstance(submission, Change) else "",
        "differences": differences.public_differences(entries),
        "new_facts": _new_facts(submission, entries),
        **_item_preview(item.key, preview),
        "personal_data": personal_data.find_in_entries(entries),
        "given": submission.evidence.all()
        if isinstance(submission, ProgressUpdate | Success)
        else None,
        "commitment": preview,
        "warnings": review_warnings.warnings_for(submission),
        "weakenings": review.questions_about(submission) if isinstance(submission, Change) else [],
        "sender": review_queue.sender_sentence(item),
        "history": review_queue.signatory_history(item.commitment.signatory),
        "form": form,
        "asking": second_look_form or SecondLookForm(item=item, by=request.user),
        "asked": review_queue.second_look_messages(item),
        "error_reports": review_queue.related_error_reports(item),
        "section": "queue",
    }
    return render(request, "council/item.html", context, status=409 if error else 200)


def _new_facts(submission: Reviewable, entries: list[NewEntry]) -> list[tuple[str, str]]:
    """Return the labels and texts of what is all new and has no preview of its own."""
    if isinstance(submission, Commitment):
        return differences.act_fields(entries[0])
    if isinstance(submission, Reply):
        return [("The public page says", submission.sentence), ("Reply", submission.text)]
    return []


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
    item = review.oldest_item(request.user)
    return redirect("council:item", item.key) if item else redirect("council:queue")


def _decided_page(
    request: SignedInRequest, error: AlreadyDecidedError, *, typed: str = ""
) -> HttpResponse:
    """Go back to the queue, after showing what the officer wrote about an item that is gone."""
    if not typed:
        messages.info(request, str(error))
        return redirect("council:queue")
    context = {"error": error, "typed": typed, "section": "queue"}
    return render(request, "council/already_decided.html", context, status=409)
