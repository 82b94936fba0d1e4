"""The tables of the registry, one module for each subject."""

from registry.models.changes import StaleCommitment, WideChange
from registry.models.comparisons import ComparedCommitment, ComparisonCount
from registry.models.history import CommitmentHistory, Counted, DayCount
from registry.models.integrity import (
    Ledger,
    LedgerReading,
    SentKey,
    SigningKey,
    Verification,
)
from registry.models.kind_counts import KindCount
from registry.models.links import LinkDay
from registry.models.listed_entries import EntryList, ListedEntry
from registry.models.listed_signatories import ListedSignatory
from registry.models.listed_successes import ListedSuccess
from registry.models.listing import (
    ListedCommitment,
    ListedCommitmentQuerySet,
    TagCount,
    TagSignatory,
    TagSum,
)
from registry.models.log import Entry, Record, RecordQuerySet
from registry.models.operations import Backup, ClockJump
from registry.models.reference_data import Postcode
from registry.models.searched_records import SearchedRecord

__all__ = [
    "Backup",
    "ClockJump",
    "CommitmentHistory",
    "ComparedCommitment",
    "ComparisonCount",
    "Counted",
    "DayCount",
    "Entry",
    "EntryList",
    "KindCount",
    "Ledger",
    "LedgerReading",
    "LinkDay",
    "ListedCommitment",
    "ListedCommitmentQuerySet",
    "ListedEntry",
    "ListedSignatory",
    "ListedSuccess",
    "Postcode",
    "Record",
    "RecordQuerySet",
    "SearchedRecord",
    "SentKey",
    "SigningKey",
    "StaleCommitment",
    "TagCount",
    "TagSignatory",
    "TagSum",
    "Verification",
    "WideChange",
]
