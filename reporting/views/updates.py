"""Pages for sending a progress update."""

from decimal import Decimal

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from charter import permissions, personal_data, review
from charter.errors import ChangedSinceReadError, WrongStateError
from charter.models import Commitment
from charter.views.access import SignedInRequest, member_required
from charter.views.business import get_own_commitment
from registry import clock
from registry.log import keys
from registry.website import commitment as page
from registry.wording.formatting import format_amount
from reporting import schedule
from reporting.actions import expected_updates, successes, updates
from reporting.errors import EvidenceStorageError
from reporting.forms.update_types import UpdateType
from reporting.forms.updates import UpdateForm
from reporting.models import ProgressUpdate
from reporting.reminders import calendar_feed


@member_required("update.draft")
@require_http_methods(["GET", "POST"])
def update_form(request: SignedInRequest, key: str) -> HttpResponse:
    """Show the form with the type from the link selected; save or send on submission."""
    commitment = get_own_commitment(request, keys.normalise_key(key))
    permissions.check(request.user, "update.draft", commitment.signatory)
    answer = request.POST.get("answer") or request.GET.get("answer")
    final = None if answer is None else answer == UpdateType.FINAL
    update = expected_updates.expected_update(commitment, clock.today(), final=final)
    if request.method == "GET":
        if update is None:
            return _no_update_due_page(request, commitment)
        initial = UpdateForm.initial_of(update, successes.latest_draft(commitment))
        form = UpdateForm(update=update, initial=initial)
        if request.GET.get("answer") in form.offered_types:
            form.initial["answer"] = request.GET["answer"]
        return _form_page(request, form)
    if update is None or _sent_update(commitment, request.POST):
        return _not_accepted_page(request, commitment)
    add_more = "more" in request.POST
    is_draft = add_more or "later" in request.POST
    form = UpdateForm(request.POST, request.FILES, update=update, draft=is_draft)
    if not form.is_valid():
        return _form_page(request, form)
    try:
        is_sent = updates.save_submission(
            commitment,
            form.submission(),
            by=request.user,
            send=not is_draft and "preview" not in request.POST,
        )
    except EvidenceStorageError as error:
        form.add_error("evidence_file", str(error))
        return _form_page(request, form)
    except ChangedSinceReadError as error:
        return _conflict_page(request, form, error.current)
    except WrongStateError:
        return _not_accepted_page(request, commitment)
    if add_more:
        address = reverse("reporting:update", args=[commitment.key])
        answer = UpdateType.FINAL if update.is_final else UpdateType.NUMBER
        return redirect(f"{address}?answer={answer}#evidence")
    if form.draft:
        messages.success(request, "Your draft is saved. Nobody outside your organisation sees it.")
        return redirect("business:home")
    return redirect(f"reporting:update_{'sent' if is_sent else 'preview'}", commitment.key)


@member_required("update.draft")
@require_http_methods(["GET", "POST"])
def update_preview(request: SignedInRequest, key: str) -> HttpResponse:
    """Show the public page with the draft update; send it on submission."""
    commitment = get_own_commitment(request, keys.normalise_key(key))
    permissions.check(request.user, "update.draft", commitment.signatory)
    draft = expected_updates.expected_update(commitment, clock.today())
    if request.method == "POST" and _sent_update(commitment, request.POST):
        return redirect("reporting:update_sent", commitment.key)
    if draft is None or draft.pk is None:
        return redirect("reporting:update", commitment.key)
    success = successes.latest_draft(commitment)
    form = UpdateForm(UpdateForm.initial_of(draft, success), update=draft)
    if not form.is_valid():
        return _form_page(request, form)
    # If a newer version was saved, the author reads it first.
    if request.method == "POST" and request.POST.get("version") == str(draft.version):
        updates.submit_with_success(draft, success, by=request.user)
        return redirect("reporting:update_sent", commitment.key)
    version = draft.version
    entries = updates.preview_submission(draft, success)
    context = {
        "update": draft,
        "version": version,
        "unsent_fields": form.unsent_field_labels(),
        "questions": review.questions_about(draft),
        "personal_data": personal_data.find_in_entries(entries),
        "commitment": page.preview_page(entries, key=commitment.key, today=clock.today()),
        "section": "business",
    }
    return render(request, "reporting/update_preview.html", context)


