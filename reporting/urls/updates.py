"""Where mails lead: the update form, /C-7F3K2/update?answer=same, and /reminders."""

from django.urls import path

from reporting.views import capabilities, reminders, successes, updates

app_name = "reporting"
urlpatterns = [
    path("reminders", reminders.reminders, name="reminders"),
    path("reminders/stop/<token>", reminders.unsubscribe, name="unsubscribe"),
    path("reminders/calendar/<token>.ics", reminders.calendar, name="calendar"),
    path("reminders/calendar/<key>/renew", reminders.renew_calendar, name="renew_calendar"),
    path("<key>/success", successes.begin, name="success"),
    path("<key>/update", updates.update, name="update"),
    path("<key>/update/preview", updates.preview, name="update_preview"),
    path("<key>/update/ask", capabilities.ask_colleague, name="ask_colleague"),
    path("<key>/update/sent", updates.update_sent, name="update_sent"),
]
