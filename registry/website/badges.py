"""Build badges and blocks for other sites: commitment, delivery and date in words.

They always show the current state of the record.
"""

from dataclasses import dataclass
from datetime import date

from registry.log import keys
from registry.models import Record
from registry.schema import kinds
from registry.schema.codes import Tone
from registry.website import follow_subjects, rows, signatories
from registry.wording.formatting import format_day
from registry.wording.headline import Headline, build_headline

# The website's tones as colours for an image: text, background.
COLOURS = {
    Tone.GOOD: ("#0f5138", "#dcefe2"),
    Tone.CALM: ("#18475c", "#dcebf0"),
    Tone.WARN: ("#6b4400", "#fbeac4"),
    Tone.BAD: ("#85190f", "#fadfd9"),
    Tone.PLAIN: ("#33403d", "#e9e6db"),
}
ABOVE_TITLE = {"theme": "Promised under", "place": "Promised for"}
ABOVE_OTHERS = "In the Charter Register"


@dataclass(frozen=True)
class Badge:
    """The texts of a badge from top to bottom, and its link.

    `headline` belongs to a single commitment; there is none for a group.
    """

    key: str
    path: str
    above: str
    title: str
    status: str
    notes: list[str]
    alt_text: str
    headline: Headline | None = None

    @property
    def colours(self) -> tuple[str, str]:
        return COLOURS[self.headline.tone if self.headline else Tone.PLAIN]


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
        key=key,
        path=f"/id/{key}",
        above=f"{signatory} promised",
        title=headline.title,
        status=". ".join([*headline.warnings, headline.status]),
        notes=list(filter(None, [headline.title_now, *headline.notes])),
        alt_text=f"{signatory} promised: {headline.title}. {headline.sentence} "
        f"As at {format_day(today)}.",
        headline=headline,
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
    commitments = list(subject.commitments.readable().with_reporting(today))
    above = ABOVE_TITLE.get(kind, ABOVE_OTHERS)
    standing = _signatory_note(about) if kind == "signatory" else ""
    notes = list(filter(None, [standing, *signatories.reporting_notes(commitments)]))
    status = signatories.delivery_sentence(commitments)
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
