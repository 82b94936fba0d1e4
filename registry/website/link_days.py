"""The days on which linked evidence last worked: from the weekly check, not from the log.

Only the page of today shows them: what is cited for an earlier day stays as it was. Within a day a
cached page may show the week before.
"""

from collections.abc import Collection
from typing import Any

from registry.models import LinkDay


def add_link_days(evidence: Collection[dict[str, Any]]) -> None:
    """Add `last_worked_on` to evidence whose link works. One query, or none without links."""
    working = [piece for piece in evidence if piece.get("url") and not piece.get("failing_since")]
    days = LinkDay.objects.in_bulk([piece["id"] for piece in working]) if working else {}
    by_reference = {str(reference): row.last_worked_on for reference, row in days.items()}
    for piece in working:
        piece["last_worked_on"] = by_reference.get(str(piece["id"]))
