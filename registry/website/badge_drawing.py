"""Lay out a badge: each text in lines that fit into its frame, whatever font draws it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from registry.website.badges import Badge
from registry.website.text_widths import wrap_text
from registry.wording.formatting import format_day, join_dots

WIDTH, MARGIN = 360, 20
REGULAR, REGULAR_WIDTH = 400, 0.93  # The weight, and how wide it is next to bold at most.


@dataclass(frozen=True)
class TextStyle:
    """How a text is drawn; `colour` is "" for that of the status."""

    size: int
    leading: int
    colour: str
    weight: int = REGULAR
    indent: int = 0
    most_lines: int = 99

    def place(self, text: str, y: int) -> list["Line"]:
        """Return the lines of a text below a position."""
        room = WIDTH - 2 * (MARGIN + self.indent)
        size = self.size if self.weight > REGULAR else self.size * REGULAR_WIDTH
        lines = wrap_text(text, room, size, self.most_lines)
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
    """The lines of a badge, the strip below its status, and the height of all."""

    lines: list[Line]
    strip_y: int
    strip_height: int
    height: int


PALE, DARK = "#4a5754", "#1b2422"
ABOVE = TextStyle(13, 18, PALE, most_lines=2)
TITLE = TextStyle(16, 20, DARK, weight=600, most_lines=3)
STATUS = TextStyle(14, 18, "", weight=600, indent=8)
NOTE = TextStyle(12, 16, PALE)


def draw_badge(badge: Badge, today: date) -> BadgeDrawing:
    """Return the drawing of a badge on a day."""
    above = ABOVE.place(badge.above, 8)
    title = TITLE.place(badge.title, _bottom(above) + 2)
    strip_y = _bottom(title) + 10
    status = STATUS.place(badge.status, strip_y + 1)
    strip_height = _bottom(status) + 8 - strip_y
    foot = join_dots([format_day(today), badge.key])
    notes = list(_stack([*badge.notes, foot], strip_y + strip_height + 4))
    return BadgeDrawing(
        lines=[*above, *title, *status, *notes],
        strip_y=strip_y,
        strip_height=strip_height,
        height=_bottom(notes) + 12,
    )


def _stack(texts: Iterable[str], y: int) -> Iterable[Line]:
    for text in texts:
        lines = NOTE.place(text, y)
        yield from lines
        y = _bottom(lines) + 2


def _bottom(lines: list[Line]) -> int:
    return lines[-1].y
