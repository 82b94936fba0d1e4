"""Build badges and blocks for other sites: commitment, delivery and date in words.

They always show the current state of the record.
"""

from dataclasses import dataclass
from datetime import date
from textwrap import wrap

from registry.log import keys
from registry.models import Record
from registry.schema import code_lists, kinds
from registry.schema.code_lists import Delivery
from registry.schema.codes import Tone
from registry.website import follow_subjects, rows, signatories
from registry.wording.formatting import format_day, join_dots
from registry.wording.headline import build_headline

LINE_LENGTH, MAX_LINES = 44, 2
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

    `delivery` and `reporting` belong to a single commitment and are empty for a group.
    """

    key: str
    path: str
    above: str
    title: str
    status: str
    foot: str
    alt_text: str
    delivery: str = ""
    reporting: str = ""
    figure: str = ""

    @property
    def title_lines(self) -> list[str]:
        """Return the title in as many lines as the image has room for."""
        lines = wrap(self.title, LINE_LENGTH) or [self.title]
        if len(lines) > MAX_LINES:
            lines = [*lines[: MAX_LINES - 1], f"{lines[MAX_LINES - 1][: LINE_LENGTH - 1]}…"]
        return lines

    @property
    def colours(self) -> tuple[str, str]:
        return COLOURS[Delivery.from_code(self.delivery).tone if self.delivery else Tone.PLAIN]


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
    figure = f"{headline.figure} (disputed)" if headline.disputed else headline.figure
    reported_on = headline.reported_on
    return Badge(
        key=key,
        path=f"/id/{key}",
        above=f"{signatory} promised",
        title=headline.title,
        status=join_dots([code_lists.Delivery.label_of(headline.delivery), figure]),
        foot=join_dots(
            [
                f"reported on {format_day(reported_on)}" if reported_on else None,
                f"reporting {code_lists.Reporting.label_of(headline.reporting).lower()}",
                "weakened" if headline.weakened else None,
            ]
        ),
        alt_text=f"{signatory} promised: {headline.title}. {headline.sentence} "
        f"As at {format_day(today)}.",
        delivery=headline.delivery,
        reporting=headline.reporting,
        figure=figure,
    )


def _group_badge(about: str, today: date) -> Badge | None:
    """Return the badge for all commitments of a signatory, theme or place."""
    subject = follow_subjects.find_subject(about)
    if subject is None or subject.records is None or subject.is_head:
        return None
    kind = keys.kind_of(about) if keys.is_key(about) else "place"
    # A record without a name has its key as title: its text was removed.
    if kind != "place" and subject.title == about:
        return _removed_badge(about, today)
    commitments = list(subject.records.of_kind("commitment").readable().with_reporting(today))
    sentence = signatories.signatory_sentence(commitments)
    above = ABOVE_TITLE.get(kind, ABOVE_OTHERS)
    return Badge(
        key=about,
        path=subject.path,
        above=above,
        title=subject.title,
        status=signatories.delivery_sentence(commitments),
        foot="",
        alt_text=f"{above}: {subject.title}. {sentence} As at {format_day(today)}.",
    )


def _removed_badge(key: str, today: date) -> Badge:
    """Return the badge of a record with its text removed."""
    sentence = "The text of this record was removed"
    return Badge(
        key=key,
        path=f"/id/{key}",
        above=ABOVE_OTHERS,
        title=key,
        status=sentence,
        foot="",
        alt_text=f"{key}: {sentence.lower()}. As at {format_day(today)}.",
    )
