"""The page of a success: its story, its evidence and the commitments behind it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from registry import clock
from registry.models import Record
from registry.schema.code_lists import Delivery
from registry.website import notices
from registry.website.record_pages import RecordPage, record_fields
from registry.website.rows import CommitmentRow, commitment_row, record_names
from registry.website.success_cards import SuccessCard, success_card


@dataclass(frozen=True)
class SuccessPage(RecordPage):
    card: SuccessCard
    published_on: date
    is_withdrawn: bool
    reason: str | None  # For the latest change, such as its withdrawal.
    featured: dict[str, Any] | None  # The council's notice.
    commitments: list[CommitmentRow]
    met_commitment: str  # A key to start a similar commitment from, or "".

    @property
    def all_evidence(self) -> list[dict[str, Any]]:
        return self.card.evidence


def build_success_page(record: Record, today: date) -> SuccessPage:
    """Return the public page of a success whose text is not removed. Four queries."""
    item = record.item or {}
    commitments = list(
        Record.objects.readable().with_reporting(today).filter(key__in=item["commitments"])
    )
    names = record_names([record.signatory, *(row.theme for row in commitments)])
    names |= {row.signatory: names.get(record.signatory, "") for row in commitments}
    return SuccessPage(
        **record_fields(record),
        card=success_card(record, names),
        published_on=clock.local_date(record.published_at),
        is_withdrawn=record.status == Record.Status.WITHDRAWN,
        reason=item.get("change_reason"),
        featured=notices.featured_notice(record.key),
        commitments=[commitment_row(row, names, today) for row in commitments],
        met_commitment=next((row.key for row in commitments if row.delivery == Delivery.MET), ""),
    )
