"""Guards of private pages. Private pages are never cached."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core import ratelimit
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.request import split_domain_port
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from charter import permissions
from charter.errors import NotAllowedError
from charter.models import Charter, User
from registry.local import accounts

LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "[::1]"}
LOOPBACK_ADDRESSES = {"127.0.0.1", "::1"}
FORWARDING_HEADERS = {"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip"}

# A form sent after its session expired is kept in a new session while its author signs in. Anyone
# can make us store one, so its size is limited. The name is also that of a rate limit in settings.
UNSENT_FORM, UNSENT_FORM_MAX_BYTES, UNSENT_FORM_SECONDS = "typed", 60_000, 60 * 60

View = Callable[..., HttpResponse]


class SignedInRequest(HttpRequest):
    """The type of a request from a signed-in user. For annotations only, never instantiated."""

    user: User


def sign_in_required(view: View) -> View:
    """Redirect visitors to sign-in and back, and keep a form that they sent meanwhile."""

    @wraps(view)
    def guarded_view(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        path = request.get_full_path()
        if not request.user.is_authenticated:
            if request.method == "POST" and is_within_size_limit(request.POST):
                if not ratelimit.consume(request, action=UNSENT_FORM):
                    return render(request, "charter/too_often.html", status=429)
                request.session[UNSENT_FORM] = {"path": path, "fields": dict(request.POST.lists())}
                request.session.set_expiry(UNSENT_FORM_SECONDS)
            return redirect_to_login(path)
        unsent_form = request.session.get(UNSENT_FORM)
        if request.method == "GET" and unsent_form and unsent_form["path"] == path:
            del request.session[UNSENT_FORM]
            request.session.set_expiry(None)  # back to the normal lifetime of a session
            fields = {n: v for n, v in unsent_form["fields"].items() if n != "csrfmiddlewaretoken"}
            context = {"here": path, "fields": fields, "section": ""}
            return render(request, "charter/unsent_form.html", context)
        return view(request, *args, **kwargs)

    return guarded_view


def is_within_size_limit(fields: QueryDict) -> bool:
    """Return True if form data is no larger than our longest form allows."""
    return sum(len("".join(texts).encode()) for _, texts in fields.lists()) <= UNSENT_FORM_MAX_BYTES


def signatory_required(view: View) -> View:
    """Allow people who may act for an organisation; redirect staff to their own pages."""

    @never_cache
    @sign_in_required
    @wraps(view)
    def guarded_view(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_council:
            return redirect("council:queue")
        if not request.user.memberships.current().exists():
            raise NotAllowedError("You cannot act for any organisation at present.")
        return view(request, *args, **kwargs)

    return guarded_view


def council_required(view: View) -> View:
    """Allow staff with a second factor, once the register has been set up."""

    @second_factor_required
    @wraps(view)
    def guarded_view(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        permissions.check_is_council(request.user)
        if not Charter.objects.exists():
            return redirect("council:set_up")
        return view(request, *args, **kwargs)

    return guarded_view


def administrator_required(view: View) -> View:
    """Allow administrators with a second factor."""

    @second_factor_required
    @wraps(view)
    def guarded_view(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        permissions.check_may_administer(request.user)
        return view(request, *args, **kwargs)

    return guarded_view


def second_factor_required(view: View) -> View:
    """Redirect staff without a second factor to the page where they set one up."""

    @never_cache
    @sign_in_required
    @wraps(view)
    def guarded_view(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_council and not (
            is_mfa_enabled(request.user) or is_second_factor_waived(request)
        ):
            return redirect("mfa_activate_totp")
        return view(request, *args, **kwargs)

    return guarded_view


def is_second_factor_waived(request: SignedInRequest) -> bool:
    """Return True for a demonstration account used on the machine that runs the register."""
    host, _ = split_domain_port(request.get_host())
    return (
        settings.DEMO
        and request.user.email in accounts.ACCOUNTS
        and host in LOOPBACK_HOSTS
        and request.META["REMOTE_ADDR"] in LOOPBACK_ADDRESSES
        and not FORWARDING_HEADERS & set(request.headers)
    )
