"""How long staff stay signed in, and what ends a person's sessions.

Django stores with each session when it ends, by the machine's clock.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.models import Session
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from charter.models import User

STAFF_IDLE = timedelta(minutes=30)
RENEWED_EVERY = timedelta(minutes=1)  # at most, since each time costs a query
# Marks the sessions of staff. Nobody becomes staff within a session: a new role ends all of them.
ENDS_WHEN_IDLE = "ends_when_idle"


@receiver(user_logged_in)
def mark_session_of_staff(request: HttpRequest, user: User, **_: Any) -> None:
    if user.is_staff:
        request.session[ENDS_WHEN_IDLE] = True
        request.session.set_expiry(STAFF_IDLE)


@receiver(post_delete, sender=Session)
def forget_device(instance: Session, **_: Any) -> None:
    """Delete what was recorded of the device of a session that ended."""
    UserSession.objects.filter(session_key=instance.session_key).delete()


def limit_idle_time(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Make middleware that ends a session of staff 30 minutes after the last page they opened."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        # Reading the session of a public page would make the page depend on who reads it.
        if request.session.accessed and ENDS_WHEN_IDLE in request.session:
            remaining = timedelta(seconds=request.session.get_expiry_age())
            if not STAFF_IDLE - RENEWED_EVERY < remaining <= STAFF_IDLE:
                request.session.set_expiry(STAFF_IDLE)
        return response

    return middleware


def change_key(request: HttpRequest) -> None:
    """Give the session a new cookie, so that a copy of the old one is worth nothing."""
    request.session.cycle_key()
    UserSession.objects.create_from_request(request)


def end_sessions(user: User, *, except_key: str | None = None) -> None:
    """Sign a person out everywhere, except in the session with this key."""
    for session in UserSession.objects.filter(user=user).exclude(session_key=except_key):
        session.end()
