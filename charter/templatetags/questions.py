"""Template filter for forms that show questions: {{ personal_data|digests }}."""

from collections.abc import Iterable

from django import template

from charter.questions import Question, digests_of

register = template.Library()


@register.filter
def digests(questions: Iterable[Question]) -> str:
    """Return what the form sends to say that its person has seen these questions."""
    return digests_of(questions)
