"""Redaction by an administrator, after a preview of everything with the text."""

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from charter.errors import ChangedSinceReadError
from charter.views.access import SignedInRequest, staff_required
from registry.models import Record
from reporting.forms.redactions import RecordKeyForm, RedactForm
from reporting.models import Evidence
from reporting.redaction import actions as redactions
from reporting.redaction import search as redaction_search


@staff_required("record.redact")
@require_http_methods(["GET", "POST"])
def redact_record(request: SignedInRequest) -> HttpResponse:
    """Ask for the record and the text, show the findings, and remove them."""
    key_form = RecordKeyForm(request.GET or None)
    if not key_form.is_valid():
        return render(
            request, "council/redact.html", {"section": "queue", "record": None, "form": key_form}
        )
    key = key_form.cleaned_data["key"]
    record = Record.objects.filter(pk=key).first()
    if record is None:
        raise Http404("No public record has this key.")
    evidence = Evidence.objects.filter(Q(update__key=key) | Q(success__key=key)).order_by("pk")
    form = RedactForm(request.POST or None, item=record.item, evidence=evidence)
    context = {"section": "queue", "record": record, "form": form}
    if not form.is_valid():
        return render(request, "council/redact.html", context)
    selection = form.passages_to_remove(), form.evidence_to_erase()
    if "seen_digest" in request.POST:
        try:
            redactions.redact(
                *selection,
                by=request.user,
                reason_code=form.cleaned_data["reason_code"],
                seen_digest=request.POST["seen_digest"],
            )
        except ChangedSinceReadError as error:
            messages.info(request, str(error))
        else:
            messages.success(request, f"Removed. The page of {key} says so, and why.")
            return redirect("council:redact")
    findings = redaction_search.find_passages(*selection)
    return render(request, "council/redact_preview.html", context | {"found": findings})
