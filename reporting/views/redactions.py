"""An administrator takes out what should never have been public, after seeing all that holds it."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from charter.views.access import SignedInRequest, administrator_required
from registry.models import Record
from reporting import redaction
from reporting.actions import redactions
from reporting.errors import ReadOtherwiseError
from reporting.forms.redactions import KeyForm, RedactForm
from reporting.models import Evidence


@administrator_required
@require_http_methods(["GET", "POST"])
def redact(request: SignedInRequest) -> HttpResponse:
    """Ask for the record, then for what is to go; show where it stands; take it out."""
    asked = KeyForm(request.GET or None)
    if not asked.is_valid():
        return render(request, "council/redact.html", {"section": "queue", "asked": asked})
    key = asked.cleaned_data["key"]
    record = Record.objects.filter(pk=key).first()
    if record is None:
        raise Http404("No public record has this key.")
    given = Evidence.objects.filter(Q(update__key=key) | Q(success__key=key)).order_by("pk")
    form = RedactForm(request.POST or None, item=record.item, given=given)
    context = {"section": "queue", "record": record, "form": form}
    if not form.is_valid():
        return render(request, "council/redact.html", context)
    chosen = (form.passages(), form.cleaned_data.get("evidence", []))
    if "read" in request.POST:
        try:
            redactions.redact(
                *chosen,
                by=request.user,
                reason_code=form.cleaned_data["reason_code"],
                read=request.POST["read"],
            )
        except ReadOtherwiseError as error:
            messages.info(request, str(error))
        else:
            messages.success(request, f"Removed. The page of {key} says so, and why.")
            return redirect("council:redact")
    found = redaction.find(*chosen)
    return render(request, "council/redact_preview.html", context | {"found": found})
