"""Pages to ask the council for help in private, and to answer."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from charter import permissions
from charter.errors import AlreadyDecidedError
from charter.views.access import SignedInRequest, member_required, staff_required
from charter.views.business import get_own_commitment
from registry.log import keys
from reporting.actions import help_requests
from reporting.forms.help_requests import HelpAnswerForm, HelpRequestForm
from reporting.models import HelpRequest


@member_required("help_request.send")
@require_http_methods(["GET", "POST"])
def ask_for_help(request: SignedInRequest, key: str) -> HttpResponse:
    """Offer quicker ways first, then a message to the council; show earlier ones."""
    commitment = get_own_commitment(request, keys.normalise_key(key))
    permissions.check(request.user, "help_request.send", commitment.signatory)
    form = HelpRequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        help_requests.send_request(commitment, by=request.user, text=form.cleaned_data["text"])
        messages.success(
            request, "Sent to the charter team. They will email you their answer. It is not public."
        )
        return redirect("reporting:help", commitment.key)
    context = {
        "section": "business",
        "commitment": commitment,
        "may_write": permissions.can(request.user, "update.draft", commitment.signatory),
        "form": form,
        "sent": HelpRequest.objects.for_user(request.user)
        .filter(commitment=commitment)
        .select_related("asked_by")
        .order_by("-asked_at", "-pk"),
    }
    return render(request, "reporting/help.html", context)


@staff_required("desk.read")
@require_http_methods(["GET", "POST"])
def help_request(request: SignedInRequest, number: int) -> HttpResponse:
    """Show a request for help with earlier ones; answer and close it."""
    requests = HelpRequest.objects.for_staff(request.user).select_related(
        "commitment__signatory__charter__authority",
        "commitment__signatory__organisation",
        "asked_by",
        "answered_by",
    )
    asked = get_object_or_404(requests, pk=number)
    signatory = asked.commitment.signatory
    if request.method == "POST":
        permissions.check(request.user, "help_request.answer", signatory)
    form = HelpAnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            help_requests.answer_request(asked, by=request.user, text=form.cleaned_data["answer"])
        except AlreadyDecidedError as error:
            messages.info(request, str(error))
            return redirect("council:help_request", number)
        messages.success(request, f"Answered. We have emailed {asked.asked_by}.")
        return redirect("council:queue")
    context = {
        "section": "queue",
        "asked": asked,
        "commitment": asked.commitment,
        "earlier": requests.filter(commitment=asked.commitment)
        .exclude(pk=asked.pk)
        .order_by("-asked_at", "-pk"),
        "may_answer": permissions.can(request.user, "help_request.answer", signatory),
        "form": form,
    }
    return render(request, "council/help_request.html", context)
