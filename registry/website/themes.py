"""Build the list of themes, and the page of each with its commitments and measures."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse

from registry.models import Record
from registry.open_data.counts import count_each
from registry.open_data.figures import Figures, count_signatories, kept_figures
from registry.schema.code_lists import Delivery
from registry.website import notices
from registry.website.charts import tables as charts
from registry.website.charts.outcomes import OutcomeBar, outcome_bar
from registry.website.commitment_totals import TotalsBlock, build_totals, delivery_summary
from registry.website.measures import MeasureRow, measure_row
from registry.website.record_pages import RecordPage, record_fields
from registry.website.rows import CommitmentRow, commitment_row, newest_records, record_names
from registry.website.theme_looks import theme_look
from registry.wording.formatting import count_noun, join_list

NEWEST = 5
MET, WITHDRAWN = f"delivery:{Delivery.MET}", f"delivery:{Delivery.WITHDRAWN}"
UNANSWERED = "ended_unanswered:true"


@dataclass(frozen=True)
class ThemeRow:
    """A theme in the list; its commitments and measures are counted in words."""

    key: str
    title: str
    look: str  # The name of its colour and icon.
    description: str
    commitments: str
    measures: str


@dataclass(frozen=True)
class ThemePage(RecordPage):
    title: str
    look: str
    description: str
    charter: str
    sentence: str
    outcomes: OutcomeBar | None
    totals: TotalsBlock
    featured: list[notices.FeaturedRecord]
    newest: list[CommitmentRow]
    measures: list[MeasureRow]


def _outcomes(key: str, figures: Figures) -> OutcomeBar | None:
    if not figures.total:
        return None
    path = reverse("website:commitments")

    def address(code: str) -> str:
        return f"{path}?{urlencode({'theme': key, 'counted_as': code})}"

    return outcome_bar(figures.values_of("counted_as"), address)


def list_themes(today: date) -> list[ThemeRow]:
    """Return the themes in the charter's order, each with its commitments. Five queries."""
    measures = Record.objects.of_kind("measure").readable().values_list("theme")
    measure_counts = dict(measures.annotate(count=Count("key")).order_by())
    themes = list(Record.objects.of_kind("theme").readable().order_by("item__position"))
    tags = {theme.key: f"theme:{theme.key}" for theme in themes}
    counts = count_each(tags.values(), ["", MET, WITHDRAWN, UNANSWERED], today)
    signatories = count_signatories(tags.values())
    return [
        ThemeRow(
            key=theme.key,
            title=theme.name or theme.key,
            look=theme_look(theme.code),
            description=(theme.item or {})["description"],
            commitments=_commitments_summary(
                counts[tags[theme.key]], signatories.get(tags[theme.key], 0)
            ),
            measures=count_noun(measure_counts.get(theme.key, 0), "measure"),
        )
        for theme in themes
    ]


def _commitments_summary(counts: Counter[str], signatories: int) -> str:
    """Return "7 commitments by 3 signatories: 2 met and 1 withdrawn"."""
    if not counts[""]:
        return "No commitments yet"
    texts = {MET: Delivery.MET.label, WITHDRAWN: Delivery.WITHDRAWN.label}
    texts[UNANSWERED] = "ended unanswered"
    parts = [f"{counts[tag]:,} {text.lower()}" for tag, text in texts.items() if counts[tag]]
    sentence = charts.basis_text(counts[""], signatories)
    return f"{sentence}: {join_list(parts)}" if parts else sentence


def build_theme_page(record: Record, today: date) -> ThemePage:
    """Return the public page of a theme whose text is not removed.

    Nine queries, and three more for featured records.
    """
    item = record.item or {}
    figures = kept_figures(f"theme:{record.key}", today)
    newest = newest_records(figures.listed, NEWEST, today)
    names = record_names([record.charter, record.key, *(row.signatory for row in newest)])
    measures = (
        Record.objects.of_kind("measure").readable().filter(theme=record.key).order_by("code")
    )
    return ThemePage(
        **record_fields(record),
        title=names[record.key],
        look=theme_look(record.code),
        description=item["description"],
        charter=names.get(record.charter, ""),
        sentence=delivery_summary(figures, today),
        outcomes=_outcomes(record.key, figures),
        totals=build_totals(figures),
        featured=notices.featured_records(theme=record.key)[:NEWEST],
        newest=[commitment_row(row, names, today) for row in newest],
        measures=[measure_row(measure) for measure in measures],
    )
