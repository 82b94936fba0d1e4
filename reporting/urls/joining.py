"""Whether the charter applies and when updates would be due, at /join."""

from django.urls import path

from reporting.views import joining

urlpatterns = [path("", joining.charter_applies, name="applies")]
