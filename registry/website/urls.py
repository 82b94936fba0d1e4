"""The public website."""

from django.urls import path, re_path

from registry import keys
from registry.api import views as api
from registry.website import views

app_name = "website"
urlpatterns = [
    path("", views.home_page, name="home"),
    path("commitments", views.commitments_page, name="commitments"),
    path(
        "commitments.csv",
        api.CommitmentsFile.as_view(),
        {"format": "csv"},
        name="commitments_csv",
    ),
    path("commitments/<str:key>", views.commitment_page, name="commitment"),
    path("signatories", views.signatories_page, name="signatories"),
    path("signatories/<str:key>", views.signatory_page, name="signatory"),
    path("changes", views.changes_page, name="changes"),
    path("data", views.data_page, name="data"),
    path("verify", views.verify_page, name="verify"),
    path("privacy", views.privacy_page, name="privacy"),
    path("accessibility", views.accessibility_page, name="accessibility"),
    path("contact", views.contact_page, name="contact"),
    path("id/<str:key>", views.identifier, name="identifier"),
    re_path(rf"^(?P<key>{keys.LOOSE_PATTERN})$", views.short, name="short"),
]
