"""Load press reports about the charter's first signatories."""

import calendar
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import groupby
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from charter import reference, review
from charter.actions import commitments, people, signatories
from charter.models import Charter, Commitment, Signatory, Theme, User
from registry import clock
from registry.schema.code_lists import Cadence, PlannedEvidenceType, Standing

NOTE = "This record restates a press report of the time; the business did not enter it itself."
# An empty register starts at the charter's launch, so that entries are in the order of events.
LAUNCH = date(2013, 4, 15)
NOT_REPORTED = "The report does not tell how this will be shown."


class Command(BaseCommand):
    help = (
        "Load 14 signatories and 10 commitments of 2014 from the press. A second run adds nothing."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DEMO:
            raise CommandError(
                "Real organisations are never mixed with the fictitious ones. Set DEMO=0."
            )
        if Signatory.objects.filter(source__isnull=True).exists():
            raise CommandError(
                "This register holds signatories from elsewhere. Nothing was loaded."
            )
        if not Charter.objects.exists():
            with clock.fixed_at(at_noon(LAUNCH)):
                call_command("load_charter", stdout=self.stdout)
        charter = Charter.objects.get(title=reference.charter()["title"])
        operator = people.get_operator()
        for day, loader, row in sorted(press_events(), key=lambda event: event[0]):
            with clock.fixed_at(at_noon(day)):
                loader(charter, row, by=operator)
        self.stdout.write(
            f"The register holds {Signatory.objects.count()} signatories and "
            f"{Commitment.objects.count()} commitments from the press."
        )


def press_events() -> Iterator[tuple[date, Any, dict[str, str]]]:
    """Yield day, loader and row of each event, a signatory before its commitments."""
    for _, group in groupby(reference.press_of_2014(), key=lambda row: row["organisation"]):
        rows = list(group)
        joined_on = latest_day(rows[0]["awarded_on"] or rows[0]["source_date"])
        yield joined_on, load_signatory, rows[0]
        for row in rows:
            if row["commitment_statement"]:
                yield (
                    max(joined_on, latest_day(row["source_date"] or row["awarded_on"])),
                    load_commitment,
                    row,
                )


def load_signatory(charter: Charter, row: dict[str, str], *, by: User) -> None:
    """Publish an organisation as the press described it. Idempotent.

    Unreported fields stay empty.
    """
    if Signatory.objects.filter(organisation__legal_name=row["organisation"]).exists():
        return
    awarded_on = whole_date(row["awarded_on"])
    month_only = row["awarded_on"] and not awarded_on
    note = (
        f"{NOTE} Of the award it tells the month only: {row['awarded_on']}." if month_only else NOTE
    )
    signatories.restate(
        by=by,
        charter=charter,
        legal_name=row["organisation"],
        route=row["route"].replace("unknown", ""),
        standing=Standing.ACCREDITED if row["awarded_on"] else "",
        certificate_number=row["certificate_number"],
        accredited_from=awarded_on,
        joined_on=awarded_on,
        source=build_source(row, note),
    )


def load_commitment(charter: Charter, row: dict[str, str], *, by: User) -> None:
    """Publish a commitment as the report words it. Idempotent.

    It has no target and no deadline, so no update is ever due.
    """
    statement = row["commitment_statement"]
    signatory = Signatory.objects.get(organisation__legal_name=row["organisation"])
    if signatory.commitments.filter(description=statement).exists():
        return
    commitment = commitments.start_draft(
        by=by,
        signatory=signatory,
        theme=Theme.objects.get(charter=charter, code=row["theme"]),
        title=statement.rstrip("."),
        description=statement,
        evidence_kind=PlannedEvidenceType.OTHER,
        evidence_text=NOT_REPORTED,
        cadence=Cadence.ON_COMPLETION,
        source=build_source(row),
    )
    commitment = review.submit(commitment, by=by)
    entries = review.entries_to_append(commitment)
    review.publish(commitment, by=by, seen_digest=review.digest_entries(entries))


def build_source(row: dict[str, str], note: str = NOTE) -> dict[str, str | None]:
    """Return the source of a record. `dated` is a year, a month or a day, as far as known."""
    return {"note": note, "title": row["source_title"], "dated": row["source_date"] or None}


def whole_date(text: str) -> date | None:
    return date.fromisoformat(text) if len(text) == len("2014-02-11") else None


def latest_day(text: str) -> date:
    """Return a date, or the last day of a month: the report was published by then."""
    if day := whole_date(text):
        return day
    year, month = map(int, text.split("-"))
    return date(year, month, calendar.monthrange(year, month)[1])


def at_noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=clock.LONDON)
