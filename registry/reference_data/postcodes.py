"""The wards of postcodes, from a file loaded by the council."""

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.db import transaction

from registry.models import Postcode
from registry.reference_data import places

PATTERN = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}")
POSTCODE_COLUMNS = ("pcds", "pcd", "pcd2", "postcode")
# The ONS directory includes the year of its wards in the column's name, such as wd25cd.
WARD_COLUMN = re.compile(r"wd\d\dcd|osward|ward|ward_code")
ENDED_COLUMN = "doterm"
BATCH = 5_000


class FileError(ValueError):
    """The file has no wards of postcodes."""


def normalise_postcode(text: str) -> str:
    """Return a postcode in its stored form, "B11BB", or "" for other text."""
    compact = re.sub(r"\s", "", text).upper()
    return compact if PATTERN.fullmatch(compact) else ""


def format_postcode(postcode: str) -> str:
    """Return a stored postcode in its usual form: "B1 1BB"."""
    return f"{postcode[:-3]} {postcode[-3:]}"


def ward_of(postcode: str) -> places.Place | None:
    """Return the ward of a stored postcode, or None if the file lacks it. One query."""
    row = Postcode.objects.filter(pk=postcode).first()
    return places.get_place(row.ward) if row else None


def are_loaded() -> bool:
    return Postcode.objects.exists()


@transaction.atomic
def load_file(path: Path) -> int:
    """Replace all postcodes with those in a file; return their number. Idempotent.

    Terminated postcodes and unknown wards are left out. Raise FileError for a file without wards;
    then the existing postcodes stay.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        wards = dict(_read_wards(csv.DictReader(file)))
    if not wards:
        raise FileError("The file holds no postcode of a ward that this register lists")
    Postcode.objects.all().delete()
    rows = [Postcode(postcode=postcode, ward=ward) for postcode, ward in wards.items()]
    Postcode.objects.bulk_create(rows, batch_size=BATCH)
    return len(wards)


def _read_wards(rows: "csv.DictReader[str]") -> Iterator[tuple[str, str]]:
    """Yield current postcodes with their wards."""
    names = {name.strip().casefold(): name for name in rows.fieldnames or []}
    postcode_column = _find_column(names, POSTCODE_COLUMNS)
    ward_column = _find_column(names, filter(WARD_COLUMN.fullmatch, names))
    for row in rows:
        postcode, ward = (
            normalise_postcode(row[postcode_column] or ""),
            (row[ward_column] or "").strip(),
        )
        ended_on = row.get(names.get(ENDED_COLUMN, ""), "")
        if postcode and places.get_place(ward) and not ended_on:
            yield postcode, ward


def _find_column(names: dict[str, str], candidates: Iterable[str]) -> str:
    column = next((names[name] for name in candidates if name in names), None)
    if column is None:
        raise FileError(
            "The file needs a column with postcodes (pcds) and one with ward codes (such as wd25cd)"
        )
    return column
