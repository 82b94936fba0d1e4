"""Drawings in place of photographs, each with words that say so."""

import io
from collections.abc import Callable

from PIL import Image, ImageDraw

WIDTH, HEIGHT, GROUND = 960, 600, 430
SKY, GRASS, GREEN, BROWN, BLUE, RED, INK, PALE = (
    "#dcebf2", "#8fae7a", "#4b7a4f", "#7a5a3c", "#1f5a7a", "#a4492f", "#222222", "#f4efe2",
)  # fmt: skip
LABEL = "Demonstration: a drawing in place of a photograph"


def draw_jpeg(name: str) -> bytes:
    """Return a drawing as a JPEG file."""
    image = Image.new("RGB", (WIDTH, HEIGHT), SKY)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, GROUND, WIDTH, HEIGHT), fill=GRASS)
    DRAWINGS[name](draw)
    draw.rectangle((0, HEIGHT - 44, WIDTH, HEIGHT), fill=INK)
    draw.text((20, HEIGHT - 38), LABEL, fill=PALE, font_size=24)
    output = io.BytesIO()
    image.save(output, "JPEG")
    return output.getvalue()


def _trees(draw: ImageDraw.ImageDraw) -> None:
    for middle, size in [(220, 110), (480, 150), (740, 95)]:
        draw.rectangle((middle - 14, GROUND - size, middle + 14, 460), fill=BROWN)
        draw.ellipse((middle - size, 380 - 2 * size, middle + size, 440 - size // 2), fill=GREEN)


def _benches(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((300, 150, 660, GROUND), fill=RED)
    draw.rectangle((440, 270, 520, GROUND), fill=BLUE)
    for left in (60, 390, 720):
        for top in (400, 425, 455):
            draw.rectangle((left, top, left + 180, top + 14), fill=BROWN)
        for leg in (left + 12, left + 154):
            draw.rectangle((leg, 400, leg + 14, 505), fill=INK)


def _garden(draw: ImageDraw.ImageDraw) -> None:
    for row in range(4):
        top = 250 + row * 75
        draw.rectangle((60 - row * 12, top, 900 + row * 12, top + 48), fill=BROWN)
        for column in range(9):
            middle = 110 + column * 92
            draw.ellipse((middle - 26, top - 24, middle + 26, top + 26), fill=GREEN)
            if (row + column) % 3 == 0:
                draw.ellipse((middle - 10, top - 12, middle + 10, top + 8), fill=RED)


def _minibus(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((0, 450, WIDTH, 530), fill="#777777")
    draw.rounded_rectangle((220, 220, 760, 460), 40, fill=PALE, outline=BLUE, width=8)
    for left in range(260, 700, 125):
        draw.rounded_rectangle((left, 260, left + 95, 340), 12, fill=BLUE)
    for middle in (340, 640):
        draw.ellipse((middle - 48, 412, middle + 48, 508), fill=INK)
        draw.ellipse((middle - 20, 440, middle + 20, 480), fill=PALE)


def _table(draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((0, 0, WIDTH, HEIGHT), fill=PALE)
    draw.rectangle((120, 330, 840, 362), fill=BROWN)
    for leg in (160, 780):
        draw.rectangle((leg, 362, leg + 22, 540), fill=BROWN)
    for middle, colour in [(250, RED), (400, BLUE), (560, GREEN), (710, RED)]:
        draw.rounded_rectangle((middle - 34, 262, middle + 34, 330), 10, fill=colour)
        draw.arc((middle + 20, 276, middle + 58, 316), 270, 90, fill=colour, width=8)


DRAWINGS: dict[str, Callable[[ImageDraw.ImageDraw], None]] = {
    "trees": _trees,
    "benches": _benches,
    "garden": _garden,
    "minibus": _minibus,
    "table": _table,
}
