"""The URLs of the whole site."""

from django.conf import settings
from django.urls import include, path

from registry.operations import health

# Business and council pages have views in both private packages, under one namespace each.
business = [
    path("", include("charter.urls.business")),
    path("", include("reporting.urls.business")),
]
joining = [path("", include("charter.urls.joining")), path("", include("reporting.urls.joining"))]
council = [path("", include("charter.urls.council")), path("", include("reporting.urls.council"))]

handler500 = "registry.operations.error_pages.server_error"

urlpatterns = [
    path("health", health.health_check, name="health"),
    path("api/v1/", include("registry.api.urls")),
    path("account/", include("charter.urls.account")),
    path("account/", include("allauth.urls")),
    path("invitations/", include("charter.urls.invitations")),
    path("follow", include("charter.urls.following")),
    path("report-an-error", include("charter.urls.error_reports")),
    path("join", include((joining, "joining"))),
    path("business", include((business, "business"))),
    path("council", include((council, "council"))),
    path("", include("reporting.urls.links")),
    path("", include("reporting.urls.updates")),
    path("", include("registry.website.urls")),
]

if not settings.PRODUCTION:
    urlpatterns.insert(0, path("dev/", include("registry.local.urls")))
