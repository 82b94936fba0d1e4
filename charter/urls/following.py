"""URLs for following changes by email, below /follow."""

from django.urls import path

from charter.views import following

app_name = "following"
urlpatterns = [
    path("", following.follow_subject, name="follow"),
    path("/asked", following.confirmation_sent, name="confirmation_sent"),
    path("/confirm/<token>", following.confirm_following, name="confirm"),
    path("/stop/<token>", following.stop_following, name="stop"),
]
