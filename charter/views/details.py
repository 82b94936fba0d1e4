"""Public details of signatories: staff edit them, signatories request changes."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from charter import companies_house, permissions
from charter.actions import organisations
from charter.forms.council import DeclineForm
from charter.forms.details import DetailsForm, DetailsRequestForm, initial_from_request
from charter.identifiers import Scheme
from charter.models import Charter, Signatory
from charter.views.access import SignedInRequest, member_required, staff_required
from charter.views.business import choose_signatory_page, signatory_from_request
from charter.views.paging import page_context

SECTION = {"section": "signatories"}


@staff_required("desk.read")
@require_safe
def signatory_list(request: SignedInRequest) -> HttpResponse:
    """List all signatories, by name."""
    signatories = Signatory.objects.for_staff(request.user).select_related(
        "organisation", "charter"
    )
    context = page_context(request, signatories.order_by("organisation__legal_name", "pk"))
    context["has_several_charters"] = Charter.objects.for_staff(request.user).count() > 1
    return render(request, "council/signatories.html", context | SECTION)


@staff_required("desk.read")
@require_http_methods(["GET", "POST"])
def signatory_details(request: SignedInRequest, key: str) -> HttpResponse:
    """Edit an organisation's details with a public reason, or decline its request.

    The form is filled in with the signatory's open request, if there is one.
    """
    signatory = _get_signatory(request, key)
    company = signatory.organisation.identifiers.filter(scheme=Scheme.COMPANIES_HOUSE).first()
    if "look_up" in request.POST and company:
        name = signatory.organisation.legal_name
        messages.info(request, companies_house.describe_company(company.number, legal_name=name))
        return redirect("council:details", key)
    open_request = signatory.details_requests.awaiting_decision().select_related("asked_by").first()
    is_decline = "decline" in request.POST
    if request.method == "POST":
        name = "details.decline" if is_decline else "details.revise"
        permissions.check(request.user, name, signatory)
    form = DetailsForm(
        None if is_decline else request.POST or None,
        initial=DetailsForm.initial_of(signatory) | initial_from_request(open_request),
    )
    decline_form = DeclineForm(request.POST if is_decline else None)
    if open_request and decline_form.is_valid():
        comments = decline_form.cleaned_data["comments"]
        organisations.decline(open_request, by=request.user, comments=comments)
        messages.success(request, "Declined with your words. The page stays as it is.")
        return redirect("council:queue")
    if form.is_valid():
        organisations.amend_details(
            signatory,
            by=request.user,
            **form.submission(),
        )
        is_public = signatory.is_public
        messages.success(request, "The public page says so now." if is_public else "Saved.")
        return redirect("council:signatories")
    context = {
        "form": form,
        "decline": decline_form,
        "signatory": signatory,
        "waiting": open_request,
        "can_look_up": company and companies_house.is_set_up(),
        "may_revise": permissions.can(request.user, "details.revise", signatory),
        "may_decline": permissions.can(request.user, "details.decline", signatory),
        "may_end": signatory.is_public
        and permissions.can(request.user, "signatory.leave", signatory),
    }
    return render(request, "council/details.html", context | SECTION)


@member_required("details.request")
@require_http_methods(["GET", "POST"])
def details_request(request: SignedInRequest) -> HttpResponse:
    """Request a change of public details, for the council to decide."""
    signatory = signatory_from_request(request)
    if signatory is None:
        signatories = permissions.signatories_with(request.user, "details.request")
        return choose_signatory_page(
            request, signatories, title="Whose details?", section="business"
        )
    permissions.check(request.user, "details.request", signatory)
    form = DetailsRequestForm(request.POST or None, signatory=signatory)
    if form.is_valid():
        organisations.request_details_change(
            signatory,
            by=request.user,
            **form.submission(),
        )
        messages.success(request, "The council reads it and writes to you.")
        return redirect("business:home")
    context = {
        "form": form,
        "signatory": signatory,
        "waiting": signatory.details_requests.awaiting_decision().first(),
        "section": "business",
    }
    return render(request, "charter/details.html", context)


def _get_signatory(request: SignedInRequest, key: str) -> Signatory:
    signatories = Signatory.objects.for_staff(request.user)
    return get_object_or_404(signatories.select_related("organisation", "charter"), key=key)
