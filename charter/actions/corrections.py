"""Correct a commitment downwards as the council: its own error, or checked against a document."""

from typing import Any

from charter import acts, correction_rules, permissions
from charter.actions import changes, second_person
from charter.actions.commitments import lock_commitment
from charter.errors import IncompleteError, WrongStateError
from charter.mail.owners import email_owner
from charter.models import Change, Commitment, Proposal, User
from charter.workflow import ChangeStatus, CommitmentStatus
from registry import clock
from registry.log import publishing
from registry.schema.code_lists import CorrectionGround
from registry.wording import differences
from registry.wording.weakenings import ground_text

NAME = "change.correct_down"
CHANGED_SINCE = (
    "The commitment is no longer as it was when this was proposed. Decline it, and propose it "
    "again."
)
LOWERS_NOTHING = "Nothing here is corrected downwards. The signatory can correct it itself"


def may_correct(user: User, key: str) -> bool:
    """Return True if a person may correct the public commitment of a key downwards."""
    published = Commitment.objects.filter(key=key, status=CommitmentStatus.PUBLISHED)
    commitment = published.select_related("signatory__charter", "signatory__organisation").first()
    return commitment is not None and permissions.can(user, NAME, commitment.signatory)


@acts.act()
def correct_or_propose(
    commitment: Commitment,
    *,
    by: User,
    values: dict[str, Any],
    reason: str,
    ground: str,
    document: str = "",
) -> Change | Proposal:
    """Publish a downward correction, or propose it if it needs a second person."""
    change = changes.propose_correction(commitment, values)
    done: Change | Proposal = second_person.do_or_propose(
        NAME,
        by=by,
        authority=commitment.signatory.charter.authority,
        organisation=commitment.signatory.organisation,
        arguments={
            "commitment": commitment.key,
            "values": change.values,
            "values_before": _values_before(commitment, change),
            "reason": reason,
            "ground": ground,
            "document": document,
        },
    )
    return done


@acts.act()
def publish_correction(change: Change, *, by: User) -> Change:
    """Publish a correction that the council writes itself, and email the signatory."""
    commitment = change.commitment
    signatory = commitment.signatory
    permissions.check(by, NAME, signatory)
    second_person.check(by, NAME, signatory.charter.authority, signatory.organisation)
    change.commitment = commitment = lock_commitment(commitment)
    if commitment.status != CommitmentStatus.PUBLISHED:
        raise WrongStateError("Only a commitment that is public can be changed.")
    if change.ground not in CorrectionGround.of_council():
        raise IncompleteError({"ground": "Select why it is corrected downwards"})
    entry = changes.entry_to_append(change)
    if not correction_rules.downward_fields(entry):
        raise WrongStateError(f"{LOWERS_NOTHING}.")
    change.commitment = changes.with_change_applied(change)
    change.commitment.save()
    change.status = ChangeStatus.PUBLISHED
    change.submitted_at = change.published_at = clock.now()
    change.save()
    email_owner(
        change.commitment,
        template="correction",
        key=f"correction:{change.identity}",
        change=change,
        ground=_ground_text(change.ground, change.document),
    )
    publishing.publish([entry])
    return change


def correction_facts(change: Change) -> second_person.Facts:
    """Return what the public will read of a correction: old and new values, ground and reason."""
    entry = changes.entry_to_append(change)
    return [
        ("Commitment", f"{change.commitment}"),
        ("Signatory", f"{change.commitment.signatory}"),
        *[
            (difference.label, f"{difference.before} → {difference.after}")
            for difference in differences.public_differences([entry])
        ],
        ("Corrected downwards", _ground_text(change.ground, change.document)),
        ("Reason (public)", change.reason),
    ]


def _ground_text(ground: str, document: str) -> str:
    return ground_text({"correction": ground, "document": document})


def _values_before(commitment: Commitment, change: Change) -> dict[str, Any]:
    """Return the published values that a correction replaces, in their stored form."""
    published = {name: getattr(commitment, name) for name in change.values}
    return changes.propose_correction(commitment, published).values


def _proposed_change(proposal: Proposal) -> Change:
    arguments = proposal.arguments
    commitments = Commitment.objects.select_related(
        "signatory__charter__authority", "signatory__organisation", "theme", "measure"
    )
    return Change(
        commitment=commitments.get(key=arguments["commitment"]),
        action=Change.Action.CORRECT,
        values=arguments["values"],
        reason=arguments["reason"],
        ground=arguments["ground"],
        document=arguments["document"],
    )


def _correct_as_proposed(proposal: Proposal, by: User) -> Change:
    change = _proposed_change(proposal)
    commitment = lock_commitment(change.commitment)
    if _values_before(commitment, change) != proposal.arguments["values_before"]:
        raise WrongStateError(CHANGED_SINCE)
    return publish_correction(change, by=by)


second_person.register(
    NAME,
    second_person.TwoPersonAct(
        "Correct a commitment downwards",
        _correct_as_proposed,
        lambda proposal: correction_facts(_proposed_change(proposal)),
    ),
)
