"""The update form, where the links of reminders lead: /C-7F3K2/update?answer=same."""

from django.urls import path

from reporting.views import updates

app_name = "reporting"
urlpatterns = [
    path("<key>/update", updates.update, name="update"),
    path("<key>/update/sent", updates.update_sent, name="update_sent"),
]
