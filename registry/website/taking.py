"""What readers take along: feeds, files, badges, and blocks for other sites."""

from csp.decorators import csp_replace
from django.http import Http404, HttpResponse
from django.views.decorators.clickjacking import xframe_options_exempt

from registry import keys, places
from registry.website import badges, compare, feeds, overview, subjects
from registry.website.pages import Visit, public

FEEDS = {"signatories": "signatory", "commitments": "commitment", "themes": "theme"}


@public
def statistics_file(visit: Visit, name: str = "") -> HttpResponse:
    text = overview.as_csv(visit.today, name)
    if text is None:
        raise Http404
    return _csv(text)


@public
def compare_file(visit: Visit) -> HttpResponse:
    return _csv(compare.as_csv(visit.query, visit.today))


@public
def changes_feed(visit: Visit) -> HttpResponse:
    return _feed(visit, subjects.REGISTER)


@public
def record_feed(visit: Visit, plural: str, key: str) -> HttpResponse:
    if not keys.is_key(key) or keys.kind_of(key) != FEEDS[plural]:
        raise Http404
    return _feed(visit, key)


@public
def place_feed(visit: Visit, code: str) -> HttpResponse:
    if places.get(code) is None:
        raise Http404
    return _feed(visit, code)


@public
def badge(visit: Visit, key: str) -> HttpResponse:
    shown = badges.shown(key, visit.today)
    if shown is None:
        raise Http404
    page = visit.render("website/badge.svg", {"badge": shown})
    return HttpResponse(page.content, content_type="image/svg+xml")


@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})
@public
def embedded(visit: Visit, key: str) -> HttpResponse:
    """Show a record as a block in a frame of another site: nothing in it can be clicked unseen."""
    shown = badges.shown(key, visit.today)
    if shown is None:
        raise Http404
    return visit.render("website/block.html", {"badge": shown})


@public
def builder_page(visit: Visit) -> HttpResponse:
    asked = visit.query.get("key", "").strip().upper()[:12]
    asked = keys.written_form(asked) if "-" in asked else asked
    what = "block" if visit.query.get("what") == "block" else "badge"
    shown = badges.shown(asked, visit.today)
    return visit.render("website/builder.html", {"asked": asked, "what": what, "badge": shown})


def _csv(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/csv; charset=utf-8")


def _feed(visit: Visit, about: str) -> HttpResponse:
    subject = subjects.find(about)
    if subject is None:
        raise Http404
    feed = feeds.of(subject, visit.path, visit.query.get("before", ""), visit.head)
    return HttpResponse(feed, content_type="application/atom+xml; charset=utf-8")
