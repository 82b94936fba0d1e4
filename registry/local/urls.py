"""URLs that only a local register has."""

from django.urls import path

from registry.local import views

app_name = "local"
urlpatterns = [
    path("mail", views.email_list, name="emails"),
    path("mail/<slug:name>", views.email_detail, name="email"),
]
