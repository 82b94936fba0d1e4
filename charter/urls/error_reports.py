"""Reporting an error in a record, below /report-an-error."""

from django.urls import path

from charter.views import error_reports

app_name = "error_reports"
urlpatterns = [
    path("", error_reports.report, name="report"),
    path("/sent", error_reports.reported, name="reported"),
]
