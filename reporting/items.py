"""Public items of periods, updates, successes and notices.

`registry/schema/kinds.py` rejects all other fields.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from django.db.models import Q

from charter import items as charter_items
from charter.workflow import ReviewStatus
from registry import clock
from registry.log.progress import measure_progress
from registry.schema.code_lists import (
    CheckResult,
    ConfirmationAnswer,
    EvidenceVisibility,
    LevelOfProof,
    NoticeType,
)
from registry.schema.fields import plain_decimal
from registry.schema.measure_codes import Counts
from registry.wording.formatting import format_day
from registry.wording.sentences import reply_title
from reporting import requests
from reporting.models import (
    Check,
    Confirmation,
    Evidence,
    FeaturedRecord,
    Letter,
    LinkCheck,
    ProgressUpdate,
    Reply,
    ReportingPeriod,
    Success,
)


def period(period: ReportingPeriod) -> dict[str, Any]:
    """Return the public item of a period."""
    [item] = periods([period])
    return item


def periods(periods: Collection[ReportingPeriod]) -> list[dict[str, Any]]:
    """Return the public items of periods, in the same order."""
    found = requests.find_requests(periods)
    public = ProgressUpdate.objects.filter(period__in=periods, status=ReviewStatus.PUBLISHED)
    # The final update is the last.
    updates = dict(public.order_by("is_final").values_list("period", "key"))
    return [_period_item(p, found[p.pk], updates.get(p.pk)) for p in periods]


def _period_item(
    period: ReportingPeriod, found: set[requests.Request], update: str | None
) -> dict[str, Any]:
    """Return the public item of a period, with the requests that were found for it.

    The requests become public once the update arrives or one was sent after the due date. They stay
    public when the due date is moved.
    """
    is_public = period.received_on or any(request.on > request.due_on for request in found)
    public_requests = found if is_public else set()
    return {
        "commitment": period.commitment.key,
        "from": str(period.starts_on),
        "to": str(period.ends_on),
        "due_on": str(period.due_on),
        "is_final": period.is_final or None,
        "received_on": str(period.received_on) if period.received_on else None,
        "update": update,
        "excused_reason": period.excused_reason,
        "requested_on": sorted({str(request.on) for request in public_requests}),
        "contacted_on": sorted(
            {str(request.on) for request in public_requests if not request.is_reminder}
        ),
    }


def update(update: ProgressUpdate, *, newly_public: ProgressUpdate | None = None) -> dict[str, Any]:
    """Return the public item of an update; the value of its period follows from the update before.

    `newly_public` is an earlier update that is published by the same action.
    """
    measure = update.commitment.measure
    backing = _get_backing(update)
    return {
        "commitment": update.commitment.key,
        "period": update.period.key,
        "from": str(update.period.starts_on),
        "to": str(update.period.ends_on),
        "reported_on": str(clock.local_date(cast(datetime, update.submitted_at))),
        "sent_on_behalf_by": update.sent_on_behalf_by,
        "period_value": _decimal_text(_period_value(update, newly_public)),
        "cumulative_value": _decimal_text(update.value),
        "percentage_of": _decimal_text(update.percentage_of),
        "unit": measure.unit if measure and update.value is not None else None,
        "not_measured_reason": update.not_measured_reason,
        "self_assessment": delivery_of(update),
        "narrative": update.narrative,
        "obstacles": update.obstacles,
        "lessons": update.lessons,
        "nothing_changed": update.nothing_changed,
        "is_final": update.is_final or None,
        "level_of_proof": _level_of_proof(update, backing, newly_public),
        "check": _check_content(backing.check) if backing.check else None,
        "confirmations": [
            _confirmation_content(confirmation) for confirmation in backing.confirmations
        ],
        "disputed": backing.is_disputed or None,
        "evidence": [_evidence_content(link) for link in backing.evidence],
    }


def success(success: Success) -> dict[str, Any]:
    """Return the public item of a success."""
    evidence = success.evidence.order_by("pk")
    return {
        "signatory": success.signatory.key,
        "commitments": sorted(success.commitments.values_list("key", flat=True)),
        "title": success.title,
        "story": success.story,
        "happened_from": str(success.happened_from),
        "happened_to": str(success.happened_to) if success.happened_to else None,
        "area_codes": success.area_codes,
        "people_consent": success.people_consent,
        "level_of_proof": (
            LevelOfProof.EVIDENCE_PROVIDED if evidence else LevelOfProof.SELF_REPORTED
        ),
        "evidence": [_evidence_content(link) for link in evidence],
    }


def letter(letter: Letter) -> dict[str, Any]:
    """Return the public item of a letter to a silent signatory."""
    commitment = letter.period.commitment
    return {
        "charter": commitment.signatory.charter.key,
        "type": NoticeType.LETTER,
        "about": commitment.key,
        "title": f"No update since {format_day(letter.period.due_on)}",
        "text": letter.text,
        "answer": letter.answer,
        "dated_on": str(clock.local_date(letter.written_at)),
    }


def reply(reply: Reply) -> dict[str, Any]:
    """Return the public item of a signatory's reply, dated on the day it was sent."""
    return {
        "charter": reply.signatory.charter.key,
        "type": NoticeType.REPLY,
        "about": reply.commitment.key if reply.period else reply.signatory.key,
        "period": reply.period.key if reply.period else None,
        "title": reply_title(reply.sentence),
        "text": reply.text,
        "dated_on": str(clock.local_date(reply.submitted_at or clock.now())),
    }


