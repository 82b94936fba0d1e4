"""URLs for applications to join, below /join."""

from django.urls import path

from charter.views import joining

urlpatterns = [
    path("/apply", joining.apply_to_join, name="apply"),
    path("/apply/sign/<token>", joining.sign_application, name="sign"),
    path("/signature/<token>", joining.object_to_signature, name="object"),
    path("/apply/sent", joining.application_sent, name="application_sent"),
]
