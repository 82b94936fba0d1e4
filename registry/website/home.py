"""Build the home page: totals, latest successes and changes, and late commitments."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, F, Q
from django.urls import reverse

from registry.models import Record, RecordQuerySet
from registry.schema import code_lists
from registry.website import changes, notices, rows
from registry.website.success_cards import SuccessCard, success_card
from registry.wording import sentences
from registry.wording.formatting import count_noun, format_day, join_list


def home_context(today: date) -> dict[str, Any]:
    """Return the context of the home page. The number of queries is fixed."""
    commitments = Record.objects.of_kind("commitment").readable().with_reporting(today)
    late_commitments = list(
        commitments.filter(Q(reporting__in=code_lists.Reporting.late_states())).order_by(
            F("open_due_on").asc(nulls_last=True), "key"
        )[:5]
    )
    names = rows.record_names(
        [key for commitment in late_commitments for key in (commitment.signatory, commitment.theme)]
    )
    charter = Record.objects.of_kind("charter").live().order_by("-first_entry").first()
    return {
        "charter": charter.name if charter else "",
        "rule": sentences.reporting_rule(charter.item) if charter and charter.item else "",
        "totals": totals_sentences(today),
        "successes": _newest_successes(),
        "featured": notices.featured_records()[:2],
        "changes": changes.describe_entries(list(changes.notable_entries()[:5])),
        "quiet": [rows.commitment_row(commitment, names, today) for commitment in late_commitments],
        "quiet_address": f"{reverse('website:commitments')}?"
        + urlencode({"reporting": code_lists.Reporting.late_states()}, doseq=True),
    }


def totals_sentences(today: date) -> list[str]:
    """Return two sentences on the register's totals, the second dated. Three queries."""
    commitments = Record.objects.of_kind("commitment").readable().with_reporting(today)
    total = commitments.count()
    if not total:
        return ["No commitment has been published yet."]
    signatories = Record.objects.of_kind("signatory").live().count()
    total_sentence = (
        f"{count_noun(total, 'commitment')} "
        f"by {count_noun(signatories, 'signatory', 'signatories')}."
    )
    return [total_sentence, open_reporting_sentence(commitments, today)]


def open_reporting_sentence(commitments: RecordQuerySet, today: date) -> str:
    """Return a sentence on the reporting of open commitments, annotated with `reporting`.

    One query.
    """
    counts = commitments.aggregate(
        **{
            state: Count("key", filter=Q(status=Record.Status.LIVE, reporting=state))
            for state in code_lists.Reporting.values
        }
    )
    total = sum(counts.values())
    if not total:
        return "None of them is still running."
    parts = [
        f"{counts[state]:,} {state.label.lower()}"
        for state in code_lists.Reporting
        if counts[state]
    ]
    return (
        f"{total:,} of them {'is' if total == 1 else 'are'} still running: "
        f"{join_list(parts)} in reporting on {format_day(today)}."
    )


def _newest_successes() -> list[SuccessCard]:
    """Return the three newest successes. Two queries."""
    newest = Record.objects.of_kind("success").live().order_by("-first_entry")[:3]
    records = list(newest)
    names = rows.record_names(row.signatory for row in records)
    return [success_card(row, names) for row in records]
