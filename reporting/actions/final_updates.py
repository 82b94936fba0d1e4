"""The final update: what it may report, and how its publication closes the commitment."""

from copy import copy

from charter import acts
from charter import items as charter_items
from charter.errors import IncompleteError, WrongStateError
from charter.models import Commitment
from charter.workflow import ChangeStatus, CommitmentStatus
from registry.log.publishing import NewEntry
from registry.schema.code_lists import Delivery, EndReason
from reporting import items
from reporting.models import ProgressUpdate

NO_FIGURE = "Enter the final figure"
NO_RESULT = "Select whether it was met"


def check_delivery(update: ProgressUpdate) -> None:
    """Complete what an update reports, or raise if it is not its to report.

    Only a final update says whether the commitment was met, and it says nothing else.
    """
    results = Delivery.final_results()
    if not update.is_final:
        if update.self_assessment in results:
            raise WrongStateError("Only the final update says whether a commitment was met.")
        return
    if update.nothing_changed:
        raise WrongStateError("A final update cannot say that nothing has changed.")
    if update.is_decided_by_figure and update.value is None:
        raise IncompleteError({"value": NO_FIGURE})
    update.self_assessment = items.delivery_of(update)
    if update.self_assessment not in results:
        raise IncompleteError({"self_assessment": NO_RESULT})


def closing_entry(update: ProgressUpdate) -> NewEntry:
    """Return the entry that closes the commitment when its final update is published."""
    closed, final = _closed_commitment(update), copy(update)
    final.self_assessment = items.delivery_of(update)
    content = charter_items.commitment(closed) | {
        "change_reason": f"Final update: {final.in_short}."
    }
    return NewEntry("commitment", closed.key, "close", content)


def close_commitment(update: ProgressUpdate) -> None:
    """Close the commitment of a final update that is being published, and drop its open change.

    One that ended in the meantime, because its signatory left, stays as it ended.
    """
    if update.commitment.status != CommitmentStatus.PUBLISHED:
        return
    acts.update(update.commitment.changes.open(), status=ChangeStatus.DROPPED)
    update.commitment = _closed_commitment(update)
    update.commitment.save()
    update.self_assessment = items.delivery_of(update)


def _closed_commitment(update: ProgressUpdate) -> Commitment:
    """Return a copy of the commitment, closed with the result of its final update. Not saved."""
    commitment = copy(update.commitment)
    commitment.status = CommitmentStatus.CLOSED
    is_met = items.delivery_of(update) == Delivery.MET
    commitment.end_reason = EndReason.ACHIEVED if is_met else EndReason.EXPIRED
    return commitment
