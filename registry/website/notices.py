"""The council's own word, where it is read: letters beside the promises that they are about."""

from collections.abc import Iterable
from typing import Any

from django.db.models.fields.json import KT

from registry import kinds
from registry.models import Record


def letters(about: Iterable[str]) -> list[dict[str, Any]]:
    """Return the letters about some promises, newest first. One query."""
    notices = (
        Record.objects.of_kind("notice")
        .live()
        .annotate(about=KT("item__about"))
        .filter(item__type="letter", about__in=list(about))
        .order_by("-first_entry")
    )
    return [
        kinds.typed("notice", notice.item) | {"key": notice.key}
        for notice in notices
        if notice.item
    ]
