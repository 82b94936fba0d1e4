"""Each record in its open data form, and the text of it that is kept and joined to answers.

That text is made when the record changes. What depends on the day, and the address of the site, are
filled in when it is read.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.db.models import TextField
from django.db.models.expressions import RawSQL
from django.urls import reverse

from registry.clock import LONDON
from registry.log.canonical import published_time
from registry.models import Record
from registry.schema import kinds

_encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, default=str)
# What stands in the places to be filled: surrogates, which no published text can hold.
SITE, CHANGED_AT, STATE, ENDING = "\ud800", "\ud801", "\ud802", "\ud803"
MARKS = {"changed_at": CHANGED_AT, "reporting": STATE, "state": STATE, "ending": ENDING}
# How a text says them to `format` of PostgreSQL, and what that would take for a place. The two
# separators of lines would be JSON, but no script.
IN_TEXT = {
    "%": "%%",
    "\u2028": r"\u2028",
    "\u2029": r"\u2029",
    SITE: "%1$s",
    CHANGED_AT: "%2$s",
    f'"{STATE}"': "%3$s",
    f'"{ENDING}"': "%4$s",
}


def _code(values: str, days: str) -> str:
    """Return the SQL of a folded state of a day as JSON, as `Record.state_on`."""
    code = f"{values}[width_bucket(%s, {days}) + 1]"
    return f"""coalesce('"' || nullif({code}, '') || '"', 'null')"""


def _begun(days: str) -> str:
    """Return the SQL of the instant at which the state of a day began, NULL for the first."""
    return f"{days}[width_bucket(%s, {days})]::timestamp AT TIME ZONE '{LONDON.key}'"


# As `Record.last_change_on`, in the form of `published_time`.
LAST_CHANGE = f"""to_char(
    greatest(changed_at, {_begun("state_days")}, {_begun("ending_days")}) AT TIME ZONE 'UTC',
    'YYYY-MM-DD"T"HH24:MI:SS"Z"')"""
DOCUMENT = f"""format(document, %s, {LAST_CHANGE},
    {_code("states", "state_days")}, {_code("endings", "ending_days")})"""


def document_on(day: date) -> RawSQL:
    """Return an expression for the open data form of a record on a day, as JSON text.

    It stands in queries of records alone: a join would make its columns ambiguous.
    """
    days = [day] * DOCUMENT.count("width_bucket")
    return RawSQL(DOCUMENT, [settings.PUBLIC_URL, *days], output_field=TextField())  # noqa: S611


def make_document(record: Record) -> str:
    """Return the text to be kept for a record.

    It follows from the other columns alone, whether they were just folded or come from the
    database, which sorts the objects in them.
    """
    form = _form(record, SITE, MARKS)
    text = _encoder.encode({name: _sorted(value) for name, value in form.items()})
    for character, replacement in IN_TEXT.items():
        text = text.replace(character, replacement)
    return text


def represent_record(record: Record, day: date) -> dict[str, Any]:
    """Return a record in its open data form on a day, its states annotated or set.

    Missing values are null, the salt is left out.
    """
    changed_at = published_time(record.last_change_on(day))
    return _form(record, settings.PUBLIC_URL, {"changed_at": changed_at})


def _form(record: Record, site: str, of_the_day: Mapping[str, Any]) -> dict[str, Any]:
    item = record.item or record.structure or {}
    empty = dict.fromkeys(kinds.item_serializer(record.kind).fields)
    published = {name: value for name, value in item.items() if name in empty}
    if "evidence" in published:
        published["evidence"] = _with_file_addresses(record.key, published["evidence"], site)
    derived = {
        name: of_the_day[name] if name in of_the_day else getattr(record, name)
        for name in kinds.derived_fields(record.kind)
    }
    return {
        "key": record.key,
        "uri": f"{site}/id/{record.key}",
        "kind": record.kind,
        "version": record.version,
        "record_status": record.status,
        "published_at": published_time(record.published_at),
        "updated_at": published_time(record.updated_at),
        "entry": record.entry,
        "changed_at": of_the_day["changed_at"],
        "changed_entry": record.changed_entry,
        **empty,
        **published,
        # The database stores a missing code as an empty text.
        **{name: None if value == "" else value for name, value in derived.items()},
        "redactions": record.redactions,
    }


def _with_file_addresses(key: str, links: list[dict[str, Any]], site: str) -> list[dict[str, Any]]:
    return [
        link | {"file": link["file"] | {"url": f"{site}{_file_path(key, link['id'])}"}}
        if "file" in link
        else link
        for link in links
    ]


def _file_path(key: str, reference: str) -> str:
    """Return the public path of a file, which no item contains: a register may move."""
    return reverse("website:evidence", args=[key, reference])


def _sorted(value: Any) -> Any:
    """Return a value with the members of all objects as PostgreSQL sorts them in its columns."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: (len(name), name))
        return {name: _sorted(value[name]) for name in names}
    return [_sorted(member) for member in value] if isinstance(value, list) else value
