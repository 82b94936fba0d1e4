"""Build badges and blocks for other sites: commitment, delivery and date in words.

They always show the current state of the record.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from registry.log import keys
from registry.models import Record
from registry.open_data.figures import kept_figures
from registry.schema import kinds
from registry.schema.code_lists import Reporting
from registry.schema.codes import Tone
from registry.website import follow_subjects, rows, signatories
from registry.website.charts.bars import CommitmentBar, commitment_bar
from registry.wording.formatting import format_day
from registry.wording.headline import Headline, build_headline
from registry.wording.standings import unanswered_note

ABOVE_TITLE = {"theme": "Promised under", "place": "Promised for"}
ABOVE_OTHERS = "In the Charter Register"
# The tag by which the log counts the commitments of each group that may be large.
KEPT_TAGS = {"theme": "theme", "place": "area"}


@dataclass(frozen=True)
class Badge:
    """The texts of a badge from top to bottom, and its link.

    `headline` and `bar` belong to a single commitment; there is none for a group.
    """

    key: str
    path: str
    above: str
    title: str
    status: str
    notes: list[str]
    alt_text: str
    headline: Headline | None = None
    bar: CommitmentBar | None = None

    @property
    def weakened(self) -> str:
        """Return which of the notes says that a commitment was weakened, or ""."""
        return self.headline.weakened if self.headline else ""

    @property
    def tone(self) -> Tone:
        """Return the tone of the status, which begins with what is missing."""
        if self.headline is None:
            return Tone.PLAIN
        return Tone.BAD if self.headline.is_late else self.headline.tone

    @property
    def is_recent(self) -> bool:
        """Return False if nothing recent is known of a commitment: the ground is grey then."""
        return self.headline is None or self.headline.is_recent


def find_badge(about: str, today: date) -> Badge | None:
    """Return the badge of a commitment, signatory, theme or place, or None for an unknown one.

    Three queries.
    """
    if keys.is_key(about) and keys.kind_of(about) == "commitment":
        return _commitment_badge(about, today)
    # Neither a filtered list nor the whole register has a badge.
    if about.startswith("?") or not about:
        return None
    return _group_badge(about, today)


def _commitment_badge(key: str, today: date) -> Badge | None:
    record = Record.objects.of_kind("commitment").with_reporting(today).filter(pk=key).first()
    if record is None:
        return None
    if record.item is None:
        return _removed_badge(key, today)
    signatory = rows.record_names([record.signatory]).get(record.signatory, "")
    item = kinds.parse_item("commitment", record.item)
    headline = build_headline(record, item, signatory, today)
    return Badge(
        key=record.key,
        path=f"/id/{record.key}",
        above=f"{signatory} promised",
        title=headline.title,
        status=". ".join([*headline.warnings, headline.status]),
        notes=list(filter(None, [headline.title_now, *headline.notes])),
        alt_text=f"{signatory} promised: {headline.title}. {headline.sentence} "
        f"As at {format_day(today)}.",
        headline=headline,
        bar=commitment_bar(record, item, headline, today),
    )


def _group_badge(about: str, today: date) -> Badge | None:
    """Return the badge for all commitments of a signatory, theme or place."""
    subject = follow_subjects.find_subject(about)
    if subject is None or subject.commitments is None or subject.is_head:
        return None
    kind = keys.kind_of(about) if keys.is_key(about) else "place"
    # A record without a name has its key as title: its text was removed.
    if kind != "place" and subject.title == about:
        return _removed_badge(about, today)
    above = ABOVE_TITLE.get(kind, ABOVE_OTHERS)
    if kind == "signatory":
        commitments = list(subject.commitments.readable().with_reporting(today))
        status = signatories.delivery_sentence(commitments)
        notes = [_signatory_note(about), *signatories.reporting_notes(commitments)]
    else:
        status, *notes = _kept_sentences(f"{KEPT_TAGS[kind]}:{about}", today)
    notes = list(filter(None, notes))
    return Badge(
        key=about,
        path=subject.path,
        above=above,
        title=subject.title,
        status=status,
        notes=notes,
        alt_text=f"{above}: {subject.title}. {'. '.join([status, *notes])}. "
        f"As at {format_day(today)}.",
    )


def _kept_sentences(given: str, today: date) -> list[str]:
    """Return delivery, reporting and unanswered ends of all commitments with a tag, each or "".

    Three queries: the log keeps the counts.
    """
    figures = kept_figures(given, today)
    deliveries, states, unanswered = (
        Counter(figures.values_of(name)) for name in ("counted_as", "reporting", "unanswered")
    )
    del states[Reporting.CLOSED]
    return [
        signatories.counted_sentence(deliveries) + (", as last reported" if deliveries else ""),
        signatories.reporting_sentence(states),
        unanswered_note(Counter({int(year): number for year, number in unanswered.items()})),
    ]


def _signatory_note(key: str) -> str:
    """Return that a signatory is suspended or has left, or "". One query."""
    item = Record.objects.get(pk=key).item
    return signatories.standing_block(kinds.parse_item("signatory", item)).note if item else ""


def _removed_badge(key: str, today: date) -> Badge:
    """Return the badge of a record with its text removed."""
    sentence = "The text of this record was removed"
    return Badge(
        key=key,
        path=f"/id/{key}",
        above=ABOVE_OTHERS,
        title=key,
        status=sentence,
        notes=[],
        alt_text=f"{key}: {sentence.lower()}. As at {format_day(today)}.",
    )
