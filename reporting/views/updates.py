"""A signatory tells the an update on a commitment."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from charter import personal_data
from charter.errors import StaleError, WrongStateError
from charter.models import Commitment
from charter.views.access import SignedInRequest, signatory_required
from registry import clock
from registry.log import keys, publishing
from registry.website import commitment as page
from registry.wording.formatting import format_amount
from reporting import permissions, review_warnings, schedule
from reporting.actions import successes, updates
from reporting.errors import EvidenceStorageError
from reporting.forms.updates import UpdateForm, UpdateType
from reporting.models import ProgressUpdate, Success
from reporting.reminders import calendar_feed


@signatory_required
@require_http_methods(["GET", "POST"])
def update_form(request: SignedInRequest, key: str) -> HttpResponse:
    """Show the form with the answer of the link chosen; only sending it changes anything."""
    commitment = _own_commitment(request, key)
    permissions.check_may_report(request.user, commitment)
    expected = updates.expected_update(commitment, clock.today())
    if request.method == "GET":
        if expected is None:
            return _no_update_due_page(request, commitment)
        initial = UpdateForm.initial_of(expected, successes.latest_draft(commitment))
        form = UpdateForm(update=expected, initial=initial)
        if request.GET.get("answer") in form.offered_types:
            form.initial["answer"] = request.GET["answer"]
        return _form_page(request, form)
    if expected is None or _sent_update(commitment, request.POST.get("period", "")):
        return _not_accepted_page(request, commitment)
    more = "more" in request.POST
    later = more or "later" in request.POST
    form = UpdateForm(request.POST, request.FILES, update=expected, draft=later)
    if not form.is_valid():
        return _form_page(request, form)
    try:
        is_sent = _save_and_send(request, form, commitment)
    except EvidenceStorageError as error:
        form.add_error("evidence_file", str(error))
        return _form_page(request, form)
    except StaleError as error:
        return _conflict_page(request, form, error.current)
    except WrongStateError:
        return _not_accepted_page(request, commitment)
    if more:
        address = reverse("reporting:update", args=[commitment.key])
        return redirect(f"{address}?answer={UpdateType.NUMBER}#evidence")
    if form.draft:
        messages.success(request, "Your draft is saved. Nobody outside your organisation sees it.")
        return redirect("business:home")
    return redirect(f"reporting:update_{'sent' if is_sent else 'preview'}", commitment.key)


@signatory_required
@require_http_methods(["GET", "POST"])
def update_preview(request: SignedInRequest, key: str) -> HttpResponse:
    """Show the page as everybody would see it with the update that was begun; send that."""
    commitment = _own_commitment(request, key)
    permissions.check_may_report(request.user, commitment)
    begun = updates.expected_update(commitment, clock.today())
    if request.method == "POST" and _sent_update(commitment, request.POST.get("period", "")):
        return redirect("reporting:update_sent", commitment.key)
    if begun is None or begun.pk is None:
        return redirect("reporting:update", commitment.key)
    success = successes.latest_draft(commitment)
    form = UpdateForm(UpdateForm.initial_of(begun, success), update=begun)
    if not form.is_valid():
        return _form_page(request, form)
    # What was saved since is read first.
    if request.method == "POST" and request.POST.get("version") == str(begun.version):
        with transaction.atomic():
            if success:
                successes.submit(success, by=request.user)
            updates.submit(begun, by=request.user)
        return redirect("reporting:update_sent", commitment.key)
    version = begun.version
    acts = _entries_to_publish(begun, success)
    context = {
        "update": begun,
        "version": version,
        "unsent_fields": form.unsent_field_labels(),
        "questions": review_warnings.update_warnings(begun),
        "personal_data": _personal_data(acts),
        "commitment": page.preview_context(acts, key=commitment.key, today=clock.today()),
    }
    return render(request, "reporting/update_preview.html", context)


@signatory_required
@require_safe
def update_sent(request: SignedInRequest, key: str) -> HttpResponse:
    """Say that the answer has come, and what follows."""
    commitment = _own_commitment(request, key)
    context = {
        "commitment": commitment,
        "update": updates.last_sent_update(commitment),
        "coming": calendar_feed.next_period(commitment),
    }
    return render(request, "reporting/update_sent.html", context)


@transaction.atomic
def _save_and_send(request: SignedInRequest, form: UpdateForm, commitment: Commitment) -> bool:
    """Save what was told and, unless it is for later, send it; say whether it was sent.

    What may tell who a person is waits for a second look. What is published comes last.
    """
    begun = updates.start_draft(commitment, by=request.user)
    saved = updates.save_draft(
        begun,
        by=request.user,
        version=form.cleaned_data["version"],
        evidence=form.evidence_items(),
        removed_references=form.removed_references(),
        draft_form_data=form.draft_form_data(),
        **form.update_values(),
    )
    success, success_key = None, form.cleaned_data["success_key"]
    if form.has_success:
        success = successes.save_draft(
            commitment,
            by=request.user,
            success=commitment.successes.filter(key=success_key).first(),
            **form.success_values(),
        )
    else:
        successes.discard_draft(commitment, key=success_key, by=request.user)
    if (
        form.draft
        or "preview" in request.POST
        or _personal_data(_entries_to_publish(saved, success))
    ):
        return False
    if success:
        successes.submit(success, by=request.user)
    updates.submit(saved, by=request.user)
    return True


def _entries_to_publish(
    update: ProgressUpdate, success: Success | None
) -> list[publishing.NewEntry]:
    """Return what will be public of an update, and of the story told with it."""
    return [
        *updates.preview_entries(update),
        *(successes.entries_to_append(success) if success else []),
    ]


def _personal_data(acts: list[publishing.NewEntry]) -> list[str]:
    """Return what may tell who a person is in what is told now; the commitment was read before."""
    return personal_data.find_in_entries(a for a in acts if a.kind in ("update", "success"))


def _own_commitment(request: SignedInRequest, key: str) -> Commitment:
    mine = Commitment.objects.for_user(request.user).select_related(
        "signatory__charter", "signatory__organisation", "theme", "measure"
    )
    return get_object_or_404(mine, key=keys.normalise_key(key))


def _sent_update(commitment: Commitment, period: str) -> ProgressUpdate | None:
    """Return what was sent for a period already."""
    return commitment.updates.filter(period__key=period, status__in=updates.SENT_STATUSES).first()


def _not_accepted_page(request: SignedInRequest, commitment: Commitment) -> HttpResponse:
    """Keep what was typed in view where nothing is asked for any more; of a second click, thank."""
    sent = _sent_update(commitment, request.POST.get("period", ""))
    update = sent or ProgressUpdate(commitment=commitment)
    form = UpdateForm(request.POST, request.FILES, update=update, draft=True)
    if sent and form.is_resubmission_of(sent):
        return redirect("reporting:update_sent", commitment.key)
    context = {"commitment": commitment, "update": sent, "typed": form.typed_rows()}
    return render(request, "reporting/update_not_accepted.html", context, status=409)


def _no_update_due_page(request: SignedInRequest, commitment: Commitment) -> HttpResponse:
    context = {
        "commitment": commitment,
        "last": updates.last_sent_update(commitment),
        "coming": calendar_feed.next_period(commitment),
    }
    return render(request, "reporting/no_update_due.html", context)


def _form_page(
    request: SignedInRequest, form: UpdateForm, *, status: int = 200, **context: Any
) -> HttpResponse:
    update = form.update
    # The link of an email leads to its answer alone.
    selected_type = form["answer"].value()
    is_alone = selected_type == request.GET.get("answer")
    context |= {
        "form": form,
        "alone": form.offered_types.get(selected_type) if is_alone else None,
        "goal": _format_amount(update.commitment, update.commitment.target_value),
        "start": _format_amount(update.commitment, update.commitment.baseline_value),
        "update": update,
        "commitment": update.commitment,
        "period": update.period,
        "last": updates.last_sent_update(update.commitment),
        "is_early": clock.today() < schedule.requested_from(update.period),
    }
    return render(request, "reporting/update_form.html", context, status=status)


def _format_amount(commitment: Commitment, value: Decimal | None) -> str:
    """Return a figure of a commitment in its unit; nothing where it has none."""
    measure = commitment.measure
    if value is None or measure is None:
        return ""
    return format_amount(value, measure.unit, measure.unit_label)


def _conflict_page(
    request: SignedInRequest, form: UpdateForm, current: ProgressUpdate
) -> HttpResponse:
    """Show what a colleague saved beside what is typed; sending again keeps what is typed."""
    differences = form.differences_from(current)
    form.data = {**form.data.dict(), "version": str(current.version)}  # type: ignore[attr-defined]
    return _form_page(request, form, status=409, differences=differences)
