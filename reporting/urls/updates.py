"""Addresses used in emails: the update form, /C-7F3K2/update?answer=same, and /reminders."""

from django.urls import path

from reporting.views import help_requests, reminders, successes, token_links, updates

app_name = "reporting"
urlpatterns = [
    path("reminders", reminders.reminder_preferences, name="reminders"),
    path("reminders/stop/<token>", reminders.unsubscribe, name="unsubscribe"),
    path("reminders/calendar/<token>.ics", reminders.serve_calendar, name="calendar"),
    path("reminders/calendar/<key>/renew", reminders.renew_calendar, name="renew_calendar"),
    path("<key>/help", help_requests.ask_for_help, name="help"),
    path("<key>/success", successes.report_success, name="success"),
    path("<key>/update", updates.update_form, name="update"),
    path("<key>/update/preview", updates.update_preview, name="update_preview"),
    path("<key>/update/ask", token_links.ask_colleague, name="ask_colleague"),
    path("<key>/update/sent", updates.update_sent, name="update_sent"),
]
