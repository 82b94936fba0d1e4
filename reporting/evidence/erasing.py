"""Erasing evidence files by intent: what must go is on record until it is gone."""

import logging
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction

from registry import clock, evidence
from registry.log import freezing
from registry.photograph_sizes import size_names
from reporting.models import Evidence, FileToErase

log = logging.getLogger(__name__)

# A file is stored before its evidence is committed.
SWEEP_AFTER = timedelta(days=1)
OVERDUE_AFTER = timedelta(hours=2)
# Names as `evidence.stored_name` gives them. Other files in the store are not ours.
FOLDERS = 256
OUR_NAME = re.compile(
    r"(?P<name>(?P<folder>[0-9a-f]{2})/(?P=folder)[0-9a-f-]{34}\.\w+)(\.\w+\.\w+)?"
)


def erase_file(name: str) -> None:
    """Erase a file after the commit of the transaction that removes its evidence.

    The row of the intent stays until that succeeds.
    """
    FileToErase.objects.get_or_create(name=name)
    transaction.on_commit(partial(_try_to_erase, name), robust=True)


def erase_waiting() -> None:
    """Erase the files that are still there. One that fails does not keep the others."""
    for name in FileToErase.objects.order_by("pk").values_list("name", flat=True):
        _try_to_erase(name)


def sweep_next_folder(now: datetime) -> None:
    """Sweep one folder of the store: each has its hour, so all are swept in eleven days."""
    sweep_folder(f"{int(now.timestamp() // 3600) % FOLDERS:02x}")


def sweep_folder(folder: str) -> None:
    """Erase files that belong to no evidence, such as those of an upload that was cut off.

    Not while the register and its ledger do not fit: evidence that it lacks may come back.
    """
    if freezing.find_obstacle():
        return
    stored = Evidence.objects.exclude(file="").filter(file__startswith=f"{folder}/")
    named = set(stored.values_list("file", flat=True))
    for name_in_store, name in _stored_names(folder):
        age = clock.now() - evidence.file_storage().get_modified_time(name_in_store)
        if name not in named and age > SWEEP_AFTER:
            erase_file(name)


def delete_stored(name: str) -> None:
    """Delete a stored file, and what a photograph has beside it."""
    for stored in (name, *size_names(name).values()):
        evidence.file_storage().delete(stored)


def find_problems() -> list[str]:
    """Return a sentence if removed files could not be erased in time, for /health."""
    overdue = FileToErase.objects.filter(asked_at__lt=clock.now() - OVERDUE_AFTER)
    count = overdue.count()
    return [f"{count} removed evidence files cannot be erased. The log says why."] if count else []


def _try_to_erase(name: str) -> None:
    try:
        if not Evidence.objects.filter(file=name).exists():  # It may have been added again.
            delete_stored(name)
    except Exception as error:
        log.exception("The file %s cannot be erased", name)
        FileToErase.objects.filter(name=name).update(problem=str(error)[:200])
    else:
        FileToErase.objects.filter(name=name).delete()


def _stored_names(folder: str) -> Iterator[tuple[str, str]]:
    """Yield the name of each stored file, and of the file that it belongs to: often itself."""
    try:
        _, files = evidence.file_storage().listdir(folder)
    except FileNotFoundError:
        return  # Nothing has been stored there yet.
    for file in files:
        if found := OUR_NAME.fullmatch(f"{folder}/{file}"):
            yield found[0], found["name"]
