"""Draw a picture for sharing: 1200 by 630 pixels, in our own fonts, as PNG."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import resvg_py
from django.template.loader import render_to_string
from PIL import Image, ImageFont

from registry.website.sharing_cards import Sentence, SharingCard
from registry.website.text_widths import Fits, wrap_text

WIDTH, HEIGHT, MARGIN = 1200, 630, 70
ROOM = WIDTH - 2 * MARGIN
FONTS = Path(__file__).parent / "fonts"
SERIF, REGULAR, BOLD = "source-serif-4-400.ttf", "source-sans-3-400.ttf", "source-sans-3-700.ttf"
# Sizes from which the first is taken in which all fits, with the lines that a title may have.
TITLE_SIZES = ((60, 2), (50, 2), (42, 3))
SENTENCE_SIZES = (30, 27, 24, 21, 18)
FIGURE_SIZES = (112, 96, 80, 64, 52, 40)
ABOUT_SIZE, TITLE_TOP, BOTTOM = 28, 104, 602
BAR_SPACE = 62
FIGURE_GAP = 30
COLOURS = 64


@dataclass(frozen=True)
class Line:
    """A line of text, at its baseline."""

    text: str
    y: float
    size: float
    style: str  # A class of the drawing.


@dataclass(frozen=True)
class CardDrawing:
    """The lines of a picture, and where its bar is."""

    lines: list[Line]
    bar_y: float


def draw_card(card: SharingCard) -> CardDrawing:
    """Return the drawing of a picture: title at the top, sentences at the foot."""
    title = _title_lines(card)
    about = _about_line(card.about, title[-1].y + 52)
    top = (about or title)[-1].y + FIGURE_GAP
    sentences: list[Line] = []
    for size in SENTENCE_SIZES:
        sentences = _sentence_lines(card.sentences, size)
        foot = min((line.y - line.size for line in sentences), default=BOTTOM)
        bar_y = foot - BAR_SPACE if card.bar else foot - FIGURE_GAP
        if bar_y - top >= FIGURE_SIZES[-1] + FIGURE_GAP:
            break
    # Where there is no room for it, the sentences say it.
    figure = _figure_lines(card.figure, bar_y, bar_y - top - FIGURE_GAP)
    return CardDrawing([*title, *about, *figure, *sentences], bar_y)


def card_svg(card: SharingCard) -> str:
    context = {"card": card, "drawing": draw_card(card), "width": ROOM}
    return render_to_string("website/card.svg", context)


def card_png(card: SharingCard) -> bytes:
    """Return the picture as a PNG file of a few colours, which halves it."""
    drawn = resvg_py.svg_to_bytes(
        svg_string=card_svg(card),
        skip_system_fonts=True,
        font_files=[str(FONTS / name) for name in (SERIF, REGULAR, BOLD)],
    )
    output = io.BytesIO()
    picture = Image.open(io.BytesIO(drawn)).convert("RGB")
    picture.quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
        output, "PNG"
    )
    return output.getvalue()


def _title_lines(card: SharingCard) -> list[Line]:
    font = SERIF if card.is_quoted else BOLD
    for size, most_lines in TITLE_SIZES:
        texts = wrap_text(card.title, _fits(font, size))
        if len(texts) <= most_lines:
            break
    texts = wrap_text(card.title, _fits(font, size), most_lines)
    style = "quoted" if card.is_quoted else "bold"
    return [
        Line(text, TITLE_TOP + size + number * size * 1.15, size, style)
        for number, text in enumerate(texts)
    ]


def _sentence_lines(sentences: Iterable[Sentence], size: int) -> list[Line]:
    lines = [
        (text, f"{'bold' if sentence.is_bold else 'regular'} {sentence.tone}")
        for sentence in sentences
        for text in wrap_text(sentence.text, _fits(BOLD if sentence.is_bold else REGULAR, size))
    ]
    leading = size * 1.28
    return [
        Line(text, BOTTOM - leading * (len(lines) - number), size, style)
        for number, (text, style) in enumerate(lines, start=1)
    ]


def _figure_lines(figure: str, bottom: float, space: float) -> list[Line]:
    sizes = [size for size in FIGURE_SIZES if size <= space and _fits(BOLD, size)(figure)]
    return [Line(figure, bottom - 30, size, "bold") for size in sizes[:1]]


def _about_line(text: str, y: float) -> list[Line]:
    texts = wrap_text(text, _fits(REGULAR, ABOUT_SIZE), 1)
    return [Line(text, y, ABOUT_SIZE, "pale") for text in texts]


def _fits(font: str, size: float) -> Fits:
    return lambda text: _font(font).getlength(text) * size / 100 <= ROOM


@lru_cache(maxsize=3)
def _font(name: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / name, 100)
