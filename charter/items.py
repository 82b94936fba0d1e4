"""Public content of records, one function per kind. Fields not named here stay private."""

from datetime import date
from decimal import Decimal
from typing import Any

from charter.models import Charter, Commitment, Measure, Signatory, Theme
from registry import clock
from registry.schema.commitment_fields import COMMITMENT_FIELDS, CommitmentField, FieldType


def charter(charter: Charter) -> dict[str, Any]:
    authority = charter.authority
    return {
        "title": charter.title,
        "description": charter.description,
        "owner": {"name": authority.name, "org_id": authority.org_id},
        "contact": {
            "team": authority.team,
            "email": authority.contact_email,
            "telephone": authority.telephone,
            "postal_address": authority.postal_address,
        },
        "edition": charter.edition,
        "valid_from": _iso_day(charter.valid_from),
        "valid_to": _iso_day(charter.valid_to),
        "tiers": charter.tiers,
        "default_cadence": charter.default_cadence,
        "reminder_days": charter.reminder_days,
        "overdue_after_days": charter.overdue_after_days,
        "silent_after_days": charter.silent_after_days,
        "final_update_days": charter.final_update_days,
        "document_url": charter.document_url or None,
    }


def theme(theme: Theme) -> dict[str, Any]:
    return {
        "charter": theme.charter.key,
        "code": theme.code,
        "title": theme.title,
        "description": theme.description,
        "position": theme.position,
        "valid_from": _iso_day(theme.valid_from),
    }


def measure(measure: Measure) -> dict[str, Any]:
    return {
        "theme": measure.theme.key,
        "code": measure.code,
        "title": measure.title,
        "definition": measure.definition,
        "not_counted": measure.not_counted or None,
        "nature": measure.nature,
        "value_type": measure.value_type,
        "unit": measure.unit,
        "unit_label": measure.unit_label,
        "usual_evidence": measure.usual_evidence,
        "evidence_strength": measure.evidence_strength or None,
        "direction": measure.direction,
        "counts": measure.counts,
        "counts_reason": measure.counts_reason,
        "may_be_negative": measure.may_be_negative,
        "valid_from": _iso_day(measure.valid_from),
        "valid_to": _iso_day(measure.valid_to),
    }


def signatory(signatory: Signatory) -> dict[str, Any]:
    organisation = signatory.organisation
    accepted_at = signatory.accepted_at
    identifiers = list(organisation.identifiers.order_by("scheme", "number"))
    return {
        "charter": signatory.charter.key,
        "legal_name": organisation.legal_name,
        "trading_name": organisation.trading_name or None,
        "former_names": organisation.former_names,
        "primary_org_id": next((str(i) for i in identifiers if i.primary), None),
        "identifiers": [{"scheme": i.scheme, "id": i.number} for i in identifiers],
        "org_type": organisation.kind or None,
        "social_enterprise": organisation.social_enterprise or None,
        "size": organisation.size or None,
        "sector": organisation.sector or None,
        "covers": signatory.covers or None,
        "website": organisation.website or None,
        "area_codes": organisation.area_codes,
        "route": signatory.route or None,
        "standing": signatory.standing or None,
        "standing_since": _iso_day(signatory.standing_since),
        "standing_reason": signatory.standing_reason or None,
        "standing_plan": signatory.standing_plan or None,
        "certificate_number": signatory.certificate_number or None,
        "accredited_from": _iso_day(signatory.accredited_from),
        "accredited_to": _iso_day(signatory.accredited_to),
        "joined_on": _iso_day(signatory.joined_on),
        "accepted_on": _iso_day(clock.local_date(accepted_at)) if accepted_at else None,
        "accepted_text_sha256": signatory.acceptance.text_sha256 if accepted_at else None,
        "left_on": _iso_day(signatory.left_on),
        "successor": signatory.successor.key if signatory.successor else None,
        "pause": _pause_item(signatory),
        "unreachable_since": _iso_day(signatory.unreachable_since),
        "no_contact_since": _iso_day(signatory.no_contact_since),
        "retractions": signatory.retractions,
        "source": signatory.source,
    }


def commitment(commitment: Commitment) -> dict[str, Any]:
    measure = commitment.measure
    return {
        "signatory": commitment.signatory.key,
        "charter": commitment.signatory.charter.key,
        "theme": commitment.theme.key,
        "measure": measure.key if measure else None,
        **_plain_values(commitment),
        "planned_evidence": {"type": commitment.evidence_kind, "text": commitment.evidence_text},
        "value_type": commitment.value_type,
        "unit": measure.unit if measure else None,
        "unit_label": measure.unit_label if measure else None,
        "baseline": _dated_value(commitment.baseline_value, on=_iso_day(commitment.baseline_on)),
        "target": _dated_value(commitment.target_value, by=_iso_day(commitment.end_on)),
        # The deadline is published once: with the target, if there is one.
        "end_on": _iso_day(commitment.end_on) if commitment.target_value is None else None,
        "area_codes": commitment.area_codes,
        "contracts": commitment.contracts,
        "based_on": commitment.based_on or None,
        "sent_on_behalf_by": commitment.sent_on_behalf_by or None,
        "end_reason": commitment.end_reason or None,
        "source": commitment.source,
    }


def _plain_values(commitment: Commitment) -> dict[str, Any]:
    """Return the plain fields of a commitment, by name."""
    plain_fields = [declared for declared in COMMITMENT_FIELDS if declared.is_plain]
    return {
        declared.name: _plain_value(declared, getattr(commitment, declared.name))
        for declared in plain_fields
    }


def _plain_value(declared: CommitmentField, value: Any) -> Any:
    if declared.type is FieldType.CODE:
        return value or None
    return str(value) if isinstance(value, date | Decimal) else value


def _pause_item(signatory: Signatory) -> dict[str, Any] | None:
    if signatory.pause_from is None:
        return None
    return {
        "from": _iso_day(signatory.pause_from),
        "to": _iso_day(signatory.pause_to),
        "reason": signatory.pause_reason,
    }


def _dated_value(value: Decimal | None, **dates: str | None) -> dict[str, Any] | None:
    return None if value is None else {"value": str(value), **dates}


def _iso_day(day: date | None) -> str | None:
    return day.isoformat() if day else None
