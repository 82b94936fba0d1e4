"""The ward of a postcode, where the council has loaded a file that tells."""

import csv
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from django.db import transaction

from registry.models import Postcode
from registry.reference_data import places

PATTERN = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9][A-Z]{2}")
POSTCODE_COLUMNS = ("pcds", "pcd", "pcd2", "postcode")
# The directory of ONS names its column by the year of its wards, such as wd25cd.
WARD_COLUMN = re.compile(r"wd\d\dcd|osward|ward|ward_code")
ENDED_COLUMN = "doterm"
BATCH = 5_000


class FileError(ValueError):
    """The file does not tell the wards of postcodes."""


def normalise_postcode(text: str) -> str:
    """Return a postcode as we keep it, "B11BB"; "" for text that is none."""
    compact = re.sub(r"\s", "", text).upper()
    return compact if PATTERN.fullmatch(compact) else ""


def format_postcode(postcode: str) -> str:
    """Return a postcode as people write it: "B1 1BB"."""
    return f"{postcode[:-3]} {postcode[-3:]}"


def ward_of(postcode: str) -> places.Place | None:
    """Return the ward of a postcode; None for one that the file does not have. One query."""
    row = Postcode.objects.filter(pk=postcode).first()
    return places.get_place(row.ward) if row else None


def are_loaded() -> bool:
    return Postcode.objects.exists()


@transaction.atomic
def load_file(path: Path) -> int:
    """Take the postcodes of a file in the place of those before; return how many there are.

    Postcodes that have ended, and wards that we do not list, are left out. Raise FileError for a
    file that tells nothing of them: then what was loaded before stays.
    """
    with path.open(newline="", encoding="utf-8-sig") as file:
        found = dict(_read_wards(csv.DictReader(file)))
    if not found:
        raise FileError("The file holds no postcode of a ward that this register lists")
    Postcode.objects.all().delete()
    rows = [Postcode(postcode=postcode, ward=ward) for postcode, ward in found.items()]
    Postcode.objects.bulk_create(rows, batch_size=BATCH)
    return len(found)


def _read_wards(rows: "csv.DictReader[str]") -> Iterator[tuple[str, str]]:
    """Yield postcodes in use with their wards."""
    names = {name.strip().casefold(): name for name in rows.fieldnames or []}
    postcode_column = _find_column(names, POSTCODE_COLUMNS)
    ward_column = _find_column(names, filter(WARD_COLUMN.fullmatch, names))
    for row in rows:
        postcode, ward = (
            normalise_postcode(row[postcode_column] or ""),
            (row[ward_column] or "").strip(),
        )
        ended = row.get(names.get(ENDED_COLUMN, ""), "")
        if postcode and places.get_place(ward) and not ended:
            yield postcode, ward


def _find_column(names: dict[str, str], wanted: Iterable[str]) -> str:
    found = next((names[name] for name in wanted if name in names), None)
    if found is None:
        raise FileError(
            "The file needs a column with postcodes (pcds) and one with ward codes (such as wd25cd)"
        )
    return found
