"""Pages to apply to join, and to decide on an application."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from charter import companies_house, permissions
from charter.actions import acceptances, applications, stated_signatures
from charter.errors import (
    AddressError,
    AlreadyExistsError,
    ChangedSinceReadError,
    WrongStateError,
)
from charter.forms.acceptances import ApplicantAcceptanceForm, ObjectionForm
from charter.forms.council import ApplicationForm, DeclineForm
from charter.identifiers import Scheme
from charter.models import Acceptance, Application, Charter
from charter.models.charters import CharterQuerySet
from charter.views.acceptances import PLEDGE
from charter.views.access import SignedInRequest, staff_required
from charter.views.charter_choice import charter_from_request
from charter.views.public_forms import by_link, public_form, render_public_page
from registry import clock


@public_form
def apply_to_join(request: HttpRequest) -> HttpResponse:
    charters = Charter.objects.joinable(clock.today())
    charter = charter_from_request(request, charters)
    if charter is None:
        return _choose_charter_page(request, charters)
    # Visitors who come from the eligibility questions have answered these already.
    initial = {name: request.GET[name] for name in ("route", "size") if name in request.GET}
    form = ApplicationForm(request.POST or None, initial=initial)
    if not form.is_valid():
        return render_public_page("charter/apply.html", {"form": form, "charter": charter})
    applications.submit_application(charter, **form.values())
    return redirect("joining:application_sent")


def _choose_charter_page(request: HttpRequest, charters: CharterQuerySet) -> HttpResponse:
    """Show a visitor a page to choose one of several charters."""
    context = {
        "title": "Which charter do you want to sign?",
        "charters": [
            {"key": charter.key, "title": charter.title, "owner": charter.authority}
            for charter in charters.select_related("authority")
        ],
        "address": request.path,
        "query": request.GET.urlencode(),
    }
    return render_public_page("charter/choose_charter.html", context)


@require_safe
def application_sent(request: HttpRequest) -> HttpResponse:
    return render_public_page("charter/application_sent.html", {})


@by_link
def sign_application(request: HttpRequest, token: str) -> HttpResponse:
    """Show an applicant the charter; the form signs it."""
    application = applications.find_by_token(token)
    acceptance = Acceptance.objects.filter(application=application).first()
    form = ApplicantAcceptanceForm(
        request.POST or None, charter=application.charter, organisation=application.legal_name
    )
    if request.method == "POST" and not acceptance and form.is_valid():
        try:
            acceptances.sign_application(application, **form.values())
        except ChangedSinceReadError as error:
            form.add_error(None, str(error))
        else:
            return redirect("joining:sign", token)
    context = {"application": application, "acceptance": acceptance, "form": form}
    return render(request, "charter/sign_application.html", context | PLEDGE)


@by_link
def object_to_signature(request: HttpRequest, token: str) -> HttpResponse:
    """Show an organisation its signature in the council's files; the form objects to it."""
    signature = stated_signatures.find_by_token(token)
    form = ObjectionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        signature = stated_signatures.object_to(signature)
    context = {"signature": signature, "form": form}
    return render(request, "charter/object_to_signature.html", context)


@staff_required("desk.read")
@require_http_methods(["GET", "POST"])
def application_detail(request: SignedInRequest, number: int) -> HttpResponse:
    """Show an application, and admit it or decline it with comments."""
    applications_to_decide = Application.objects.for_staff(request.user).awaiting_decision()
    application = get_object_or_404(applications_to_decide, pk=number)
    if "look_up" in request.POST:
        messages.info(
            request,
            companies_house.describe_company(application.number, legal_name=application.legal_name),
        )
        return redirect("council:application", number)
    is_decline = "decline" in request.POST
    if request.method == "POST":
        name = "application.decline" if is_decline else "application.admit"
        permissions.check(request.user, name, application.charter)
    form = DeclineForm(request.POST if is_decline else None)
    try:
        if is_decline and form.is_valid():
            comments = form.cleaned_data["comments"]
            applications.decline(application, by=request.user, comments=comments)
            messages.success(request, f"Declined with your words: {application}")
            return redirect("council:queue")
        if request.method == "POST" and not is_decline:
            signatory = applications.admit(application, by=request.user)
            state = "is public" if signatory and signatory.is_public else "is invited to sign"
            messages.success(
                request, f"{application} {state}. We have written to {application.contact_email}."
            )
            return redirect("council:queue")
    except (AddressError, AlreadyExistsError, WrongStateError) as error:
        messages.info(request, str(error))
        return redirect("council:application", number)
    context = {
        "application": application,
        "acceptance": Acceptance.objects.filter(application=application).first(),
        "can_look_up": companies_house.is_set_up() and application.scheme == Scheme.COMPANIES_HOUSE,
        "may_admit": permissions.can(request.user, "application.admit", application.charter),
        "may_decline": permissions.can(request.user, "application.decline", application.charter),
        "form": form,
        "section": "queue",
    }
    return render(request, "council/application.html", context)
