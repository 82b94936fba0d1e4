"""Template filters about what a person may do: {% if user|may:"staff.invite" %}."""

from django import template
from django.contrib.auth.models import AnonymousUser

from charter import permissions
from charter.mail import sending_places, sending_stops
from charter.models import User

register = template.Library()

BUSINESS_SECTIONS = {"business", "people", "reminders"}


@register.simple_tag
def email_holds() -> list[str]:
    """Return why email waits: the register has moved, or sending has stopped."""
    return sending_places.find_problems() + sending_stops.find_problems()


@register.filter
def may(user: User, name: str) -> bool:
    """Return True if a member of staff has a permission at any authority."""
    return permissions.is_staff_with(user, name)


@register.filter
def side_of(user: User | AnonymousUser, section: str) -> str:
    """Return whose pages the navigation leads to: council, business, or "" for visitors.

    A person who is on both sides stays on the one that they are reading.
    """
    if not isinstance(user, User):
        return ""
    if user.is_staff and not (section in BUSINESS_SECTIONS and user.is_member):
        return "council"
    return "business"
