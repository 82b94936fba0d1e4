"""What the public may see of periods, updates and stories; registry/schema/kinds.py refuses all
else.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast

from django.conf import settings
from django.db.models import Q
from django.urls import reverse

from charter.models import Measure, Message
from charter.workflow import MessageState
from registry import clock
from registry.schema.fields import plain_decimal
from registry.wording.formatting import format_day
from reporting.models import (
    Check,
    Confirmation,
    Evidence,
    FeaturedRecord,
    Letter,
    LinkCheck,
    ProgressUpdate,
    ReportingPeriod,
    Success,
)
from reporting.workflow import ReviewStatus


def period(period: ReportingPeriod) -> dict[str, Any]:
    """Make the item of a period."""
    [item] = periods([period])
    return item


def periods(periods: Collection[ReportingPeriod]) -> list[dict[str, Any]]:
    """Make the items of periods, each in its place."""
    requests = Message.objects.filter(reminders__period__in=periods, state=MessageState.SENT)
    request_days: dict[int, set[tuple[date, date]]] = defaultdict(set)
    for pk, due_on, handed_over in requests.values_list(
        "reminders__period", "reminders__due_on", "finished_at"
    ):
        if handed_over:
            request_days[pk].add((clock.local_date(handed_over), due_on))
    public = ProgressUpdate.objects.filter(period__in=periods, status=ReviewStatus.PUBLISHED)
    updates = dict(public.values_list("period", "key"))
    return [_period_item(p, request_days[p.pk], updates.get(p.pk)) for p in periods]


def _period_item(
    period: ReportingPeriod, request_days: set[tuple[date, date]], update: str | None
) -> dict[str, Any]:
    """Make the item of a period; `asked` has each day of a request with the due date as it was.

    Its requests are public once one came after the due date, and stay so when that is moved, or
    once the answer came.
    """
    public = period.received_on or any(day > due_on for day, due_on in request_days)
    return {
        "commitment": period.commitment.key,
        "from": str(period.starts_on),
        "to": str(period.ends_on),
        "due_on": str(period.due_on),
        "received_on": str(period.received_on) if period.received_on else None,
        "update": update,
        "excused_reason": period.excused_reason,
        "requested_on": sorted({str(day) for day, _ in request_days}) if public else [],
    }


def update(update: ProgressUpdate, *, coming: ProgressUpdate | None = None) -> dict[str, Any]:
    """Make the item of an update; what the period adds follows from the update before.

    `coming` is an earlier one that becomes public in the same act.
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
        "period_value": _decimal_text(_period_value(update, coming)),
        "cumulative_value": _decimal_text(update.value),
        "percentage_of": _decimal_text(update.percentage_of),
        "unit": measure.unit if measure and update.value is not None else None,
        "not_measured_reason": update.not_measured_reason,
        "self_assessment": update.self_assessment,
        "narrative": update.narrative,
        "obstacles": update.obstacles,
        "lessons": update.lessons,
        "nothing_changed": update.nothing_changed,
        "level_of_proof": _level_of_proof(update, backing, coming),
        "check": _check_content(backing.check) if backing.check else None,
        "confirmations": [
            _confirmation_content(confirmation) for confirmation in backing.confirmations
        ],
        "disputed": backing.is_disputed or None,
        "evidence": [_evidence_content(link) for link in backing.evidence],
    }


def success(success: Success) -> dict[str, Any]:
    """Make the item of a success."""
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
        "level_of_proof": "evidence_provided" if evidence else "self_reported",
        "evidence": [_evidence_content(link) for link in evidence],
    }


def letter(letter: Letter) -> dict[str, Any]:
    """Make the item of a letter to who stays silent."""
    commitment = letter.period.commitment
    return {
        "charter": commitment.signatory.charter.key,
        "type": "letter",
        "about": commitment.key,
        "title": f"No update since {format_day(letter.period.due_on)}",
        "text": letter.text,
        "answer": letter.answer,
        "dated_on": str(clock.local_date(letter.written_at)),
    }


def featured_record(featured: FeaturedRecord) -> dict[str, Any]:
    """Make the item of an example to copy. It repeats nothing of what it is about, so that nothing
    of that has to be taken back twice.
    """
    return {
        "charter": featured.record.signatory.charter.key,
        "type": "featured",
        "about": featured.record.key,
        "title": "An example to copy",
        "text": featured.why,
        "dated_on": str(clock.local_date(featured.chosen_at)),
    }


