"""The page of a progress update: what the signatory reported, its evidence and the check of it."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.models import Entry, Record
from registry.schema import kinds
from registry.website.record_pages import RecordLink, RecordPage, record_fields
from registry.wording import sentences

Item = dict[str, Any]


@dataclass(frozen=True)
class ReportBlock:
    """What the signatory reported, in its own words where they are texts."""

    assessment: str  # A code.
    figure: str  # "9 of 15 FTE", or "".
    nothing_changed: bool
    not_measured_reason: str | None
    narrative: str | None
    obstacles: str | None
    lessons: str | None


@dataclass(frozen=True)
class EvidenceBlock:
    """How the report is backed. `level_of_proof` is a code; items are as published."""

    level_of_proof: str
    is_disputed: bool
    planned: str
    evidence: list[Item]
    confirmations: list[Item]
    check: Item | None


@dataclass(frozen=True)
class UpdatePage(RecordPage):
    commitment: RecordLink
    signatory: RecordLink
    reported_on: date
    starts_on: date
    ends_on: date
    is_withdrawn: bool
    reason: str | None  # For the latest change, such as its withdrawal.
    report: ReportBlock
    evidence: EvidenceBlock

    @property
    def all_evidence(self) -> list[Item]:
        return self.evidence.evidence


def build_update_page(record: Record, today: date) -> UpdatePage:
    """Return the public page of an update whose text is not removed. Four queries."""
    item = kinds.parse_item("update", record.item or {})
    commitment = Record.objects.get(pk=item["commitment"])
    parents = Record.objects.in_bulk(
        [key for key in (commitment.signatory, commitment.measure) if key]
    )
    signatory, measure = parents.get(commitment.signatory), parents.get(commitment.measure)
    signatory_name = signatory.name if signatory else None
    return UpdatePage(
        **record_fields(record),
        commitment=RecordLink(commitment.key, commitment.name or commitment.key),
        signatory=RecordLink(commitment.signatory, signatory_name or commitment.signatory),
        reported_on=item["reported_on"],
        starts_on=item["from"],
        ends_on=item["to"],
        is_withdrawn=record.status == Record.Status.WITHDRAWN,
        reason=item["change_reason"],
        report=_report_block(item, _terms_then(record, commitment), measure),
        evidence=_evidence_block(item, commitment),
    )


def _terms_then(record: Record, commitment: Record) -> Item | None:
    """Return the published item of the commitment when the update was published.

    Its target may have changed since. None if its text was removed. One query.
    """
    versions = Entry.objects.filter(key=commitment.key, number__lt=record.first_entry)
    version = versions.exclude(action=Entry.Action.REDACT).order_by("-number").first()
    return json.loads(version.item) if version and version.item else None


def _report_block(item: Item, terms: Item | None, measure: Record | None) -> ReportBlock:
    direction = (measure.item or {}).get("direction") if measure else None
    figure = ""
    if item["cumulative_value"] is not None and terms:
        commitment_item = kinds.parse_item("commitment", terms)
        figure = sentences.figure_to_date(item, commitment_item, direction)
    return ReportBlock(
        assessment=item["self_assessment"],
        figure=figure,
        nothing_changed=item["nothing_changed"],
        not_measured_reason=item["not_measured_reason"],
        narrative=item["narrative"],
        obstacles=item["obstacles"],
        lessons=item["lessons"],
    )


def _evidence_block(item: Item, commitment: Record) -> EvidenceBlock:
    return EvidenceBlock(
        level_of_proof=item["level_of_proof"],
        is_disputed=bool(item["disputed"]),
        planned=commitment.item["planned_evidence"]["text"] if commitment.item else "",
        evidence=item["evidence"] or [],
        confirmations=item["confirmations"] or [],
        check=item["check"],
    )
