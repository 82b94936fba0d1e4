"""The evidence of updates and successes as their forms ask for it: one piece at a time."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from registry import clock
from registry.schema.code_lists import EvidenceType, EvidenceVisibility
from reporting.demonstration import samples
from reporting.demonstration.script import SignatorySeed, UpdateSeed

FormFields = dict[str, Any]


def evidence_of_update(signatory_seed: SignatorySeed, seed: UpdateSeed) -> list[FormFields]:
    """Return the fields of each piece of evidence of an update."""
    return list(_iter_evidence(signatory_seed.address, seed))


def own_page(address: str, page: str) -> FormFields:
    """Return the fields of a page of the signatory's website."""
    name = page.replace("-", " ").capitalize()
    return {
        "evidence_kind": EvidenceType.WEB_PAGE,
        "evidence_title": f"{name} (our website)",
        "evidence_url": f"{address}/{page}",
        "evidence_on": clock.today() - timedelta(days=9),
    }


def sample_file(name: str) -> FormFields:
    """Return the fields of a sample file."""
    kind, title, alt_text = samples.SAMPLE_DETAILS[name]
    return {
        "evidence_kind": kind,
        "evidence_title": title,
        "evidence_alt_text": alt_text,
        "evidence_file": samples.sample_upload(name),
        "evidence_may_be_shown": kind == EvidenceType.PHOTOGRAPH,
    }


def _iter_evidence(address: str, seed: UpdateSeed) -> Iterator[FormFields]:
    if seed.link:
        yield own_page(address, seed.link)
    if seed.hidden:
        yield {
            "evidence_kind": EvidenceType.DOCUMENT,
            "evidence_title": "The source of this figure",
            "evidence_url": f"{address}/for-the-council",
            "evidence_visibility": EvidenceVisibility.COUNCIL_ONLY,
            "evidence_withheld_reason": seed.hidden,
        }
    if seed.evaluation:
        yield {
            "evidence_kind": EvidenceType.EVALUATION,
            "evidence_title": "An independent evaluation of this figure",
            "evidence_url": f"{address}/evaluation",
            "evidence_author": seed.evaluation,
            "evidence_attribution": 75,
            "evidence_deadweight": 25,
            "evidence_page": "4",
            "evidence_quote": "Most of this would not have happened without the programme.",
        }
    if seed.file:
        yield sample_file(seed.file)
