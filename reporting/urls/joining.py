"""Whether the charter applies, and when an update would fall due, at /join."""

from django.urls import path

from reporting.views import joining

urlpatterns = [path("", joining.charter_applies, name="applies")]
