"""Setting the register up and admitting signatories, below /council."""

from django.urls import path

from charter.views import council

urlpatterns = [
    path("/set-up", council.set_up, name="set_up"),
    path("/signatories/new", council.signatory_new, name="signatory_new"),
]
