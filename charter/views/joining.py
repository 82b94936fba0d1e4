"""Asking to join, and the council's answer."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from charter import companies_house
from charter.actions import applications
from charter.errors import AddressError, AlreadyThereError, WrongStateError
from charter.forms.council import ApplicationForm, DeclineForm
from charter.identifiers import Scheme
from charter.models import Application, Charter
from charter.views.access import SignedInRequest, council_required
from charter.views.public_forms import public_form, rendered


@public_form
def apply(request: HttpRequest) -> HttpResponse:
    if not Charter.objects.exists():
        raise Http404("There is no charter yet.")
    charter = Charter.objects.current()
    # Who comes from the questions has answered these already.
    said = {name: request.GET[name] for name in ("route", "size") if name in request.GET}
    form = ApplicationForm(request.POST or None, initial=said)
    if not form.is_valid():
        return rendered("charter/apply.html", {"form": form, "charter": charter})
    applications.apply(charter, **form.values())
    return redirect("joining:applied")


@require_safe
def applied(request: HttpRequest) -> HttpResponse:
    return rendered("charter/applied.html", {})


@council_required
@require_http_methods(["GET", "POST"])
def application(request: SignedInRequest, number: int) -> HttpResponse:
    """Show one application; admit it, or decline it with words."""
    waiting = get_object_or_404(Application.objects.waiting(), pk=number)
    if "look_up" in request.POST:
        messages.info(
            request, companies_house.said_of(waiting.number, legal_name=waiting.legal_name)
        )
        return redirect("council:application", number)
    declining = "decline" in request.POST
    form = DeclineForm(request.POST if declining else None)
    try:
        if declining and form.is_valid():
            words = form.cleaned_data["words"]
            applications.decline(waiting, by=request.user, words=words)
            messages.success(request, f"Declined with your words: {waiting}")
            return redirect("council:queue")
        if request.method == "POST" and not declining:
            applications.admit(waiting, by=request.user)
            invited = waiting.contact_email
            messages.success(
                request, f"{waiting} is in the register. We have written to {invited}."
            )
            return redirect("council:queue")
    except (AddressError, AlreadyThereError, WrongStateError) as error:
        messages.info(request, str(error))
        return redirect("council:application", number)
    context = {
        "application": waiting,
        "can_look_up": companies_house.is_set_up() and waiting.scheme == Scheme.COMPANIES_HOUSE,
        "form": form,
        "section": "queue",
    }
    return render(request, "council/application.html", context)