@member_required("business.read")
@require_safe
def update_sent(request: SignedInRequest, key: str) -> HttpResponse:
    """Confirm that the update was sent, and show the next steps."""
    commitment = get_own_commitment(request, keys.normalise_key(key))
    context = {
        "commitment": commitment,
        "update": expected_updates.last_sent_update(commitment),
        "may_write": permissions.can(request.user, "update.take_back", commitment.signatory),
        "coming": calendar_feed.next_period(commitment),
        "section": "business",
    }
    return render(request, "reporting/update_sent.html", context)


def _sent_update(commitment: Commitment, posted: QueryDict) -> ProgressUpdate | None:
    """Return the update already sent for the form's period, or the final one, or None."""
    sent_instead = Q(is_final=True)
    if posted.get("answer") != UpdateType.FINAL:
        sent_instead |= Q(period__key=posted.get("period", ""))
    return commitment.updates.sent().filter(sent_instead).newest_first().first()


def _not_accepted_page(request: SignedInRequest, commitment: Commitment) -> HttpResponse:
    """Show the entered text if no update is needed any longer.

    After a second click, redirect to the confirmation instead.
    """
    sent_update = _sent_update(commitment, request.POST)
    update = sent_update or ProgressUpdate(commitment=commitment)
    form = UpdateForm(request.POST, request.FILES, update=update, draft=True)
    if sent_update and form.is_resubmission_of(sent_update):
        return redirect("reporting:update_sent", commitment.key)
    context = {
        "commitment": commitment,
        "update": sent_update,
        "typed": form.typed_rows(),
        "section": "business",
    }
    return render(request, "reporting/update_not_accepted.html", context, status=409)


def _no_update_due_page(request: SignedInRequest, commitment: Commitment) -> HttpResponse:
    final_update = expected_updates.expected_update(commitment, clock.today(), final=True)
    context = {
        "may_finish": final_update is not None,
        "commitment": commitment,
        "last": expected_updates.last_sent_update(commitment),
        "may_write": permissions.can(request.user, "update.take_back", commitment.signatory),
        "coming": calendar_feed.next_period(commitment),
        "section": "business",
    }
    return render(request, "reporting/no_update_due.html", context)


def _form_page(
    request: SignedInRequest,
    form: UpdateForm,
    *,
    differences: list[dict[str, str]] | None = None,
) -> HttpResponse:
    """Show the form; `differences` are those from a colleague's version saved meanwhile."""
    update = form.update
    # A link in an email shows only its own update type.
    selected_type = form["answer"].value()
    is_alone = update.is_final or selected_type == request.GET.get("answer")
    context = {
        "form": form,
        "alone": form.offered_types.get(selected_type) if is_alone else None,
        "is_over": expected_updates.is_deadline_reached(update.commitment, clock.today()),
        "goal": _format_amount(update.commitment, update.commitment.target_value),
        "start": _format_amount(update.commitment, update.commitment.baseline_value),
        "update": update,
        "commitment": update.commitment,
        "period": update.period,
        "last": expected_updates.last_sent_update(update.commitment),
        "is_early": clock.today() < schedule.requested_from(update.period),
        "differences": differences,
        "section": "business",
    }
    status = 200 if differences is None else 409
    return render(request, "reporting/update_form.html", context, status=status)


def _format_amount(commitment: Commitment, value: Decimal | None) -> str:
    """Return a figure with the measure's unit, or "" without a figure or measure."""
    measure = commitment.measure
    if value is None or measure is None:
        return ""
    return format_amount(value, measure.unit, measure.unit_label)


def _conflict_page(
    request: SignedInRequest, form: UpdateForm, current: ProgressUpdate
) -> HttpResponse:
    """Show a colleague's saved version next to the entered text.

    Submitting again keeps the entered text.
    """
    differences = form.differences_from(current)
    form.data = {**form.data.dict(), "version": str(current.version)}  # type: ignore[attr-defined]
    return _form_page(request, form, differences=differences)
