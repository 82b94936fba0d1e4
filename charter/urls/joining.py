"""Asking to join, below /join."""

from django.urls import path

from charter.views import joining

urlpatterns = [
    path("/apply", joining.apply, name="apply"),
    path("/apply/sent", joining.applied, name="applied"),
]
