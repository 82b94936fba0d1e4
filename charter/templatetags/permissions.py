"""A template filter that asks for a permission: {% if user|may:"staff.invite" %}."""

from django import template

from charter import permissions
from charter.models import User

register = template.Library()


@register.filter
def may(user: User, name: str) -> bool:
    """Return True if a member of staff has a permission at any authority."""
    return permissions.is_staff_with(user, name)