@dataclass(frozen=True)
class Backing:
    """What backs an update in public: evidence, the council's check, answers of the helped."""

    evidence: list[Evidence]
    check: Check | None
    confirmations: list[Confirmation]

    @property
    def is_disputed(self) -> bool:
        unconfirmed = self.check is not None and self.check.result == "could_not_confirm"
        return unconfirmed or any(
            confirmation.answer == "no" for confirmation in self.confirmations
        )


def _get_backing(update: ProgressUpdate) -> Backing:
    confirmations = Confirmation.objects.filter(update=update).exclude(answered_at=None)
    return Backing(
        evidence=list(update.evidence.order_by("pk")),
        check=Check.objects.filter(update=update).exclude(published_at=None).first(),
        confirmations=list(confirmations.order_by("answered_at")),
    )


def _level_of_proof(
    update: ProgressUpdate, backing: Backing, coming: ProgressUpdate | None = None
) -> str:
    """Compute how far an update is backed; one that was only confirmed keeps its proof."""
    answers = {confirmation.answer for confirmation in backing.confirmations}
    if "yes" in answers and "no" not in answers:
        return "confirmed_by_beneficiary"
    if backing.check and backing.check.result == "confirmed":
        return "checked_by_council"
    if backing.evidence:
        return "evidence_provided"
    if update.nothing_changed:
        before = previous_update(update, coming)
        while before and before.is_help_request:
            before = previous_update(before, coming)
        return _level_of_proof(before, _get_backing(before), coming) if before else "self_reported"
    return "self_reported"


def _check_content(check: Check) -> dict[str, Any]:
    """Return what the council found, beside the reply."""
    return {
        "on": str(clock.local_date(check.made_at)),
        "by_role": check.by_role,
        "result": check.result,
        "finding": check.finding,
        "reply": check.reply,
    }


def _confirmation_content(confirmation: Confirmation) -> dict[str, Any]:
    """Return what a body says that was helped; it is named only with its consent."""
    return {
        "on": str(clock.local_date(cast(datetime, confirmation.answered_at))),
        "answer": confirmation.answer,
        "body": confirmation.body if confirmation.may_be_named else None,
    }


def previous_update(
    update: ProgressUpdate, coming: ProgressUpdate | None = None
) -> ProgressUpdate | None:
    """Return the public update before this one; `coming` counts as public."""
    public = Q(status=ReviewStatus.PUBLISHED) | Q(pk=coming.pk if coming else None)
    before = ProgressUpdate.objects.filter(
        public, period__starts_on__lt=update.period.starts_on, commitment=update.commitment
    )
    return before.select_related("period").order_by("-period__starts_on").first()


def _period_value(update: ProgressUpdate, coming: ProgressUpdate | None = None) -> Decimal | None:
    """Return what the period adds, for measures whose periods are added."""
    measure = update.commitment.measure
    if update.value is None or not measure or measure.aggregation != Measure.Aggregation.SUM:
        return None
    before = previous_update(update, coming)
    while before and before.value is None:
        before = previous_update(before, coming)
    start = before.value if before else update.commitment.baseline_value
    return update.value - (start or 0)


def _decimal_text(value: Decimal | None) -> str | None:
    return plain_decimal(value) if value is not None else None


def _evidence_content(link: Evidence) -> dict[str, Any]:
    content = {"id": str(link.reference), "type": link.kind, "visibility": link.visibility}
    if link.visibility == Evidence.Visibility.COUNCIL_ONLY:
        return content | {"withheld_reason": link.withheld_reason}
    return content | {
        "title": link.title,
        "description": link.description,
        "url": link.url,
        "file": _file_content(link) if link.file else None,
        "alt_text": link.alt_text,
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
    """Return what the weekly look found, where it is not that all is well."""
    check = LinkCheck.objects.filter(evidence=link).first()
    if check is None:
        return {}
    last = check.last_worked_on if check.failing_since else None
    dates = {
        "last_worked_on": last,
        "failing_since": check.failing_since,
        "changed_on": check.changed_on,
    }
    return {name: str(day) for name, day in dates.items() if day}


def _file_content(link: Evidence) -> dict[str, Any]:
    submission = link.update or link.success
    address = reverse(
        "evidence", args=[cast(ProgressUpdate | Success, submission).key, link.reference]
    )
    return {
        "url": f"{settings.PUBLIC_URL}{address}",
        "sha256": link.sha256,
        "bytes": link.bytes,
        "media_type": link.media_type,
        "pages": link.pages,
    }
