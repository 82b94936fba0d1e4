"""The statistics: a sentence for each subject, a table behind it, and each table as a file."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from io import StringIO
from typing import Any

from django.db.models import Count, Q

from registry import codelists, fields, kinds, statistics
from registry.models import Record
from registry.website import bars, sentences, words

WAYS = {
    "target_lowered": "Target lowered",
    "date_later": "Date moved to later",
    "withdrawn": "Promise withdrawn",
}
NEWS = {
    "figure": "A new figure or words",
    "unchanged": "Confirmed: nothing has changed",
}


@dataclass(frozen=True)
class Table:
    """Counts of one whole: `of` is the denominator that every row is a part of."""

    name: str
    title: str
    sentence: str
    first: str
    of: int
    rows: list[bars.Bar]

    @property
    def in_short(self) -> str:
        """Return the rows in one line: "Met 2 · On track 17"."""
        return " · ".join(f"{row.label}\u00a0{row.value.split()[0]}" for row in self.rows)


def shown(today: date) -> dict[str, Any]:
    """Return the subjects, each in a sentence. Eight queries."""
    promises = Record.objects.of_kind("commitment").readable()
    measured = (
        statistics.counted(promises)
        .filter(measure__isnull=False)
        .aggregate(
            commitments=Count("key"),
            signatories=Count("signatory", distinct=True),
            measures=Count("measure", distinct=True),
        )
    )
    return {
        "tables": list(_tables(today)),
        "measured": f"{bars.behind(measured['commitments'], measured['signatories'])} are counted "
        f"by {words.counted(measured['measures'], 'measure')} on {words.day(today)}.",
        "figures": _figures_of_the_council(),
    }


def subject(name: str, today: date) -> Table | None:
    """Return the table of a subject; None for one that there is not."""
    return next((table for table in _tables(today) if table.name == name), None)


def by_measure() -> dict[str, Any]:
    """Return committed beside delivered for every measure, by theme. Five queries."""
    promises = Record.objects.of_kind("commitment").readable()
    totals = statistics.totals(promises)
    themes = Record.objects.of_kind("theme").readable().order_by("item__position")
    return {
        "themes": [
            {
                "key": key,
                "title": title,
                "totals": [bars.beside(total) for total in totals if total.item["theme"] == key],
            }
            for key, title in themes.values_list("key", "name")
            if any(total.item["theme"] == key for total in totals)
        ],
        "left_out": sentences.left_out(statistics.left_out(promises)),
    }


def as_csv(today: date, name: str = "") -> str | None:
    """Return every table, or the one of that name, as lines of CSV; None where there is none."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(["table", "row", "value", "unit", "of", "signatories", "level_of_proof", "on"])
    tables = [table for table in _tables(today) if name in ("", table.name)]
    if name not in ("", "measures") and not tables:
        return None
    for table in tables:
        for row in table.rows:
            count = row.value.split()[0].replace(",", "")
            writer.writerow([table.name, row.label, count, "", table.of, "", "", today.isoformat()])
    if name in ("", "measures"):
        _write_measures(writer, today)
    return text.getvalue()


def _write_measures(writer: Any, today: date) -> None:
    """Write committed and delivered, a line for each level of proof."""
    for total in statistics.totals(Record.objects.of_kind("commitment").readable()):
        common = [total.unit or "", total.commitments]
        writer.writerow(
            [f"committed {total.measure}", total.name, _plain(total.committed), *common,
             total.signatories, "", today.isoformat()]
        )  # fmt: skip
        for level in total.delivered:
            writer.writerow(
                [f"delivered {total.measure}", total.name, _plain(level.value), *common,
                 level.signatories, level.level, today.isoformat()]
            )  # fmt: skip


def _plain(value: Any) -> str:
    return "" if value is None else fields.plain(value)


def _tables(today: date) -> Iterable[Table]:
    yield from _commitments(today)
    yield _answers(today)
    yield _news(today)
    yield _levels(today)


