"""URLs for applications to join, below /join."""

from django.urls import path

from charter.views import joining

urlpatterns = [
    path("/apply", joining.apply_to_join, name="apply"),
    path("/apply/sent", joining.application_sent, name="application_sent"),
]
