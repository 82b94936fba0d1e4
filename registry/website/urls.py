"""Addresses of the public website."""

from django.urls import path, re_path

from registry import evidence
from registry.api.records import CommitmentsFile
from registry.log import keys
from registry.website import embeds, metadata_views, redirects, views

app_name = "website"
# For people who keep a mirror; they link to each other by these names.
DOCUMENTS = ("data.md", "verify.py", "log-vectors.json", "threats.md")
urlpatterns = [
    path("", views.home_page, name="home"),
    path("search", views.search_page, name="search"),
    path("commitments", views.commitments_page, name="commitments"),
    path(
        "commitments.csv",
        CommitmentsFile.as_view(),
        {"format": "csv"},
        name="commitments_csv",
    ),
    path("summary", views.summary_page, name="summary"),
    path("report", views.report_page, name="report"),
    path("commitments/past", views.commitments_past, name="commitments_past"),
    path("commitments/<str:key>", views.commitment_page, name="commitment"),
    path(
        "commitments/<str:key>/statement", views.commitment_statement, name="commitment_statement"
    ),
    path("commitments/<str:key>/past", redirects.redirect_past, name="commitment_past"),
    path("<slug:plural>/<str:key>/versions", views.versions_page, name="versions"),
    path("signatories", views.signatories_page, name="signatories"),
    path("signatories/<str:key>", views.signatory_page, name="signatory"),
    path("signatories/<str:key>/statement", views.signatory_statement, name="signatory_statement"),
    path("updates-not-received", views.missing_updates_page, name="missing_updates"),
    path("themes", views.themes_page, name="themes"),
    path("themes/<str:key>", views.theme_page, name="theme"),
    path("measures", views.measures_page, name="measures"),
    path("measures/<str:key>", views.measure_page, name="measure"),
    path("places", views.places_page, name="places"),
    path("places/<str:code>", views.place_page, name="place"),
    path("statistics", views.statistics_page, name="statistics"),
    path("statistics.csv", embeds.statistics_file, name="statistics_csv"),
    path("statistics/measures", views.statistics_measures, name="statistics_measures"),
    path("statistics/<slug:name>", views.statistics_subject, name="statistics_subject"),
    path("statistics/<slug:name>.csv", embeds.statistics_file, name="statistics_csv"),
    path("compare", views.compare_page, name="compare"),
    path("compare.csv", embeds.compare_file, name="compare_csv"),
    path("successes", views.successes_page, name="successes"),
    path("successes/<str:key>", views.success_page, name="success"),
    path("updates/<str:key>", views.update_page, name="update"),
    path("evidence/<str:key>/<uuid:reference>", evidence.public_file, name="evidence"),
    path("evidence/<str:key>/<uuid:reference>/<str:size>", evidence.public_size, name="photograph"),
    path("changes", views.changes_page, name="changes"),
    path("feeds/changes.atom", embeds.changes_feed, name="changes_feed"),
    path("feeds/places/<str:code>.atom", embeds.place_feed, name="place_feed"),
    path("feeds/<slug:plural>/<str:key>.atom", embeds.record_feed, name="record_feed"),
    path("badges/<str:key>.svg", embeds.badge_image, name="badge"),
    path("sharing/<str:about>.png", embeds.sharing_picture, name="sharing_picture"),
    path("embedded/<str:key>", embeds.embedded_block, name="embedded"),
    path("badge", embeds.builder_page, name="builder"),
    path("glossary", views.static_page("glossary"), name="glossary"),
    path("methods", views.methods_page, name="methods"),
    path("for/<str:name>", views.audience_page, name="audience"),
    path("data", views.data_page, name="data"),
    path("data/dictionary", metadata_views.dictionary_page, name="dictionary"),
    *(path(f"docs/{name}", metadata_views.document(name), name=name) for name in DOCUMENTS),
    path("schemas/v1/<slug:plural>.json", metadata_views.schema_file, name="schema"),
    path("data.json", metadata_views.data_json, name="data_json"),
    path("sitemap.xml", metadata_views.sitemap_index, name="sitemap"),
    re_path(
        r"^sitemaps/(?P<name>[a-z]+)(?:-(?P<number>[1-9]\d{0,5}))?\.xml$",
        metadata_views.sitemap_file,
        name="sitemap_file",
    ),
    path("robots.txt", metadata_views.robots_txt, name="robots"),
    path(".well-known/security.txt", metadata_views.security_txt, name="security"),
    path(".well-known/register-head", metadata_views.signed_head, name="signed_head"),
    path(".well-known/register-head-keys", metadata_views.head_keys, name="head_keys"),
    path("verify", views.verify_page, name="verify"),
    path("privacy", views.static_page("privacy"), name="privacy"),
    path("accessibility", views.static_page("accessibility"), name="accessibility"),
    path("contact", views.contact_page, name="contact"),
    path("id/<str:key>", redirects.redirect_to_record, name="identifier"),
    re_path(rf"^(?P<key>{keys.LOOSE_PATTERN})$", redirects.redirect_short_key, name="short"),
    re_path(r"^(?P<path>.+)/$", redirects.redirect_without_slash, name="without_slash"),
]
