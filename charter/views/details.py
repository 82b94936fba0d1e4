"""The council's list of signatories, and what is public of each."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from charter.actions import organisations
from charter.forms.details import DetailsForm
from charter.models import Signatory
from charter.views.access import SignedInRequest, council_required

SECTION = {"section": "signatories"}


@council_required
@require_safe
def signatories(request: SignedInRequest) -> HttpResponse:
    """List all signatories, by name."""
    listed = Signatory.objects.select_related("organisation").order_by("organisation__legal_name")
    return render(request, "council/signatories.html", {"signatories": listed, **SECTION})


@council_required
@require_http_methods(["GET", "POST"])
def details(request: SignedInRequest, key: str) -> HttpResponse:
    """Rename or reclassify an organisation, with a reason that is public."""
    found = Signatory.objects.select_related("organisation", "charter")
    signatory = get_object_or_404(found, key=key)
    form = DetailsForm(request.POST or None, initial=DetailsForm.initial_of(signatory))
    if form.is_valid():
        reason = form.cleaned_data["reason"]
        organisations.describe(signatory, by=request.user, reason=reason, values=form.values())
        messages.success(request, "The public page says so now.")
        return redirect("council:signatories")
    context = {"form": form, "signatory": signatory, **SECTION}
    return render(request, "council/details.html", context)
