"""URLs of the API: nouns, without a trailing slash, below `/api/v1/`."""

from django.urls import path, re_path

from registry.api import log, problems, records, views
from registry.log import keys
from registry.schema import kinds

app_name = "api"
urlpatterns = [
    path("", views.RootView.as_view(), name="root"),
    path("changes", log.ChangeList.as_view(), name="changes"),
    path("entries", log.EntryList.as_view(), name="entries"),
    path("entries/<int:number>", log.EntryDetail.as_view(), name="entry"),
    path("codelists", views.CodelistList.as_view(), name="codelists"),
    path("codelists/<slug:name>.csv", views.CodelistFile.as_view(), name="codelist_csv"),
    path("codelists/<slug:name>", views.CodelistDetail.as_view(), name="codelist"),
    path("openapi.json", views.OpenAPIView.as_view(), name="openapi"),
]
for kind, spec in kinds.KINDS.items():
    plural = spec.plural
    kind_views = records.views_for_kind(kind)
    key = rf"(?P<key>{keys.LOOSE_PATTERN})"
    urlpatterns += [
        re_path(rf"^{plural}$", kind_views["RecordList"].as_view(), name=plural),
        re_path(
            rf"^{plural}\.(?P<format>csv|json)$",
            kind_views["RecordList"].as_view(),
            name=f"{plural}_as",
        ),
        re_path(rf"^{plural}/{key}$", kind_views["RecordDetail"].as_view(), name=kind),
        re_path(
            rf"^{plural}/{key}/versions$",
            kind_views["VersionList"].as_view(),
            name=f"{kind}_versions",
        ),
        re_path(
            rf"^{plural}/{key}/versions/(?P<version>\d{{1,9}})$",
            kind_views["VersionDetail"].as_view(),
            name=f"{kind}_version",
        ),
    ]
urlpatterns.append(re_path(r"^(?P<path>.*)$", problems.not_found))
