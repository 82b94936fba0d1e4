"""Change many commitments at once, after a preview."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from charter.actions import bulk_changes
from charter.errors import ChangedSinceReadError
from charter.forms.bulk_changes import BulkChangeForm, CommitmentFilterForm
from charter.views.access import SignedInRequest, staff_required


@staff_required("commitment.change_many")
@require_http_methods(["GET", "POST"])
def bulk_change(request: SignedInRequest) -> HttpResponse:
    """Find and select commitments, preview the change, and save it."""
    filter_form = CommitmentFilterForm(request.GET or None, by=request.user)
    context = {"section": "signatories", "filter_form": filter_form}
    if not filter_form.is_valid():
        return render(request, "council/bulk_change.html", context | {"form": None})
    form = BulkChangeForm(
        request.POST or None,
        commitments=filter_form.matching_commitments(),
        signatory=filter_form.cleaned_data["signatory"],
    )
    if not form.is_valid():
        return render(request, "council/bulk_change.html", context | {"form": form})
    cleaned = form.cleaned_data
    theme, contact = cleaned["new_theme"], cleaned.get("contact")
    if "seen_digest" in request.POST:
        try:
            changed_commitments = bulk_changes.change_commitments(
                cleaned["commitments"],
                by=request.user,
                theme=theme,
                contact=contact,
                reason=cleaned["reason"],
                seen_digest=request.POST["seen_digest"],
            )
        except ChangedSinceReadError as error:
            messages.info(request, str(error))
        else:
            messages.success(request, f"Changed: {len(changed_commitments)}")
            return redirect(request.get_full_path())
    commitments = list(bulk_changes.select_commitments(cleaned["commitments"]))
    preview_context = {
        "commitments": commitments,
        "seen_digest": bulk_changes.commitments_digest(commitments),
        "theme": theme,
        "contact": contact,
    }
    return render(
        request, "council/bulk_change_preview.html", context | preview_context | {"form": form}
    )
