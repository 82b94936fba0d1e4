"""Pages to set up the register and admit signatories."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from charter import permissions
from charter.actions import charters, signatories
from charter.errors import AddressError, AlreadyExistsError, IncompleteError
from charter.forms.council import SetUpForm, SignatoryForm
from charter.models import Charter, Proposal
from charter.views.access import SignedInRequest, staff_required
from charter.views.charter_choice import charter_from_request, choose_charter_page
from registry.models import StaleCommitment
from registry.wording.formatting import count_noun


@staff_required("charter.edit")
@require_http_methods(["GET", "POST"])
def set_up(request: SignedInRequest) -> HttpResponse:
    """Set up the register, or later edit its charter and contacts."""
    if not request.user.staff_memberships.current().filter(authority=None).exists():
        charters_to_edit = permissions.charters_with(request.user, "charter.edit")
        charter = charter_from_request(request, charters_to_edit)
        if charter is None:
            title = "Which charter do you want to change?"
            return choose_charter_page(request, charters_to_edit, title=title, section="staff")
        return _edit_charter(request, charter)
    form = SetUpForm(request.POST or None, initial=SetUpForm.initial_for_new())
    if not form.is_valid():
        return _set_up_page(request, form)
    try:
        charters.set_up(by=request.user, **form.new_register())
    except AlreadyExistsError as error:
        messages.info(request, str(error))
        return redirect("council:set_up")
    messages.success(request, "The register is set up. You can now invite signatories.")
    return redirect("council:queue")


def _edit_charter(request: SignedInRequest, charter: Charter) -> HttpResponse:
    initial = SetUpForm.initial_of(charter)
    form = SetUpForm(request.POST or None, initial=initial, charter=charter)
    if form.is_valid():
        try:
            charters.amend_charter(
                charter,
                by=request.user,
                reason=form.cleaned_data["reason"],
                authority=form.authority_values(),
                values=form.charter_values(),
            )
        except IncompleteError as error:
            for name, problem in error.problems.items():
                form.add_error(name, problem)
        else:
            names = form.cleaned_data["second_person_acts"]
            done = charters.change_or_propose_second_persons(charter, by=request.user, names=names)
            if isinstance(done, Proposal):
                return redirect("council:proposal", done.pk)
            messages.success(request, "Saved. What is public of it says so now.")
            return redirect("council:queue")
    return _set_up_page(request, form, charter)


def _set_up_page(
    request: SignedInRequest, form: SetUpForm, charter: Charter | None = None
) -> HttpResponse:
    stale_count = StaleCommitment.objects.count()
    context = {
        "form": form,
        "charter": charter,
        "stale_commitments": stale_count and count_noun(stale_count, "commitment"),
        "section": "staff",
    }
    return render(request, "charter/set_up.html", context)


@staff_required("signatory.admit")
@require_http_methods(["GET", "POST"])
def signatory_new(request: SignedInRequest) -> HttpResponse:
    """Admit an organisation and invite its first person."""
    charters_to_sign = permissions.charters_with(request.user, "signatory.admit")
    charter = charter_from_request(request, charters_to_sign)
    if charter is None:
        title = "Which charter is it to sign?"
        return choose_charter_page(request, charters_to_sign, title=title, section="signatories")
    form = SignatoryForm(request.POST or None)
    if form.is_valid():
        try:
            signatory = signatories.admit(by=request.user, charter=charter, **form.values())
        except AddressError as error:
            form.add_error("contact_email", str(error))
        except AlreadyExistsError as error:
            form.add_error("legal_name", str(error))
        else:
            recipient = form.cleaned_data["contact_email"]
            messages.success(
                request, f"{signatory} is invited to sign. We have written to {recipient}."
            )
            return redirect("council:queue")
    context = {
        "form": form,
        "charter": charter,
        "has_several_charters": charters_to_sign.count() > 1,
        "section": "signatories",
    }
    return render(request, "charter/signatory_form.html", context)
