"""Token links: pages for the members who request them, and the forms behind them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from charter import permissions
from charter.errors import ChangedSinceReadError, CharterError
from charter.questions import Question
from charter.views.access import SignedInRequest, member_required
from charter.views.business import get_own_commitment
from charter.views.public_forms import by_link
from charter.workflow import ReviewStatus
from registry import clock
from registry.log import keys
from registry.wording.formatting import format_day
from reporting.actions import confirmations, delegations
from reporting.errors import EvidenceStorageError
from reporting.forms.token_links import ConfirmationForm, ConfirmationRequestForm, DelegationForm
from reporting.forms.updates import UpdateForm
from reporting.models import Confirmation, Delegation, ProgressUpdate
from reporting.token_links import VALID_FOR


@by_link
def confirm_update(request: HttpRequest, token: str) -> HttpResponse:
    """Ask a beneficiary if a result happened; record the submitted answer."""
    confirmation = confirmations.find_by_token(token)
    form = ConfirmationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        confirmations.record_answer(confirmation, **form.values())
        return render(request, "links/thanks.html", {"commitment": confirmation.update.commitment})
    context = {
        "form": form,
        "made": confirmation,
        "update": confirmation.update,
        "commitment": confirmation.update.commitment,
    }
    return render(request, "links/confirm.html", context)


@by_link
def colleague_update(request: HttpRequest, token: str) -> HttpResponse:
    """Show an update form to a colleague; it saves a draft for a member to send."""
    delegation, update = delegations.find_by_token(token)
    questions: list[Question] = []
    is_submitted = request.method == "POST"
    form = _colleague_form(
        request.POST if is_submitted else None, request.FILES if is_submitted else None, update
    )
    if is_submitted and form.is_valid():
        try:
            questions = delegations.save_draft(
                delegation,
                version=form.cleaned_data["version"],
                evidence=form.evidence_items(),
                draft_form_data=form.draft_form_data(),
                **form.update_values(),
            )
        except EvidenceStorageError as error:
            form.add_error("evidence_file", str(error))
        except ChangedSinceReadError as error:
            form.data = {**form.data.dict(), "version": str(error.current.version)}  # type: ignore[attr-defined]
            messages.info(request, "Someone else has saved this update. Send yours again.")
        else:
            if not questions:
                received = {"asked_by": delegation.asked_by}
                return render(request, "links/draft_received.html", received)
            # What was typed and uploaded is saved: the form goes on from there.
            delegation, update = delegations.find_by_token(token)
            form = _colleague_form(None, None, update)
    context = {
        "form": form,
        "questions": questions,
        "made": delegation,
        "update": update,
        "commitment": update.commitment,
        "period": update.period,
    }
    return render(request, "links/colleague.html", context)


def _colleague_form(data: Any, files: Any, update: ProgressUpdate) -> UpdateForm:
    """Return the form of a colleague, who can neither remove evidence nor report a success."""
    form = UpdateForm(data, files, update=update, initial=UpdateForm.initial_of(update))
    form.fields.pop("evidence_removed", None)
    return form


@member_required("delegation.create")
@require_http_methods(["GET", "POST"])
def ask_colleague(request: SignedInRequest, key: str) -> HttpResponse:
    commitment = get_own_commitment(request, keys.normalise_key(key))
    permissions.check(request.user, "delegation.create", commitment.signatory)
    form = DelegationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            delegation = delegations.delegate_update(
                commitment, by=request.user, **form.cleaned_data
            )
        except CharterError as error:
            form.add_error("email", str(error))
        else:
            until = format_day(clock.local_date(delegation.expires_at))
            messages.success(
                request,
                f"We have sent {delegation.email} a link to the form of “{commitment.title}”. "
                f"It is open until {until}; what is written there waits here as a draft.",
            )
            return redirect("business:home")
    context = {
        "section": "business",
        "form": form,
        "commitment": commitment,
        "asked": Delegation.objects.open(clock.now()).filter(period__commitment=commitment),
        "days": VALID_FOR.days,
    }
    return render(request, "reporting/ask_colleague.html", context)


@member_required("confirmation.request")
@require_http_methods(["GET", "POST"])
def ask_beneficiary(request: SignedInRequest, key: str) -> HttpResponse:
    """Show the confirmation requests of an update, and send another one."""
    own_updates = ProgressUpdate.objects.for_user(request.user).filter(
        status=ReviewStatus.PUBLISHED
    )
    update = get_object_or_404(
        own_updates.select_related(
            "period", "commitment__signatory__organisation", "commitment__measure"
        ),
        key=key,
    )
    permissions.check(request.user, "confirmation.request", update.commitment.signatory)
    form = ConfirmationRequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            confirmation = confirmations.request_confirmation(
                update, by=request.user, **form.cleaned_data
            )
        except CharterError as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, f"We have sent {confirmation.email} a link to one question.")
            return redirect("business:confirmations", key)
    context: dict[str, Any] = {
        "section": "business",
        "form": form,
        "update": update,
        "commitment": update.commitment,
        "asked": Confirmation.objects.filter(update=update).order_by("pk"),
        "days": VALID_FOR.days,
    }
    return render(request, "reporting/ask_beneficiary.html", context)
