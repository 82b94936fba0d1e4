"""Links with a token: whoever asks for them signs in; whoever has one sees one form."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from charter.errors import CharterError, StaleError
from charter.models import Commitment
from charter.views.access import SignedInRequest, signatory_required
from registry import clock
from registry.log import keys
from registry.wording.formatting import format_day
from reporting import permissions
from reporting.actions import confirmations, delegations
from reporting.errors import ClosedLinkError, EvidenceStorageError
from reporting.forms.token_links import ConfirmationForm, ConfirmationRequestForm, DelegationForm
from reporting.forms.updates import UpdateForm
from reporting.models import Confirmation, Delegation, ProgressUpdate
from reporting.token_links import VALID_FOR
from reporting.workflow import ReviewStatus


def by_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show a page to whoever has its address, which no other page may learn.

    Under `no-referrer` browsers send no true Origin, so Django's check of forgery would refuse the
    form. The unguessable address shows that the form is ours, and sending it signs nobody in.
    """

    @csrf_exempt
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def guarded_view(request: HttpRequest, token: str) -> HttpResponse:
        try:
            response = view(request, token)
        except ClosedLinkError as error:
            response = render(request, "links/closed.html", {"error": error}, status=410)
        response["Referrer-Policy"] = "no-referrer"
        return response

    return guarded_view


@by_link
def confirm_update(request: HttpRequest, token: str) -> HttpResponse:
    """Ask a body that was helped: did it happen? Only a chosen answer, sent, is recorded."""
    made = confirmations.find_by_token(token)
    form = ConfirmationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        confirmations.record_answer(
            made,
            answer=form.cleaned_data["answer"],
            may_be_named=form.cleaned_data["may_be_named"] == "yes",
        )
        return render(request, "links/thanks.html", {"commitment": made.update.commitment})
    context = {
        "form": form,
        "made": made,
        "update": made.update,
        "commitment": made.update.commitment,
    }
    return render(request, "links/confirm.html", context)


@by_link
def colleague_update(request: HttpRequest, token: str) -> HttpResponse:
    """Let a colleague fill in one update; it becomes a draft, which somebody else sends."""
    made, update = delegations.find_by_token(token)
    sent = request.method == "POST"
    form = UpdateForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        update=update,
        initial=UpdateForm.initial_of(update),
    )
    # What others gave is not this person's to take away, nor a story hers to tell.
    form.fields.pop("evidence_removed", None)
    if sent and form.is_valid():
        try:
            delegations.save_draft(
                made,
                version=form.cleaned_data["version"],
                evidence=form.evidence_items(),
                draft_form_data=form.draft_form_data(),
                **form.update_values(),
            )
        except EvidenceStorageError as error:
            form.add_error("evidence_file", str(error))
        except StaleError as error:
            form.data = {**form.data.dict(), "version": str(error.current.version)}  # type: ignore[attr-defined]
            messages.info(request, "Somebody else has saved this update. Send yours again.")
        else:
            return render(request, "links/draft_received.html", {"asked_by": made.asked_by})
    context = {
        "form": form,
        "made": made,
        "update": update,
        "commitment": update.commitment,
        "period": update.period,
    }
    return render(request, "links/colleague.html", context)


@signatory_required
@require_http_methods(["GET", "POST"])
def ask_colleague(request: SignedInRequest, key: str) -> HttpResponse:
    mine = Commitment.objects.for_user(request.user)
    commitment = get_object_or_404(mine, key=keys.normalise_key(key))
    permissions.check_may_report(request.user, commitment)
    form = DelegationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = delegations.delegate_update(
                commitment, by=request.user, email=form.cleaned_data["email"]
            )
        except CharterError as error:
            form.add_error("email", str(error))
        else:
            until = format_day(clock.local_date(made.expires_at))
            messages.success(
                request,
                f"We have sent {made.email} a link to the form of “{commitment.title}”. It is open "
                f"until {until}; what is written there waits here as a draft.",
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


@signatory_required
@require_http_methods(["GET", "POST"])
def ask_beneficiary(request: SignedInRequest, key: str) -> HttpResponse:
    """Show who was asked to confirm an update, and ask one more."""
    mine = ProgressUpdate.objects.for_user(request.user).filter(status=ReviewStatus.PUBLISHED)
    update = get_object_or_404(
        mine.select_related("period", "commitment__signatory__organisation", "commitment__measure"),
        key=key,
    )
    permissions.check_may_report(request.user, update.commitment)
    form = ConfirmationRequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = confirmations.request_confirmation(update, by=request.user, **form.cleaned_data)
        except CharterError as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, f"We have sent {made.email} a link to one question.")
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
