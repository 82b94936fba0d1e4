"""Build the home page: totals, latest successes and changes, and late commitments."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from registry.models import EntryList, ListedEntry, Record
from registry.models.listing import LATE_TAGS
from registry.open_data.charters import current_charters
from registry.open_data.figures import Figures, kept_figures
from registry.schema.code_lists import Reporting
from registry.website import notices
from registry.website.changes import Change, describe_entries
from registry.website.commitment_totals import (
    open_summary,
    register_summary,
    unanswered_summary,
)
from registry.website.rows import CommitmentRow, commitment_row, read_records, record_names
from registry.website.success_cards import SuccessCard, success_cards
from registry.wording import sentences
from registry.wording.formatting import join_list

LATE, SUCCESSES, CHANGES, FEATURED = 5, 3, 5, 2


@dataclass(frozen=True)
class LateBlock:
    """The commitments with updates not received, longest overdue first."""

    rule: str  # From when an update is overdue; "" without a charter, or if charters differ.
    rows: list[CommitmentRow]
    all_url: str


@dataclass(frozen=True)
class HomePage:
    charter: str  # Its title, or whose charters there are; "" before there is one.
    summary: str
    successes: list[SuccessCard]
    changes: list[Change]
    featured: list[notices.FeaturedRecord]
    late: LateBlock


def build_home_page(today: date) -> HomePage:
    """Return the home page. The number of queries is fixed."""
    figures = kept_figures("", today)
    charters = current_charters(today)
    summaries = [
        register_summary(figures),
        open_summary(figures, today),
        unanswered_summary(figures),
    ]
    return HomePage(
        charter=_charter_title(charters),
        summary=" ".join(filter(None, summaries)),
        successes=_latest_successes(today),
        changes=describe_entries(ListedEntry.objects.newest(EntryList.ALL, CHANGES)),
        featured=notices.featured_records()[:FEATURED],
        late=_late_block(figures, charters, today),
    )


def _latest_successes(today: date) -> list[SuccessCard]:
    """Return the latest successes. Four queries."""
    latest = Record.objects.of_kind("success").live().order_by("-first_entry")
    return success_cards(latest[:SUCCESSES], today)


def _charter_title(charters: list[Record]) -> str:
    """Return the title of the charter, or whose charters there are; "" before there is one."""
    if len(charters) == 1:
        return charters[0].name or ""
    owners = dict.fromkeys((charter.item or {})["owner"]["name"] for charter in charters)
    return f"charters of {join_list(list(owners))}" if owners else ""


def _late_block(figures: Figures, charters: list[Record], today: date) -> LateBlock:
    """Return the commitments that are late on a day. Three queries."""
    rules = {sentences.reporting_rule(charter.item) for charter in charters if charter.item}
    states = Reporting.late_states()
    late = figures.listed.filter(day_tags__0__in=LATE_TAGS).order_by("missing_since", "key")
    records = read_records(list(late.values_list("key", flat=True)[:LATE]), today)
    names = record_names(key for row in records for key in (row.signatory, row.theme))
    query = urlencode({"reporting": states}, doseq=True)
    return LateBlock(
        rule=rules.pop() if len(rules) == 1 else "",
        rows=[commitment_row(row, names, today) for row in records],
        all_url=f"{reverse('website:commitments')}?{query}",
    )
