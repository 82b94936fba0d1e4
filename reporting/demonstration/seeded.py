"""What has been seeded: signatories and commitments, with the script that is still to come."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from charter.models import Commitment, Signatory, User
from reporting.demonstration.script import CommitmentSeed, SignatorySeed, UpdateSeed


@dataclass
class SeededSignatory:
    """A seeded signatory with its owner and the sender of its updates."""

    seed: SignatorySeed
    signatory: Signatory
    owner: User
    sender: User
    sends_updates: bool = True
    successor: "SeededSignatory | None" = None  # Continues its commitments.


@dataclass
class SeededCommitment:
    """A seeded commitment with its database row and its remaining updates."""

    seed: CommitmentSeed
    commitment: Commitment
    seeded_signatory: SeededSignatory
    remaining_updates: Iterator[UpdateSeed]
    open: bool = True

    @property
    def name(self) -> str:
        return f"{self.seeded_signatory.seed.name}: {self.seed.title}"

    @property
    def sends_updates_now(self) -> bool:
        return self.open and self.seeded_signatory.sends_updates

    @property
    def sender(self) -> User:
        return (self.seeded_signatory.successor or self.seeded_signatory).sender

    @property
    def late(self) -> timedelta:
        late = self.seed.late
        return timedelta(self.seeded_signatory.seed.late if late is None else late)

    def reload(self) -> Commitment:
        """Return the current row: it may have changed, or moved to a successor."""
        rows = Commitment.objects.select_related(
            "signatory__charter", "signatory__organisation", "theme", "measure"
        )
        return rows.get(pk=self.commitment.pk)
