"""The council sets the register up and admits signatories."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from charter import reference
from charter.actions import charters, signatories
from charter.errors import AlreadyThereError
from charter.forms.council import SetUpForm, SignatoryForm
from charter.models import Charter
from charter.views.access import SignedInRequest, administrator_required, council_required


@administrator_required
@require_http_methods(["GET", "POST"])
def set_up(request: SignedInRequest) -> HttpResponse:
    """Set the register up on a council's first day; later, keep its contacts right."""
    charter = Charter.objects.select_related("authority").order_by("pk").last()
    form = SetUpForm(
        request.POST or None, initial=SetUpForm.initial_of(charter) if charter else _prefilled()
    )
    if not form.is_valid():
        return render(request, "charter/set_up.html", {"form": form, "charter": charter})
    described = form.charter()
    if charter is None:
        described = reference.charter() | described
    charters.set_up(
        by=request.user,
        authority=form.authority(),
        charter=described,
        themes=reference.themes(),
        measures=reference.measures(),
        ours=charter,
    )
    messages.success(request, "The register is set up. You can now invite signatories.")
    return redirect("council:queue")


@council_required
@require_http_methods(["GET", "POST"])
def signatory_new(request: SignedInRequest) -> HttpResponse:
    """Admit an organisation and invite its first person."""
    form = SignatoryForm(request.POST or None)
    if form.is_valid():
        charter = Charter.objects.latest("valid_from")
        try:
            signatory = signatories.admit(by=request.user, charter=charter, **form.values())
        except AlreadyThereError as error:
            form.add_error("legal_name", str(error))
        else:
            invited = form.cleaned_data["contact_email"]
            messages.success(
                request, f"{signatory} is in the register. We have written to {invited}."
            )
            return redirect("council:queue")
    return render(request, "charter/signatory_form.html", {"form": form})


def _prefilled() -> dict[str, object]:
    """Return Birmingham's charter and the contacts of the settings, to begin with."""
    return reference.authority() | reference.charter()
