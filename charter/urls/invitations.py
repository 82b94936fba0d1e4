"""URLs below /invitations/."""

from django.urls import path

from charter.views import invitations

urlpatterns = [path("<token>", invitations.accept_invitation, name="invitation")]
