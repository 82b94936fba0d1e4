"""The second factor belongs to a session: it counts where it was shown, for 12 hours.

allauth records in each session how its user proved who they are, by the machine's clock.
"""

import time
from datetime import timedelta
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.authentication import (
    AUTHENTICATION_METHODS_SESSION_KEY,
    get_authentication_records,
)
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from allauth.mfa.utils import is_mfa_enabled
from django.contrib.auth.views import redirect_to_login
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from charter import sessions
from charter.mail.administrators import email_administrators
from charter.models import User

VALID_FOR = timedelta(hours=12)
# The session keeps the page that a person wanted while they set up their first factor.
WANTED_PAGE = "wanted_page"


def is_shown(request: HttpRequest) -> bool:
    """Return True if the session showed a factor that is still valid and still the account's."""
    since = time.time() - VALID_FOR.total_seconds()
    shown = [record["id"] for record in factor_records(request) if record["at"] > since]
    return Authenticator.objects.filter(user=request.user, pk__in=shown).exists()


def factor_records(request: HttpRequest) -> list[dict[str, Any]]:
    """Return allauth's records of the second factors that this session showed."""
    records = get_authentication_records(request, request.user)
    return [record for record in records if record["method"] == "mfa"]


def ask(request: HttpRequest) -> HttpResponse:
    """Redirect to the second factor, or to setting one up, and from there back to this page."""
    page = request.get_full_path()
    if is_mfa_enabled(request.user):
        method = get_adapter().get_reauthentication_methods(request.user)[0]
        return redirect_to_login(page, method["url"])
    request.session[WANTED_PAGE] = page
    return redirect("mfa_activate_totp")


@receiver([authenticator_added, authenticator_reset])
def count_as_shown(
    request: HttpRequest, user: User, authenticator: Authenticator, **_: Any
) -> None:
    """Count a new factor as shown in the session that set it up, and end all others."""
    record = {"method": "mfa", "at": time.time(), "id": authenticator.pk}
    records = get_authentication_records(request, user)
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [*records, record]
    end_other_sessions(request, user)


@receiver([authenticator_removed, authenticator_reset])
def email_other_administrators(user: User, **_: Any) -> None:
    """Tell the other administrators when a member of staff loses or replaces a second factor."""
    for member in user.staff_memberships.current():
        email_administrators(
            member.authority, sentence=f"{user} removed or replaced a second factor"
        )


@receiver(authenticator_removed)
def end_other_sessions(request: HttpRequest, user: User, **_: Any) -> None:
    """Sign a person out everywhere else once how they sign in has changed."""
    sessions.change_key(request)
    sessions.end_sessions(user, except_key=request.session.session_key)


@receiver(authenticator_used)
def change_key(request: HttpRequest, reauthenticated: bool, **_: Any) -> None:
    """Change the cookie of a session that showed its factor again, as signing in does."""
    if reauthenticated:
        sessions.change_key(request)
