"""Serve feeds, files, badges, and blocks for other sites."""

from csp.constants import UNSAFE_INLINE
from csp.decorators import csp_replace
from django.http import Http404, HttpResponse
from django.views.decorators.clickjacking import xframe_options_exempt

from registry.log import keys
from registry.reference_data import places
from registry.schema import kinds
from registry.website import (
    badges,
    compare,
    feeds,
    follow_subjects,
    sharing_cards,
    statistics_files,
)
from registry.website.badge_drawing import draw_badge
from registry.website.card_drawing import card_png
from registry.website.pages import Visit, public_page
from registry.website.parameters import chosen_option


@public_page()
def statistics_file(visit: Visit, name: str = "") -> HttpResponse:
    text = statistics_files.as_csv(visit.today, name)
    if text is None:
        raise Http404
    return _csv_response(text)


@public_page(*compare.PARAMETERS)
def compare_file(visit: Visit) -> HttpResponse:
    return _csv_response(compare.as_csv(visit.query, visit.today))


@public_page("before")
def changes_feed(visit: Visit) -> HttpResponse:
    return _feed_response(visit, follow_subjects.REGISTER)


@public_page("before")
def record_feed(visit: Visit, plural: str, key: str) -> HttpResponse:
    """Answer the feed of a record; kinds that nobody can follow have none."""
    if not keys.is_key(key) or kinds.KINDS[keys.kind_of(key)].plural != plural:
        raise Http404
    return _feed_response(visit, key)


@public_page("before")
def place_feed(visit: Visit, code: str) -> HttpResponse:
    if places.get_place(code) is None:
        raise Http404
    return _feed_response(visit, code)


# A drawing has its colours within it, light and dark: no text of anyone else is among them.
@csp_replace({"style-src": [UNSAFE_INLINE]})
@public_page()
def badge_image(visit: Visit, key: str) -> HttpResponse:
    badge = badges.find_badge(key, visit.today)
    if badge is None:
        raise Http404
    drawing = draw_badge(badge, visit.today)
    page = visit.render("website/badge.svg", {"badge": badge, "drawing": drawing})
    return HttpResponse(page.content, content_type="image/svg+xml")


@public_page()
def sharing_picture(visit: Visit, about: str) -> HttpResponse:
    card = sharing_cards.find_card(about, visit.today)
    if card is None:
        raise Http404
    return HttpResponse(card_png(card), content_type="image/png")


@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})
@public_page()
def embedded_block(visit: Visit, key: str) -> HttpResponse:
    """Show a record in a frame on another site.

    Safe to frame: the block has no controls, so nobody can be tricked into a harmful click.
    """
    badge = badges.find_badge(key, visit.today)
    if badge is None:
        raise Http404
    return visit.render("website/block.html", {"badge": badge})


@public_page("key", "what")
def builder_page(visit: Visit) -> HttpResponse:
    about = visit.query.get("key", "").strip().upper()[:12]
    # Only keys have a hyphen; the code of a place must stay as it is.
    about = keys.normalise_key(about) if "-" in about else about
    form = chosen_option(visit.query, "what", ("badge", "block")) or "badge"
    badge = badges.find_badge(about, visit.today)
    return visit.render("website/builder.html", {"asked": about, "what": form, "badge": badge})


def _csv_response(text: str) -> HttpResponse:
    return HttpResponse(text, content_type="text/csv; charset=utf-8")


def _feed_response(visit: Visit, about: str) -> HttpResponse:
    subject = follow_subjects.find_subject(about)
    if subject is None:
        raise Http404
    feed = feeds.build_feed(subject, visit)
    return HttpResponse(feed, content_type="application/atom+xml; charset=utf-8")
