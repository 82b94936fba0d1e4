"""The page on which an officer records a letter or call to a signatory."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from charter import permissions
from charter.errors import WrongStateError
from charter.models import Signatory
from charter.views.access import SignedInRequest, staff_required
from registry import clock
from reporting.actions import contact_attempts
from reporting.forms.contact_attempts import ContactAttemptForm
from reporting.models import ContactAttempt
from reporting.reminders.announcements import coming_sentences
from reporting.requests import note_requests


@staff_required("contact.record")
@require_http_methods(["GET", "POST"])
def record_attempt(request: SignedInRequest, key: str) -> HttpResponse:
    """Show what is missing and the earlier letters and calls; record another."""
    signatories = Signatory.objects.for_staff(request.user).select_related("organisation")
    signatory = get_object_or_404(signatories, key=key)
    permissions.check(request.user, "contact.record", signatory)
    form = ContactAttemptForm(request.POST or None)
    if form.is_valid():
        try:
            contact_attempts.record_attempt(signatory, by=request.user, **form.cleaned_data)
        except WrongStateError as error:
            form.add_error("made_on", str(error))
        else:
            messages.success(request, "Recorded. The public page shows the day.")
            return redirect("council:contact", key)
    missing = list(contact_attempts.missing_periods(signatory))
    if signatory.no_contact_since is None:
        note_requests(missing)  # Else what was asked before the last person left does not count.
    attempts = ContactAttempt.objects.filter(signatory=signatory).select_related("recorded_by")
    context = {
        "section": "behind",
        "signatory": signatory,
        "form": form,
        "missing": [(period, coming_sentences(period, clock.today())) for period in missing],
        "attempts": attempts.order_by("-made_on", "-pk"),
    }
    return render(request, "council/contact.html", context)
