"""Hearing of changes by mail, below /follow."""

from django.urls import path

from charter.views import following

app_name = "following"
urlpatterns = [
    path("", following.follow, name="follow"),
    path("/asked", following.asked, name="asked"),
    path("/confirm/<token>", following.confirm, name="confirm"),
    path("/stop/<token>", following.stop, name="stop"),
]
