"""Pages to report an error in a record, and to decide on a report."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from charter import permissions
from charter.actions import corrections, error_reports
from charter.errors import AlreadyDecidedError, WrongStateError
from charter.forms.error_reports import DecisionForm, ErrorReportForm
from charter.models import ErrorReport
from charter.views.access import SignedInRequest, staff_required
from charter.views.public_forms import public_form, render_public_page
from registry.log import keys
from registry.models import Record


@public_form
def report_error(request: HttpRequest) -> HttpResponse:
    """Report an error in the record named in the query: `about=C-7F3K2`."""
    about = keys.normalise_key(request.GET.get("about", ""))
    record = Record.objects.filter(pk=about).first() if keys.is_key(about) else None
    if record is None:
        return render_public_page("error_reports/unknown.html", {}, status=404)
    form = ErrorReportForm(request.POST or None)
    if not form.is_valid():
        return render_public_page("error_reports/report.html", {"form": form, "record": record})
    error_reports.submit_report(about=record.key, **form.cleaned_data)
    return redirect("error_reports:report_sent")


@require_safe
def report_sent(request: HttpRequest) -> HttpResponse:
    return render_public_page("error_reports/report_sent.html", {})


@staff_required("desk.read")
@require_http_methods(["GET", "POST"])
def error_report(request: SignedInRequest, number: int) -> HttpResponse:
    """Show a reader's report and record the decision."""
    reports = ErrorReport.objects.for_staff(request.user).select_related("charter__authority")
    report = get_object_or_404(reports, pk=number)
    if request.method == "POST":
        permissions.check(request.user, "error_report.answer", report.charter)
    form = DecisionForm(request.POST or None, report=report)
    if report.decided_at:
        messages.info(request, str(AlreadyDecidedError()))
        return redirect("council:queue")
    if form.is_valid():
        try:
            error_reports.close_report(report, by=request.user, **form.decision_values())
            outcome = "We have written to the reader." if report.email else "There was no address."
            messages.success(request, f"Closed. {outcome}")
        except WrongStateError as error:
            messages.info(request, str(error))
        return redirect("council:queue")
    record = Record.objects.filter(pk=report.about).first()
    context = {
        "report": report,
        "record": record,
        "may_correct": corrections.may_correct(request.user, report.about),
        "form": form,
        "section": "queue",
    }
    return render(request, "council/error_report.html", context)
