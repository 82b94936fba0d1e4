"""Wrap text by its width where nobody knows the font: an image on another site has no fonts."""

from collections.abc import Callable

# Widths in em of the widest usual font, DejaVu Sans Bold, rounded up; text in any other is shorter.
NARROW, SLIM = "'ijl /\\|IJ,.’‘·", ":;-f!()[]tr–_"
CAPITAL, WIDE = "ABCDEFGHKLNOPQRSTUVXYZ", "mwMW%@&…#+<=>^~"
NARROW_EM, SLIM_EM, USUAL_EM, CAPITAL_EM, WIDE_EM = 0.38, 0.5, 0.73, 0.86, 1.1

# Whether a text is no wider than its line.
Fits = Callable[[str], bool]


def text_width(text: str, size: float) -> float:
    """Return the width in pixels of a bold text of a font size, or more than that."""
    return sum(map(_character_em, text)) * size


def wrap_text(text: str, fits: Fits, most_lines: int = 99) -> list[str]:
    """Return a text in lines that fit; the last line ends in "…" if it is cut."""
    lines: list[str] = []
    for word in text.split():
        if lines and fits(f"{lines[-1]} {word}"):
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines += _split_word(word, fits)
    if len(lines) > most_lines:
        lines = [*lines[: most_lines - 1], _cut_line(lines[most_lines - 1], fits)]
    return lines


def _split_word(word: str, fits: Fits) -> list[str]:
    """Return a word, in several parts if it is wider than a line."""
    parts = [""]
    for character in word:
        if not fits(parts[-1] + character):
            parts.append("")
        parts[-1] += character
    return parts


def _cut_line(line: str, fits: Fits) -> str:
    while line and not fits(f"{line}…"):
        line = line[:-1]
    return f"{line.rstrip()}…"


def _character_em(character: str) -> float:
    for characters, em in ((NARROW, NARROW_EM), (SLIM, SLIM_EM), (CAPITAL, CAPITAL_EM)):
        if character in characters:
            return em
    is_wide = character in WIDE or not character.isascii() and not character.isalpha()
    return WIDE_EM if is_wide or ord(character) > 0x24F else USUAL_EM