def _commitments(today: date) -> Iterable[Table]:
    """Yield the tables that count commitments. Three queries."""
    promises = Record.objects.of_kind("commitment").readable()
    total = promises.count()
    on = words.day(today)
    names = dict(
        Record.objects.of_kind("theme")
        .readable()
        .order_by("item__position")
        .values_list("key", "name")
    )
    dated: Any = promises.with_reporting(today)
    found = list(
        dated.values("theme", "delivery", "reporting", "status")
        .annotate(count=Count("key"))
        .order_by()
    )

    def by(column: str, rows: list[dict[str, Any]]) -> dict[str, int]:
        counts: dict[str, int] = {}
        for row in rows:
            counts[row[column]] = counts.get(row[column], 0) + row["count"]
        return counts

    whole = words.counted(total, "commitment")
    yield Table(
        "theme",
        "Commitments by theme",
        f"{whole} on {on}, closed and withdrawn ones too.",
        "Theme",
        total,
        bars.parts(by("theme", found), names, total, leave_out_empty=False),
    )
    yield Table(
        "delivery",
        "Is it being done?",
        f"Delivery of {whole} on {on}, as last told.",
        "Delivery",
        total,
        bars.parts(
            by("delivery", found),
            {code: codelists.DELIVERY[code] for code in sentences.DELIVERY_ORDER},
            total,
        ),
    )
    running = [row for row in found if row["status"] == Record.Status.LIVE]
    live = sum(row["count"] for row in running)
    yield Table(
        "reporting",
        "Have they told us?",
        f"Reporting of the {words.counted(live, 'commitment')} still running on {on}.",
        "Reporting",
        live,
        bars.parts(by("reporting", running), codelists.REPORTING, live),
    )
    weakened = promises.aggregate(
        any=Count("key", filter=~Q(weakenings=[])),
        **{what: Count("key", filter=Q(weakenings__contains=[{"what": what}])) for what in WAYS},
    )
    yield Table(
        "weakened",
        "Weakened and withdrawn",
        f"{weakened['any']:,} of {whole} promise less than they did at first, on {on}. "
        "One promise may have been weakened in more than one way."
        if total
        else "No commitment has been published yet.",
        "In what way",
        total,
        bars.parts(weakened, WAYS, total, leave_out_empty=False),
    )


def _answers(today: date) -> Table:
    """Return what came of every update that fell due. One query."""
    due: Any = (
        Record.objects.of_kind("period")
        .readable()
        .filter(item__due_on__lte=today.isoformat())
        .with_state(today)
    )
    counts = dict(due.values_list("state").annotate(count=Count("key")).order_by())
    of = sum(counts.values())
    return Table(
        "answers",
        "Updates that fell due",
        f"{words.counted(of, 'update')} fell due up to {words.day(today)}.",
        "What came of it",
        of,
        bars.parts(counts, codelists.PERIOD_STATES, of),
    )


def _news(today: date) -> Table:
    """Return how many updates told something new. One query."""
    counts = (
        Record.objects.of_kind("update")
        .live()
        .aggregate(
            unchanged=Count("key", filter=Q(item__nothing_changed=True)),
            figure=Count("key", filter=Q(item__nothing_changed=False)),
        )
    )
    of = sum(counts.values())
    return Table(
        "news",
        "What updates said",
        f"{words.counted(of, 'update')} published up to {words.day(today)}.",
        "News",
        of,
        bars.parts(counts, NEWS, of),
    )


def _levels(today: date) -> Table:
    """Return how far the latest figures are backed. One query."""
    counts = dict(
        statistics.counted(Record.objects.of_kind("commitment").readable())
        .filter(progress__isnull=False)
        .values_list("progress__level_of_proof")
        .annotate(count=Count("key"))
        .order_by()
    )
    of = sum(counts.values())
    return Table(
        "level_of_proof",
        "How far figures are backed",
        f"The latest figure of {words.counted(of, 'commitment')} that had told one on "
        f"{words.day(today)}.",
        "Level of proof",
        of,
        bars.parts(counts, codelists.LEVELS_OF_PROOF, of, leave_out_empty=False),
    )


def _figures_of_the_council() -> dict[str, Any] | None:
    """Return the council's own figures, the newest. One query."""
    notice = (
        Record.objects.of_kind("notice")
        .live()
        .filter(item__type="figures")
        .order_by("-first_entry")
    ).first()
    if notice is None or notice.item is None:
        return None
    item = kinds.typed("notice", notice.item)
    return {
        **item,
        "rows": [
            {
                "key": figure["name"],
                "value": words.number(figure["value"])
                + (f" of {words.number(figure['of'])}" if figure.get("of") else ""),
            }
            for figure in item["figures"] or []
        ],
    }
