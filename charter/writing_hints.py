"""Plain suggestions for a draft commitment: beneficiaries, number, date, place, evidence, effect.

They never block saving or submitting.
"""

import re
from datetime import timedelta

from charter.models import Commitment
from registry import clock
from registry.schema.code_lists import PlannedEvidenceType
from registry.schema.measure_codes import Nature

ACTIVITY_NATURES = (Nature.INPUT, Nature.OUTPUT)
FEW_WORDS, LONG_TITLE, FAR_FUTURE = 12, 120, timedelta(days=3 * 365)
BENEFICIARIES = re.compile(
    r"\b(people|persons?|residents|young|adults?|care leavers|veterans|students|pupils|schools?|"
    r"suppliers?|firms|businesses|charit\w+|apprentice\w*|employees|staff|carers|women|men|"
    r"communit\w+|neighbours|families|volunteers|prisoners|offenders|disabled|homeless|parents|"
    r"customers|tenants|graduates|trainees|refugees|children)\b",
    re.IGNORECASE,
)
INTENTIONS = re.compile(
    r"\b(aim|hope|try|strive|endeavour|aspire|seek|look) to\b|\bwhere possible\b", re.IGNORECASE
)


def questions_for(commitment: Commitment) -> list[str]:
    """Return the suggestions that ask something. A restated commitment is as its source has it."""
    if commitment.source:
        return []
    return [hint for hint in hints_for(commitment) if "?" in hint]


def hints_for(commitment: Commitment) -> list[str]:
    """Return suggestions for the writer of a commitment, in the order of the form."""
    text = f"{commitment.title} {commitment.description}"
    hints = []
    if not BENEFICIARIES.search(text):
        hints.append("Who is it for? Readers look for the people who gain from it.")
    if not commitment.takes_a_number and not re.search(r"\d", text):
        hints.append("How many, or how much? A number tells more than “some” or “more”.")
    if intention := INTENTIONS.search(text):
        hints.append(f"“{intention[0]}” is an intention. Say what you will do.")
    if len(commitment.title) > LONG_TITLE:
        hints.append("Your sentence is long. What would you say in one breath?")
    if commitment.end_on is None:
        hints.append("By when? A commitment without a date cannot be kept.")
    elif commitment.end_on > clock.today() + FAR_FUTURE:
        hints.append("It ends in more than three years. A nearer step would show earlier.")
    if not commitment.area_codes:
        hints.append("Where? Name the ward, the constituency or the city where it will be felt.")
    measure = commitment.measure
    if measure and measure.has_starting_point and commitment.baseline_value is None:
        hints.append("Where do you start? Beside today’s figure the target tells more.")
    counts_activity = measure and measure.nature in ACTIVITY_NATURES
    if counts_activity and len(commitment.description.split()) < FEW_WORDS:
        hints.append("The figure counts what you do. Say as well what will change by it.")
    is_vague = commitment.evidence_kind in ("", PlannedEvidenceType.OTHER)
    if is_vague or len(commitment.evidence_text) < 15:
        hints.append("How will it be shown? Name the record that someone could look at.")
    return hints
