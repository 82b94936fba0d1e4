"""Token links."""

from django.urls import path

from reporting.views import token_links

app_name = "links"
urlpatterns = [
    path("confirm/<str:token>", token_links.confirm_update, name="confirm"),
    path("colleague/<str:token>", token_links.colleague_update, name="colleague"),
]
