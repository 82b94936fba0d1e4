"""The blocks of a commitment's page, as its template reads them. Codes are labelled there."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.models import Record
from registry.website.charts.bars import CommitmentBar
from registry.website.charts.records import RecordStrip
from registry.website.commitment_facts import Fact
from registry.website.line_chart import LineChart
from registry.website.progress import UpdateRow
from registry.website.record_pages import RecordPage
from registry.website.success_cards import SuccessCard
from registry.wording.formatting import format_days
from registry.wording.headline import Headline
from registry.wording.timeline import Event

Item = dict[str, Any]


@dataclass(frozen=True)
class TermsBlock:
    """What was promised."""

    description: str  # "" if the title says it all.
    facts: list[Fact]
    planned_evidence: str
    published_on: date
    weakenings: list["Weakening"]
    first_title: str  # If it promised more, or had another title, at first.
    first_target: str
    sent_on_behalf_by: str | None
    based_on: str | None  # A key.
    copies: list[tuple[str, str]]  # Keys and titles of the commitments based on it, once met.
    source: Item | None


@dataclass(frozen=True)
class Weakening:
    heading: str
    sentence: str
    reason: str


@dataclass(frozen=True)
class Ending:
    """How it ended."""

    sentence: str
    reason: str
    superseded_by: str  # A key, or "".


@dataclass(frozen=True)
class DeliveryBlock:
    """How far it has got, by the signatory's own assessment and by its figures."""

    delivered_on: date | None  # The day of the final state, once it has ended.
    met_on: date | None
    assessment: str  # A code; "" before the first update.
    assessed_on: date | None
    description: str  # Of the change aimed at, for a commitment without a number.
    change: str
    start: str
    backed: str  # "12 of the 14 checked by the council"
    check: Item | None
    confirmations: list[Item]
    reply: Item | None  # The signatory's, beside a deadline without a final update.


@dataclass(frozen=True)
class ReportingBlock:
    sentence: str
    rule: str
    reply: Item | None  # The signatory's, beside “overdue”, “silent” or “unreachable”.


@dataclass(frozen=True)
class PeriodRow:
    """A reporting period. `state` is a code."""

    key: str
    starts_on: date
    ends_on: date
    due_on: date
    received_on: date | None
    state: str
    dropped: bool  # No update is due, because the commitment ended before.
    excused_reason: str | None
    requests: int
    requested_on: str  # "5 May and 26 May"

    @property
    def is_not_required(self) -> bool:
        return self.dropped and self.received_on is None


def period_row(record: Record, item: Item, ended_on: date | None) -> PeriodRow:
    """Return the row of a period with its typed item, given the day its commitment ended."""
    requests = item["requested_on"] or []
    return PeriodRow(
        key=record.key,
        starts_on=item["from"],
        ends_on=item["to"],
        due_on=item["due_on"],
        received_on=item["received_on"],
        state=record.state,
        dropped=ended_on is not None and item["due_on"] > ended_on,
        excused_reason=item["excused_reason"],
        requests=len(requests),
        requested_on=format_days(sorted(requests), year=item["due_on"].year),
    )


@dataclass(frozen=True)
class SimilarCommitments:
    """A sentence on commitments with the same measure and size, and a link to compare."""

    sentence: str
    address: str = ""
    link: str = ""


@dataclass(frozen=True)
class CommitmentPage(RecordPage):
    title: str
    headline: Headline
    bar: CommitmentBar | None
    deadline: date | None
    signatory: str
    signatory_key: str
    size: str  # A code; "" if not given.
    theme: str
    theme_key: str
    charter: str
    measure_key: str | None
    name_then: str  # The signatory's name when it was published, if it has changed.
    terms: TermsBlock
    ending: Ending | None
    delivery: DeliveryBlock
    reporting: ReportingBlock
    letters: list[Item]
    line_chart: LineChart | None
    updates: list[UpdateRow]
    is_checked: bool
    successes: list[SuccessCard]
    record: RecordStrip
    periods: list[PeriodRow]
    timeline: list[Event]
    featured: Item | None = None
    similar: SimilarCommitments | None = None

    @property
    def contents(self) -> list[tuple[str, str]]:
        """Return the parts of the page: the anchor of each, and its title."""
        has_first = self.terms.weakenings or self.terms.first_title
        parts = [
            ("progress", "Progress and proof", True),
            ("weakened", "Originally promised", has_first),
            ("check", "Check", self.is_checked),
            ("successes", "What was achieved", self.successes),
            ("reporting", "Reporting record", True),
            ("letters", "Letters from the council", self.letters),
            ("promise", "Commitment in full", True),
            ("timeline", "Timeline", True),
            ("use", "Use this page", True),
        ]
        return [(anchor, title) for anchor, title, is_there in parts if is_there]

    @property
    def all_evidence(self) -> list[Item]:
        shown = [row.evidence for row in self.updates] + [card.evidence for card in self.successes]
        return [piece for evidence in shown for piece in evidence]
