"""Who may open which private page. None of them is ever kept in a cache."""

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

DEMONSTRATION_ACCOUNTS = {
    "business@example.org",
    "sponsor@example.org",
    "officer@example.org",
    "admin@example.org",
}
LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "[::1]"}
LOOPBACK_ADDRESSES = {"127.0.0.1", "::1"}
FORWARDING_HEADERS = {"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip"}

# What somebody sent whose session had run out waits in a new one, for as long as signing in takes.
# Anybody can make us keep it, so it is bounded; its name is also that of a limit in the settings.
TYPED, TYPED_BYTES, TYPED_SECONDS = "typed", 60_000, 60 * 60

View = Callable[..., HttpResponse]


class SignedInRequest(HttpRequest):
    """What a guarded view gets: a request of a person we know. Names a type, is never made."""

    user: User


def signed_in(view: View) -> View:
    """Lead visitors to the sign-in and back; what they typed in a form waits for them."""

    @wraps(view)
    def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        here = request.get_full_path()
        if not request.user.is_authenticated:
            if request.method == "POST" and is_small(request.POST):
                if not ratelimit.consume(request, action=TYPED):
                    return render(request, "charter/too_often.html", status=429)
                request.session[TYPED] = {"path": here, "fields": dict(request.POST.lists())}
                request.session.set_expiry(TYPED_SECONDS)
            return redirect_to_login(here)
        typed = request.session.get(TYPED)
        if request.method == "GET" and typed and typed["path"] == here:
            del request.session[TYPED]
            request.session.set_expiry(None)  # from now on as long as any other
            fields = {n: v for n, v in typed["fields"].items() if n != "csrfmiddlewaretoken"}
            return render(request, "charter/typed.html", {"here": here, "fields": fields})
        return view(request, *args, **kwargs)

    return guarded


def is_small(fields: QueryDict) -> bool:
    """Say whether what was typed is no more than our longest form takes."""
    return sum(len("".join(texts).encode()) for _, texts in fields.lists()) <= TYPED_BYTES


def signatory_required(view: View) -> View:
    """Let in people who may act for an organisation; lead the council to its own pages."""

    @never_cache
    @signed_in
    @wraps(view)
    def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_council:
            return redirect("council:queue")
        if not request.user.memberships.current().exists():
            raise NotAllowedError("You cannot act for any organisation at present.")
        return view(request, *args, **kwargs)

    return guarded


def council_required(view: View) -> View:
    """Let in people of the council with their second factor, once the register is set up."""

    @with_second_factor
    @wraps(view)
    def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        permissions.check_is_council(request.user)
        if not Charter.objects.exists():
            return redirect("council:set_up")
        return view(request, *args, **kwargs)

    return guarded


def administrator_required(view: View) -> View:
    """Let in administrators of the council with their second factor."""

    @with_second_factor
    @wraps(view)
    def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        permissions.check_may_administer(request.user)
        return view(request, *args, **kwargs)

    return guarded


def with_second_factor(view: View) -> View:
    """Lead people of the council who have no second factor yet to the page that makes one."""

    @never_cache
    @signed_in
    @wraps(view)
    def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_council and not (is_mfa_enabled(request.user) or is_waived(request)):
            return redirect("mfa_activate_totp")
        return view(request, *args, **kwargs)

    return guarded


def is_waived(request: SignedInRequest) -> bool:
    """Say whether this is a demonstration account on the machine that runs the register."""
    host, _ = split_domain_port(request.get_host())
    return (
        settings.DEMO
        and request.user.email in DEMONSTRATION_ACCOUNTS
        and host in LOOPBACK_HOSTS
        and request.META["REMOTE_ADDR"] in LOOPBACK_ADDRESSES
        and not FORWARDING_HEADERS & set(request.headers)
    )
