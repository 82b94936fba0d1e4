"""Lay out a badge: each text in lines that fit into its frame, whatever font draws it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from registry.website.badges import Badge
from registry.website.text_widths import text_width, wrap_text
from registry.wording.formatting import format_day, join_dots

WIDTH, MARGIN = 360, 20
REGULAR, REGULAR_WIDTH = 400, 0.93  # The weight, and how wide it is next to bold at most.


@dataclass(frozen=True)
class TextStyle:
    """How a text is drawn; `name` is its class in the drawing, "" for that of the status."""

    size: int
    leading: int
    name: str
    weight: int = REGULAR
    indent: int = 0
    most_lines: int = 99

    def place(self, text: str, y: int) -> list["Line"]:
        """Return the lines of a text below a position."""
        room = WIDTH - 2 * (MARGIN + self.indent)
        size = self.size if self.weight > REGULAR else self.size * REGULAR_WIDTH
        lines = wrap_text(text, lambda line: text_width(line, size) <= room, self.most_lines)
        return [
            Line(line, MARGIN + self.indent, y + self.leading * number, self)
            for number, line in enumerate(lines, start=1)
        ]


@dataclass(frozen=True)
class Line:
    """A line of text, at its baseline."""

    text: str
    x: int
    y: int
    style: TextStyle


@dataclass(frozen=True)
class BadgeDrawing:
    """The lines of a badge, its bar, the strip below its status, and the height of all."""

    lines: list[Line]
    bar_y: int
    strip_y: int
    strip_height: int
    height: int


ABOVE = TextStyle(13, 18, "pale", most_lines=2)
TITLE = TextStyle(16, 20, "title", weight=600, most_lines=3)
STATUS = TextStyle(14, 18, "", weight=600, indent=8)
NOTE = TextStyle(12, 16, "pale")
WEAKENED = TextStyle(12, 16, "warn", weight=600)
BAR_HEIGHT = 24


def draw_badge(badge: Badge, today: date) -> BadgeDrawing:
    """Return the drawing of a badge on a day."""
    above = ABOVE.place(badge.above, 8)
    title = TITLE.place(badge.title, _bottom(above) + 2)
    bar_y = _bottom(title) + 8
    strip_y = bar_y + (BAR_HEIGHT if badge.bar else 2)
    status = STATUS.place(badge.status, strip_y + 1)
    strip_height = _bottom(status) + 8 - strip_y
    foot = join_dots([format_day(today), badge.key])
    styles = [(text, WEAKENED if text == badge.weakened else NOTE) for text in badge.notes]
    notes = list(_stack([*styles, (foot, NOTE)], strip_y + strip_height + 4))
    return BadgeDrawing(
        lines=[*above, *title, *status, *notes],
        bar_y=bar_y,
        strip_y=strip_y,
        strip_height=strip_height,
        height=_bottom(notes) + 12,
    )


def _stack(texts: Iterable[tuple[str, TextStyle]], y: int) -> Iterable[Line]:
    for text, style in texts:
        lines = style.place(text, y)
        yield from lines
        y = _bottom(lines) + 2


def _bottom(lines: list[Line]) -> int:
    return lines[-1].y
