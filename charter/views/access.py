"""Guards of private pages. Private pages are never cached."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache

from charter import permissions, second_factor
from charter.errors import NotAllowedError
from charter.models import Charter, User
from charter.roles import PERMISSIONS
from registry.local import accounts

LOOPBACK_HOSTS = {"localhost", "127.0.0.1", "[::1]"}
LOOPBACK_ADDRESSES = {"127.0.0.1", "::1"}
FORWARDING_HEADERS = {"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip"}

# A form sent after its session expired is kept in a new session while its author signs in. Anyone
# can make us store one, so its size is limited. The name is also that of a rate limit in settings.
UNSENT_FORM, UNSENT_FORM_MAX_BYTES, UNSENT_FORM_SECONDS = "typed", 60_000, 60 * 60

View = Callable[..., HttpResponse]
SET_UP = "charter.edit"  # its page also sets an authority up


class SignedInRequest(HttpRequest):
    """The type of a request from a signed-in user. For annotations only, never instantiated."""

    user: User


def sign_in_required(view: View) -> View:
    """Redirect visitors to sign-in and back, and keep a form that they sent meanwhile."""

    @wraps(view)
    def guarded_view(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        path = request.get_full_path()
        if not request.user.is_authenticated:
            if is_keepable_form(request):
                if not ratelimit.consume(request, action=UNSENT_FORM):
                    return render(request, "charter/too_often.html", status=429)
                keep_form(request)
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


def is_keepable_form(request: HttpRequest) -> bool:
    """Return True if a form was sent that is no larger than our longest one allows."""
    size = sum(len("".join(texts).encode()) for _, texts in request.POST.lists())
    return request.method == "POST" and size <= UNSENT_FORM_MAX_BYTES


def keep_form(request: HttpRequest) -> None:
    """Keep a form in the session until its author has proved who they are."""
    fields = dict(request.POST.lists())
    request.session[UNSENT_FORM] = {"path": request.get_full_path(), "fields": fields}


def member_required(name: str) -> Callable[[View], View]:
    """Allow people of organisations; redirect staff to their own pages.

    `name` is the permission that the view, or the action it calls, checks for the organisation.
    """

    def guard(view: View) -> View:
        @never_cache
        @sign_in_required
        @wraps(view)
        def guarded_view(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if request.user.is_member:
                return view(request, *args, **kwargs)
            if request.user.is_staff:
                return redirect("council:queue")
            raise NotAllowedError("You cannot act for any organisation at present.")

        return _named(guarded_view, name)

    return guard


def staff_required(name: str) -> Callable[[View], View]:
    """Allow staff who have a permission at an authority, once it has been set up."""

    def guard(view: View) -> View:
        @second_factor_required
        @wraps(view)
        def guarded_view(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            permissions.check_is_staff_with(request.user, name)
            if name != SET_UP and not Charter.objects.for_staff(request.user).exists():
                return redirect("council:set_up")
            return view(request, *args, **kwargs)

        return _named(guarded_view, name)

    return guard


def _named(view: View, name: str) -> View:
    """Keep the name of a view's permission where the tests of all addresses find it."""
    PERMISSIONS[name]  # an unknown name stops the start
    view.permission = name  # type: ignore[attr-defined]
    return view


def second_factor_required(view: View) -> View:
    """Ask staff for their second factor, unless this session has shown it, and keep their form."""

    @never_cache
    @sign_in_required
    @wraps(view)
    def guarded_view(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_staff and not (
            second_factor.is_shown(request) or is_second_factor_waived(request)
        ):
            if is_keepable_form(request):
                keep_form(request)
            return second_factor.ask(request)
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
