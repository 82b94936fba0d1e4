"""The charters that are in force, one for each council that shares the register."""

from datetime import date

from registry.models import Record


def current_charters(today: date) -> list[Record]:
    """Return the newest edition of each charter in force, by title. One query."""
    editions: dict[tuple[str, str], Record] = {}
    for charter in Record.objects.of_kind("charter").live().order_by("first_entry"):
        item = charter.item or {}
        if item and item.get("valid_to", today.isoformat()) >= today.isoformat():
            editions[item["owner"]["name"], item["title"]] = charter
    return sorted(editions.values(), key=lambda charter: (charter.name or "", charter.key))
