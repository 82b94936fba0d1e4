"""URLs for reporting an error in a record, below /report-an-error."""

from django.urls import path

from charter.views import error_reports

app_name = "error_reports"
urlpatterns = [
    path("", error_reports.report_error, name="report"),
    path("/sent", error_reports.report_sent, name="report_sent"),
]
