"""The site map."""

from django.conf import settings
from django.urls import include, path

from registry import health

urlpatterns = [
    path("health", health.health, name="health"),
    path("api/v1/", include("registry.api.urls")),
    path("account/", include("charter.urls.account")),
    path("account/", include("allauth.urls")),
    path("", include("charter.urls.business")),
    path("", include("reporting.urls")),
    path("", include("registry.website.urls")),
]

if not settings.PRODUCTION:
    urlpatterns.insert(0, path("dev/", include("registry.local.urls")))
