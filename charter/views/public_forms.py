"""Forms for visitors, without cookie or session.

Headers prove that our own page sent them, or the secret address of a link in one of our emails.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from charter.errors import ClosedLinkError
from charter.questions import UnansweredError
from charter.views.questions import question_page
from registry import clock
from registry.log import publishing

# The name of a limit in allauth's settings: how often one address may send any public form.
RATE_LIMIT = "public_form"


def public_form(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Allow anyone to send this form from our own pages, within a rate limit."""

    @csrf_exempt  # nobody is signed in here; the Origin shows that the form is ours
    @never_cache
    @require_http_methods(["GET", "POST"])
    @wraps(view)
    def public_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST":
            if not comes_from_our_pages(request):
                raise PermissionDenied("This form was sent from somewhere else. Open it here.")
            if not ratelimit.consume(request, action=RATE_LIMIT):
                return render_public_page("charter/too_often.html", {}, status=429)
        return view(request, *args, **kwargs)

    return public_view


def by_link(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Show a page to anyone who has its address, without leaking it to other sites.

    Under `no-referrer` browsers send no true Origin, so Django's CSRF check would reject the form.
    The unguessable address shows that the form is ours, and submitting it signs nobody in.
    """

    @csrf_exempt
    @never_cache
    @require_http_methods(["GET", "HEAD", "POST"])
    @wraps(view)
    def guarded_view(request: HttpRequest, token: str) -> HttpResponse:
        try:
            response = view(request, token)
        except ClosedLinkError as error:
            response = render(request, "links/closed.html", {"error": error}, status=410)
        except UnansweredError as error:
            response = question_page(request, error)
        response["Referrer-Policy"] = "no-referrer"
        return response

    return guarded_view


def comes_from_our_pages(request: HttpRequest) -> bool:
    """Return True if the browser's headers show that one of our own pages sent the form."""
    fetch_site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    our_origins = {settings.PUBLIC_URL, f"{request.scheme}://{request.get_host()}"}
    if fetch_site is not None and fetch_site != "same-origin":
        return False
    return origin in our_origins or origin is None and fetch_site == "same-origin"


def render_public_page(template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Render a page that does not depend on the visitor."""
    frame = {"head": publishing.head(), "today": clock.today(), "section": "", "refused": ()}
    return HttpResponse(render_to_string(template, context | frame), status=status)
