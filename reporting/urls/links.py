"""The links with a token."""

from django.urls import path

from reporting.views import capabilities

app_name = "links"
urlpatterns = [
    path("confirm/<str:token>", capabilities.confirm_update, name="confirm"),
    path("colleague/<str:token>", capabilities.colleague_update, name="colleague"),
]
