"""A register of thousands of commitments, each with a life of its own, made in seconds.

The life of one signatory is published and copied in SQL: entries and records, with other keys.
"""

from collections.abc import Iterator
from dataclasses import replace

from django.db.models import DateTimeField, Field, JSONField, PositiveBigIntegerField

from registry import clock
from registry.log.entry_lists import replace_listed_entries
from registry.log.history import add_day_counts, count_steps
from registry.log.kind_counts import add_counts, count_all_entries, count_records
from registry.log.listed_successes import replace_successes
from registry.log.listing import replace_listed
from registry.log.publishing import NewEntry
from registry.log.searched_records import replace_searched
from registry.models import CommitmentHistory, DayCount, Entry, KindCount, Record, WideChange
from tests.databases import superuser
from tests.registry import items
from tests.registry.public_pages import day, publish
from tests.rows_read import analyse_tables

TODAY = "2026-08-03"
COPIED_ROWS = {
    Entry: "number >= %(first)s",
    Record: "first_entry >= %(first)s",
    WideChange: "entry >= %(first)s",
    CommitmentHistory: "true",
}
COMMITMENTS = 3  # of each signatory, each under a theme and a measure of its own
CHECK = {"on": "2026-04-20", "by_role": "Charter team", "result": "confirmed", "finding": "Seen."}
LETTER = {
    "charter": items.CHARTER,
    "type": "letter",
    "about": "C-00002",
    "title": "No update since 1 April 2026",
    "text": "Please send an update.",
    "dated_on": "2026-07-02",
}
# Of a copy: its own keys, the name of its signatory, and one of four sizes.
COPIED_KEYS = r"""
    regexp_replace({column}, '\m([CNPSUW])-0000(\d)\M', '\1-' || lpad(n::text, 5, '0') || '\2', 'g')
"""
COPIED_TEXT = f"""replace(replace({COPIED_KEYS},
    'Brookfield', 'Brookfield ' || n),
    '"micro"', '"' || (ARRAY['micro', 'small', 'medium', 'large'])[1 + n %% 4] || '"')"""
COPIED_WAYS = """(SELECT coalesce(
    jsonb_agg(way || jsonb_build_object('entry', (way ->> 'entry')::int + n * %(step)s)), '[]')
    FROM jsonb_array_elements(weakenings) AS way)"""


def grow_register(copies: int) -> None:
    """Publish a charter and the life of a signatory, and copy that life so often."""
    publish("2026-01-05", *_charter())
    with clock.fixed_at(day("2026-01-05")):
        first = Entry.objects.count() + 1
    for on, entry in _life():
        publish(on, entry)
    step = Entry.objects.count() + 1 - first
    with superuser() as cursor:
        for model, copied in COPIED_ROWS.items():
            columns = [field for field in model._meta.concrete_fields if field.column]
            fields = [field for field in columns if not field.generated]
            names = ", ".join(field.column for field in fields)
            cursor.execute(
                f"INSERT INTO {model._meta.db_table} ({names}) "  # noqa: S608 - our own names
                f"SELECT {', '.join(map(_copied_value, fields))} FROM {model._meta.db_table}, "
                f"generate_series(1, %(copies)s) AS n WHERE {copied}",
                {"copies": copies, "first": first, "step": step},
            )
    with clock.fixed_at(day(TODAY)):
        DayCount.objects.all().delete()
        add_day_counts(count_steps(CommitmentHistory.objects.values_list("steps", flat=True)))
        KindCount.objects.all().delete()
        add_counts(count_records(Record.objects.iterator()))
        add_counts(count_all_entries())
        replace_listed()
        replace_successes()
        replace_searched()
        replace_listed_entries()
    analyse_tables()


def _copied_value(field: Field) -> str:
    """Return the SQL of a column in the copy `n` of a row."""
    column = field.column
    if column == "weakenings":
        return COPIED_WAYS
    if isinstance(field, DateTimeField):  # Times never decrease from one entry to the next.
        return "timestamptz '2026-07-06 09:00Z' + n * interval '25 minutes'"
    if isinstance(field, PositiveBigIntegerField) and column != "act":
        return f"{column} + n * %(step)s"
    if isinstance(field, JSONField):
        return f"{COPIED_TEXT.format(column=f'{column}::text')}::jsonb"
    if column in ("key", "item", "document"):  # Documents keep the numbers and times of entries.
        return COPIED_TEXT.format(column=column)
    return column


def _charter() -> Iterator[NewEntry]:
    yield items.charter()
    for number in range(1, COMMITMENTS + 1):
        own = {"code": f"theme-{number}", "title": f"Theme {number}", "position": number}
        theme = items.theme()
        yield replace(theme, key=f"T-0000{number}", content=theme.content | own)
        own = {"code": f"LE{number}", "title": f"Measure {number}", "theme": f"T-0000{number}"}
        yield replace(items.measure(**own), key=f"M-0000{number}")


def _life() -> Iterator[tuple[str, NewEntry]]:
    """Yield a day and an entry, for some of all that happens to commitments."""
    yield "2026-01-06", items.signatory(size="micro")
    for number in range(1, COMMITMENTS + 1):
        yield "2026-01-06", _commitment(number)
        yield "2026-01-06", items.period(number, f"C-0000{number}")
    lower = {"target": {"value": "15", "by": "2027-06-30"}, "change_reason": "A site closed."}
    yield "2026-02-02", _commitment(1, "amend", **lower)
    ground = {"correction_ground": "before_first_update", "change_reason": "A nought too many."}
    yield "2026-02-03", _commitment(2, "correct", target=lower["target"], **ground)
    yield "2026-03-29", items.update()
    yield "2026-03-29", items.success(area_codes=["E05011121"])
    yield "2026-03-30", items.period(received_on="2026-03-29")
    yield "2026-04-20", items.update(check=CHECK)
    moved = items.period(3, "C-00003", due_on="2026-10-08", change_reason="A holiday.")
    yield "2026-05-01", replace(moved, action="amend")
    yield "2026-05-02", _commitment(3, "withdraw", change_reason="Sold.")
    yield "2026-06-01", items.featured()
    yield "2026-07-02", items.period(2, "C-00002", requested_on=["2026-05-15"])
    yield "2026-07-02", NewEntry("notice", "N-00002", "publish", LETTER)
    yield "2026-07-05", NewEntry("notice", "N-00002", "publish", LETTER | {"answer": "We moved."})
    wording = {"title": "Three have started", "change_reason": "Wording."}
    yield "2026-07-06", items.success(action="correct", area_codes=["E05011121"], **wording)


def _commitment(number: int, action: str = "publish", **changes: object) -> NewEntry:
    own = {
        "theme": f"T-0000{number}",
        "measure": f"M-0000{number}",
        "title": f"Apprenticeships {number}",
        "area_codes": ["E05011121"],
    }
    return items.commitment(f"C-0000{number}", action, **own | changes)
