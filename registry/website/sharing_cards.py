"""The pictures that stand for pages where someone shares them: what each of them says.

A commitment's has its whole headline, as its badge does: the same facts in the same order.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from registry.log import keys
from registry.models import Record
from registry.open_data.figures import Figures, kept_figures
from registry.reference_data import places
from registry.schema import kinds
from registry.schema.codes import Tone
from registry.website import signatories
from registry.website.charts.bars import CommitmentBar, commitment_bar
from registry.website.commitment_totals import delivery_summary, register_summary
from registry.website.rows import record_names
from registry.website.success_cards import success_cards
from registry.wording.formatting import count_noun, format_day, quote
from registry.wording.headline import Headline, build_headline

# The pages that have a picture of their own, by the names of their addresses.
PAGES = {
    "home": "What businesses promised and delivered",
    "commitments": "All commitments",
    "signatories": "Who has signed",
    "themes": "Themes",
    "measures": "Measures",
    "places": "Places",
    "statistics": "Statistics",
    "successes": "Successes",
    "changes": "What has changed",
    "data": "Open data",
}


@dataclass(frozen=True)
class Sentence:
    """A text below the figure; `tone` is that of its words, PLAIN for most."""

    text: str
    tone: Tone = Tone.PLAIN
    is_bold: bool = False


@dataclass(frozen=True)
class SharingCard:
    """What a picture says from top to bottom. `is_recent` is False if the ground is grey."""

    label: str
    title: str
    is_quoted: bool
    about: str
    figure: str
    sentences: list[Sentence]
    is_recent: bool = True
    bar: CommitmentBar | None = None

    @property
    def alt_text(self) -> str:
        texts = [self.title, self.about, self.figure, *(part.text for part in self.sentences)]
        return ". ".join(filter(None, texts))


def find_card(about: str, today: date) -> SharingCard | None:
    """Return the picture of a page, record or place, or None for an unknown one.

    At most nine queries.
    """
    if about in PAGES:
        return _group_card("", PAGES[about], kept_figures("", today), today)
    if place := places.get_place(about):
        figures = kept_figures(f"area:{about}", today)
        return _group_card(places.LEVELS[place.level], place.name, figures, today)
    if not keys.is_key(about):
        return None
    kind = keys.kind_of(about)
    record = Record.objects.of_kind(kind).with_reporting(today).filter(pk=about).first()
    if record is None or kind not in CARDS:
        return None
    if record.item is None:
        text = Sentence("The text of this record was removed")
        return SharingCard("", about, False, "", "", [text], is_recent=False)
    return CARDS[kind](record, today)


def _commitment_card(record: Record, today: date) -> SharingCard:
    item = kinds.parse_item("commitment", record.item or {})
    names = record_names([record.signatory, record.theme])
    headline = build_headline(record, item, names.get(record.signatory or "", ""), today)
    deadline = headline.target.partition(" by ")[2]
    return SharingCard(
        label=names.get(record.theme or "", ""),
        title=quote(headline.title),
        is_quoted=True,
        about=f"{headline.signatory}, by {deadline}" if deadline else headline.signatory,
        figure=headline.figure,
        sentences=list(_headline_sentences(headline)),
        is_recent=headline.is_recent,
        bar=commitment_bar(record, item, headline, today),
    )


def _headline_sentences(headline: Headline) -> Iterator[Sentence]:
    """Yield all of a headline: what is missing, how it is going, what was promised first."""
    for warning in headline.warnings:
        yield Sentence(warning, Tone.BAD, is_bold=True)
    yield Sentence(headline.status, headline.tone, is_bold=True)
    for note in filter(None, [headline.title_now, *headline.notes]):
        is_weakened = note == headline.weakened
        yield Sentence(note, Tone.WARN if is_weakened else Tone.PLAIN, is_bold=is_weakened)


def _signatory_card(record: Record, today: date) -> SharingCard:
    item = kinds.parse_item("signatory", record.item or {})
    readable = Record.objects.of_kind("commitment").readable().with_reporting(today)
    commitments = list(readable.filter(signatory=record.key))
    note = signatories.standing_block(item).note
    return SharingCard(
        label="Signatory",
        title=record.name or record.key,
        is_quoted=False,
        about=record_names([record.charter]).get(record.charter or "", ""),
        figure=count_noun(len(commitments), "commitment"),
        sentences=[
            *([Sentence(note, Tone.BAD, is_bold=True)] if note else []),
            *(Sentence(text, is_bold=True) for text in signatories.reporting_notes(commitments)),
            Sentence(signatories.delivery_sentence(commitments)),
        ],
    )


def _success_card(record: Record, today: date) -> SharingCard:
    [card] = success_cards([record], today)
    return SharingCard(
        label="Featured success" if card.featured else "Success",
        title=quote(card.title),
        is_quoted=True,
        about=", ".join(filter(None, [card.signatory, format_day(card.happened_from), card.place])),
        figure="",
        sentences=[
            Sentence(f"{quote(outcome.title)} {outcome.sentence}") for outcome in card.outcomes
        ],
    )


def _theme_card(record: Record, today: date) -> SharingCard:
    figures = kept_figures(f"theme:{record.key}", today)
    return _group_card("Theme", record.name or "", figures, today)


def _measure_card(record: Record, today: date) -> SharingCard:
    theme = record_names([record.theme]).get(record.theme or "", "")
    figures = kept_figures(f"measure:{record.key}", today)
    return _group_card(theme or "Measure", record.name or "", figures, today)


def _group_card(label: str, title: str, figures: Figures, today: date) -> SharingCard:
    summary = delivery_summary(figures, today) if label else register_summary(figures)
    return SharingCard(
        label=label,
        title=title,
        is_quoted=False,
        about="",
        figure=count_noun(figures.total, "commitment"),
        sentences=[Sentence(summary)],
    )


CARDS: dict[str, Callable[[Record, date], SharingCard]] = {
    "commitment": _commitment_card,
    "signatory": _signatory_card,
    "success": _success_card,
    "theme": _theme_card,
    "measure": _measure_card,
}
