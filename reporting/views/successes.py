"""Pages for reporting a success on its own, and for editing a returned one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from charter import permissions, personal_data
from charter.errors import WrongStateError
from charter.models import Commitment
from charter.views.access import SignedInRequest, member_required
from registry.log import keys
from reporting.actions import successes
from reporting.errors import EvidenceStorageError
from reporting.forms.successes import StandaloneSuccessForm
from reporting.models import Success


@member_required("success.draft")
@require_http_methods(["GET", "POST"])
def report_success(request: SignedInRequest, key: str) -> HttpResponse:
    """Report a success of a commitment, starting from its draft if there is one."""
    own_commitments = Commitment.objects.for_user(request.user).public()
    commitment = get_object_or_404(own_commitments, key=keys.normalise_key(key))
    return _success_page(request, commitment, successes.latest_draft(commitment))


@member_required("success.draft")
@require_http_methods(["GET", "POST"])
def edit_success(request: SignedInRequest, key: str) -> HttpResponse:
    """Edit a draft or returned success and send it."""
    own_commitments = Commitment.objects.for_user(request.user)
    success = get_object_or_404(
        Success.objects.filter(commitments__in=own_commitments).distinct(), key=key
    )
    commitment = success.commitments.earliest("pk")
    if request.method == "GET" and not success.is_working_copy:
        context = {"success": success, "commitment": commitment, "section": "business"}
        return render(request, "reporting/success_sent.html", context)
    return _success_page(request, commitment, success)


def _success_page(
    request: SignedInRequest, commitment: Commitment, success: Success | None
) -> HttpResponse:
    permissions.check(request.user, "success.draft", commitment.signatory)
    form = StandaloneSuccessForm(
        request.POST or None, request.FILES or None, commitment=commitment, success=success
    )
    if form.is_valid():
        try:
            return _save_and_send(request, form, commitment)
        except EvidenceStorageError as error:
            form.add_error("evidence_file", str(error))
        except WrongStateError as error:
            messages.info(request, str(error))
            return redirect("business:home")
    warnings = (
        personal_data.find_in_entries(successes.entries_to_append(success)) if success else []
    )
    context = {
        "form": form,
        "success": success,
        "commitment": commitment,
        "personal_data": warnings,
        "section": "business",
    }
    return render(request, "reporting/success_form.html", context)


def _save_and_send(
    request: SignedInRequest, form: StandaloneSuccessForm, commitment: Commitment
) -> HttpResponse:
    is_draft = "later" in request.POST
    success, is_sent = successes.save_submission(
        commitment,
        form.submission(),
        by=request.user,
        send=not is_draft,
    )
    if is_draft:
        messages.success(request, "Your draft is saved. Nobody outside your organisation sees it.")
    elif is_sent:
        messages.success(request, "Your success is with the council.")
    else:
        return redirect("business:success", success.key)
    return redirect("business:home")
