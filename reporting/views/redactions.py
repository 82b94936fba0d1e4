"""Redaction by an administrator, after a preview of everything with the text."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from charter.errors import AlreadyDecidedError, ChangedSinceReadError
from charter.models import User
from charter.views.access import SignedInRequest, staff_required
from registry.models import Record
from reporting.forms.redactions import QuestionForm, RecordKeyForm, RedactForm
from reporting.models import Evidence, Redaction
from reporting.redaction import actions as redactions
from reporting.redaction import confirming, scope
from reporting.redaction import search as redaction_search


@staff_required("record.redact")
@require_http_methods(["GET", "POST"])
def redact_record(request: SignedInRequest) -> HttpResponse:
    """Ask for the record and the text, show the findings, and remove them."""
    key_form = RecordKeyForm(request.GET or None)
    record = _find_record(key_form, request.user) if key_form.is_valid() else None
    if record is None:
        return render(
            request, "council/redact.html", {"section": "queue", "record": None, "form": key_form}
        )
    key = record.key
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
    findings = redaction_search.find_passages(*selection, user=request.user)
    return render(request, "council/redact_preview.html", context | {"found": findings})


def _find_record(form: RecordKeyForm, user: User) -> Record | None:
    """Return the own council's public record that a form names; without one, say so there."""
    key = form.cleaned_data["key"]
    record = Record.objects.filter(pk=key).first()
    if record and not scope.foreign_keys([key], user):
        return record
    form.add_error("key", "No public record of yours has this key. Check that you copied all of it")
    return None


@staff_required("record.confirm_redaction")
@require_http_methods(["GET", "POST"])
def redaction_detail(request: SignedInRequest, number: int) -> HttpResponse:
    """Show a redaction; confirm it as a second administrator, or question it."""
    own_redactions = Redaction.objects.for_staff(request.user)
    redaction = get_object_or_404(
        own_redactions.select_related("redacted_by", "decided_by"), pk=number
    )
    form = QuestionForm(request.POST if "question" in request.POST else None)
    if "confirm" in request.POST or form.is_valid():
        comments = form.cleaned_data["comments"] if form.is_bound else ""
        try:
            confirming.confirm(redaction, by=request.user, comments=comments)
            message = "We have emailed all administrators." if comments else "Confirmed."
            messages.success(request, message)
        except AlreadyDecidedError as error:
            messages.info(request, str(error))
        return redirect("council:redaction", number)
    records = Record.objects.filter(key__in=redaction.keys).order_by("key")
    context = {
        "section": "queue",
        "redaction": redaction,
        "records": records,
        "form": form,
        "is_own": redaction.redacted_by == request.user,
    }
    return render(request, "council/redaction.html", context)
