"""Pages of a local register only."""

from django.urls import path

from registry.local import views

app_name = "local"
urlpatterns = [
    path("mail", views.mails, name="mails"),
    path("mail/<slug:name>", views.mail, name="mail"),
]
