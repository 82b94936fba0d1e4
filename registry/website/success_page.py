"""The page of a success: its story, its evidence and the commitments behind it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from registry import clock
from registry.models import Record
from registry.schema.code_lists import Delivery
from registry.website import notices
from registry.website.record_pages import RecordPage, RemovedRecord, record_fields
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


def build_success_page(key: str, today: date) -> SuccessPage | RemovedRecord | None:
    """Return the public page of a success, or None for an unknown key. Four queries."""
    record = Record.objects.of_kind("success").filter(pk=key).first()
    if record is None:
        return None
    if record.item is None:
        return RemovedRecord(**record_fields(record))
    commitments = list(
        Record.objects.readable().with_reporting(today).filter(key__in=record.item["commitments"])
    )
    names = record_names([record.signatory, *(row.theme for row in commitments)])
    names |= {row.signatory: names.get(record.signatory, "") for row in commitments}
    return SuccessPage(
        **record_fields(record),
        card=success_card(record, names),
        published_on=clock.local_date(record.published_at),
        is_withdrawn=record.status == Record.Status.WITHDRAWN,
        reason=record.item.get("change_reason"),
        featured=notices.featured_notice(key),
        commitments=[commitment_row(row, names, today) for row in commitments],
        met_commitment=next((row.key for row in commitments if row.delivery == Delivery.MET), ""),
    )
