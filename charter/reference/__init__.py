"""Data shipped with the register: a charter, its measures, and press reports of 2014."""

import csv
import json
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings

HERE = Path(__file__).parent
LIBRARY_SINCE = date(2013, 4, 15)  # measures and themes are as old as the charter


def authority() -> dict[str, Any]:
    """Return the council, with this register's contact details from the settings."""
    return _load_birmingham()["authority"] | {
        "contact_email": settings.REPLY_ADDRESS,
        "telephone": settings.TELEPHONE,
        "postal_address": settings.POSTAL_ADDRESS,
        "sender_address": settings.SENDER_ADDRESS,
        "reply_address": settings.REPLY_ADDRESS,
    }


def charter() -> dict[str, Any]:
    values = _load_birmingham()["charter"]
    return values | {"valid_from": date.fromisoformat(values["valid_from"])}


def themes() -> list[dict[str, Any]]:
    return [
        theme | {"position": position, "valid_from": LIBRARY_SINCE}
        for position, theme in enumerate(_load_birmingham()["themes"], start=1)
    ]


def measures() -> list[dict[str, Any]]:
    """Return the measures as fields of the model; `theme` is the theme's code."""
    return [
        {
            "theme": row["theme"],
            "code": row["code"],
            "title": row["title"],
            "definition": row["guidance"],
            "not_counted": row["not_counted"],
            "nature": row["nature"],
            "unit": row["unit_type"],
            "unit_label": row["unit_label"],
            "usual_evidence": row["usual_evidence"],
            "evidence_strength": row["evidence_strength"],
            "counts": row["counts"],
            "counts_reason": row["counts_reason"],
            "may_be_negative": row["may_be_negative"] == "yes",
            "direction": row["direction"],
            "valid_from": LIBRARY_SINCE,
        }
        for row in _read_rows("measures.csv")
    ]


def press_of_2014() -> list[dict[str, str]]:
    return _read_rows("press_2014.csv")


def _load_birmingham() -> dict[str, Any]:
    return json.loads((HERE / "birmingham.json").read_text(encoding="utf-8"))


def _read_rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