def featured_record(featured: FeaturedRecord) -> dict[str, Any]:
    """Return the public item of a featured record.

    It repeats nothing from the record, so a redaction there does not have to be repeated here.
    """
    return {
        "charter": featured.record.signatory.charter.key,
        "type": NoticeType.FEATURED,
        "about": featured.record.key,
        "title": NoticeType.label_of(NoticeType.FEATURED),
        "text": featured.why,
        "dated_on": str(clock.local_date(featured.chosen_at)),
    }


@dataclass(frozen=True)
class Backing:
    """Public backing of an update: evidence, the council's check, beneficiaries' answers."""

    evidence: list[Evidence]
    check: Check | None
    confirmations: list[Confirmation]

    @property
    def is_disputed(self) -> bool:
        unconfirmed = self.check is not None and self.check.result == CheckResult.COULD_NOT_CONFIRM
        return unconfirmed or any(
            confirmation.answer == ConfirmationAnswer.NO for confirmation in self.confirmations
        )


def _get_backing(update: ProgressUpdate) -> Backing:
    confirmations = Confirmation.objects.filter(update=update).exclude(answered_at=None)
    return Backing(
        evidence=list(update.evidence.order_by("pk")),
        check=Check.objects.filter(update=update).exclude(published_at=None).first(),
        confirmations=list(confirmations.order_by("answered_at")),
    )


def _level_of_proof(
    update: ProgressUpdate, backing: Backing, newly_public: ProgressUpdate | None = None
) -> str:
    """Return the level of proof of an update.

    An update that reported no change has the level of the update before.
    """
    answers = {confirmation.answer for confirmation in backing.confirmations}
    if ConfirmationAnswer.YES in answers and ConfirmationAnswer.NO not in answers:
        return LevelOfProof.CONFIRMED_BY_BENEFICIARY
    if backing.check and backing.check.result == CheckResult.CONFIRMED:
        return LevelOfProof.CHECKED_BY_COUNCIL
    if backing.evidence:
        return LevelOfProof.EVIDENCE_PROVIDED
    if update.nothing_changed:
        previous = previous_update(update, newly_public)
        return (
            _level_of_proof(previous, _get_backing(previous), newly_public)
            if previous
            else LevelOfProof.SELF_REPORTED
        )
    return LevelOfProof.SELF_REPORTED


def _check_content(check: Check) -> dict[str, Any]:
    """Return the check's public fields, with the reply."""
    return {
        "on": str(clock.local_date(check.made_at)),
        "by_role": check.by_role,
        "result": check.result,
        "finding": check.finding,
        "reply": check.reply,
    }


def _confirmation_content(confirmation: Confirmation) -> dict[str, Any]:
    """Return a beneficiary's answer, with their name only if they consent."""
    return {
        "on": str(clock.local_date(cast(datetime, confirmation.answered_at))),
        "answer": confirmation.answer,
        "body": confirmation.body if confirmation.may_be_named else None,
    }


def previous_update(
    update: ProgressUpdate, newly_public: ProgressUpdate | None = None
) -> ProgressUpdate | None:
    """Return the public update before this one; `newly_public` counts as public."""
    public = Q(status=ReviewStatus.PUBLISHED) | Q(pk=newly_public.pk if newly_public else None)
    return ProgressUpdate.objects.before(update).filter(public).select_related("period").first()


def delivery_of(update: ProgressUpdate) -> str:
    """Return the delivery that an update reports.

    With a number the figure of the final update decides it, not the person who sends it.
    """
    measure = update.commitment.measure
    if measure is None or not update.is_decided_by_figure:
        return update.self_assessment
    progress = measure_progress(
        charter_items.commitment(update.commitment),
        charter_items.measure(measure),
        _decimal_text(update.value),
    )
    return progress.result or update.self_assessment


def _period_value(
    update: ProgressUpdate, newly_public: ProgressUpdate | None = None
) -> Decimal | None:
    """Return the value added by the period, for measures that count since the commitment began."""
    measure = update.commitment.measure
    if update.value is None or not measure or measure.counts != Counts.SINCE_PROMISE:
        return None
    previous = previous_update(update, newly_public)
    while previous and previous.value is None:
        previous = previous_update(previous, newly_public)
    return update.value - (previous.value or 0 if previous else 0)


def _decimal_text(value: Decimal | None) -> str | None:
    return plain_decimal(value) if value is not None else None


def _evidence_content(link: Evidence) -> dict[str, Any]:
    content = {"id": str(link.reference), "type": link.kind, "visibility": link.visibility}
    if link.visibility == EvidenceVisibility.COUNCIL_ONLY:
        return content | {"withheld_reason": link.withheld_reason}
    return content | {
        "title": link.title,
        "description": link.description,
        "url": link.url,
        "file": _file_content(link) if link.file else None,
        "alt_text": link.alt_text,
        "may_be_shown": link.may_be_shown or None,
        "page": link.page,
        "quote": link.quote,
        "dated_on": str(link.dated_on) if link.dated_on else None,
        **_link_check_content(link),
        "author": link.author,
        "assurance": link.assurance,
        "attribution": link.attribution,
        "deadweight": link.deadweight,
    }


def _link_check_content(link: Evidence) -> dict[str, Any]:
    """Return the dates of the weekly link check that readers should know about."""
    check = LinkCheck.objects.filter(evidence=link).first()
    if check is None:
        return {}
    last_worked_on = check.last_worked_on if check.failing_since else None
    dates = {
        "last_worked_on": last_worked_on,
        "failing_since": check.failing_since,
        "changed_on": check.changed_on,
    }
    return {name: str(day) for name, day in dates.items() if day}


def _file_content(link: Evidence) -> dict[str, Any]:
    return {
        "sha256": link.sha256,
        "bytes": link.bytes,
        "media_type": link.media_type,
        "pages": link.pages,
        "width": link.width,
        "height": link.height,
    }
