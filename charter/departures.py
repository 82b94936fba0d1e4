"""What ends with a signatory's membership: the public entries, and what its pages will then say.

The objects are changed in memory only: the action saves them, a preview forgets them.
"""

from copy import copy
from dataclasses import dataclass
from datetime import date

from charter import items
from charter.models import Commitment, Signatory
from charter.models.commitments import CommitmentQuerySet
from charter.workflow import CommitmentStatus
from registry import clock
from registry.log import publishing
from registry.schema.code_lists import EndReason
from registry.website import commitment as commitment_page
from registry.website.commitment_page import CommitmentPage


@dataclass(frozen=True)
class Departure:
    """How a signatory leaves the charter; with `goes_on` the successor keeps its commitments."""

    standing: str
    reason: str
    on: date
    successor: Signatory | None = None
    goes_on: bool = False


@dataclass(frozen=True)
class Outlook:
    """What the page of a commitment will say once the membership has ended."""

    key: str
    title: str
    status: str  # "On track: 14 of 16 people, reported on 6 October 2026, self-reported"
    sentence: str
    ends_unanswered: bool


def ending_commitments(signatory: Signatory) -> CommitmentQuerySet:
    """Return the open commitments, which end or pass to a successor with a membership."""
    return signatory.commitments.open().select_related("theme", "measure").order_by("pk")


def set_standing(
    signatory: Signatory, standing: str, reason: str, *, plan: str = "", since: date | None = None
) -> None:
    """Set a signatory's charter status with its public words, from today or another day."""
    signatory.standing, signatory.standing_since = standing, since or clock.today()
    signatory.standing_reason, signatory.standing_plan = reason, plan


def end_membership(signatory: Signatory, departure: Departure) -> None:
    set_standing(signatory, departure.standing, departure.reason, since=departure.on)
    signatory.left_on, signatory.successor = departure.on, departure.successor


def end_commitment(commitment: Commitment, departure: Departure) -> publishing.NewEntry:
    """Close a commitment, or give it to the successor; return its entry."""
    if departure.goes_on and departure.successor:
        commitment.signatory, commitment.update_owner = departure.successor, None
        action = "amend"
    else:
        commitment.status, commitment.end_reason = CommitmentStatus.CLOSED, EndReason.LEFT_CHARTER
        action = "close"
    content = items.commitment(commitment) | {"change_reason": departure.reason}
    return publishing.NewEntry("commitment", commitment.key, action, content)


def standing_entry(signatory: Signatory) -> publishing.NewEntry:
    """Return the entry of a signatory's new charter status."""
    content = items.signatory(signatory) | {"change_reason": signatory.standing_reason}
    return publishing.NewEntry("signatory", signatory.key, "amend", content)


def outlook(signatory: Signatory, departure: Departure) -> list[Outlook]:
    """Return what the page of each open commitment would say if the membership ended now."""
    leaving = copy(signatory)
    end_membership(leaving, departure)
    left = standing_entry(leaving)
    return [
        _build_outlook(commitment, departure, left) for commitment in ending_commitments(signatory)
    ]


def _build_outlook(
    commitment: Commitment, departure: Departure, left: publishing.NewEntry
) -> Outlook:
    entries = [left, end_commitment(commitment, departure)]
    page = commitment_page.preview_page(entries, key=commitment.key, today=clock.today())
    return Outlook(
        key=commitment.key,
        title=page.title,
        status=page.headline.status,
        sentence=_page_sentence(page),
        ends_unanswered=page.headline.ended_unanswered,
    )


def _page_sentence(page: CommitmentPage) -> str:
    if page.ending:
        return page.ending.sentence
    return f"A commitment of {page.signatory}. {page.reporting.sentence}"
