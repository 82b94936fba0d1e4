"""Sample evidence files, drawn here: a letter, a chart, a picture."""

import io
from collections.abc import Callable
from functools import cache

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

# Kind, title and alternative text by the name in the seed data.
SAMPLE_DETAILS = {
    "letter": ("document", "A letter from the group we worked with", ""),
    "chart": ("dataset", "Monthly figures", "Bar chart of 12 months: the bars rise"),
    "picture": (
        "photograph",
        "A photograph of the finished work",
        "Three trees, drawn in place of a photograph",
    ),
}
GREEN, BROWN, SKY, BLUE, INK = "#4b7a4f", "#7a5a3c", "#dcebf2", "#1f5a7a", "#222222"
LETTER_LINES = [
    "To whom it may concern",
    "",
    "We worked with this organisation in the reporting period.",
    "What its update says about us is true.",
    "This letter is part of a demonstration. Nobody wrote it and nobody signed it.",
]


def sample_upload(name: str) -> SimpleUploadedFile:
    """Return a sample file as a browser uploads it."""
    return SimpleUploadedFile(name, _render_sample(name))


@cache
def _render_sample(name: str) -> bytes:
    return _RENDERERS[name]()


def _letter_pdf() -> bytes:
    image = Image.new("L", (1240, 1754), "white")
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(LETTER_LINES):
        draw.text((120, 200 + number * 48), line, fill=INK, font_size=26)
    output = io.BytesIO()
    image.save(output, "PDF", resolution=150)
    return output.getvalue()


def _chart_png() -> bytes:
    image = Image.new("RGB", (720, 420), "white")
    draw = ImageDraw.Draw(image)
    for month in range(12):
        left, height = 50 + month * 54, 40 + month * 24 - (month % 3) * 14
        draw.rectangle((left, 370 - height, left + 36, 370), fill=BLUE)
    draw.line((40, 372, 700, 372), fill=INK, width=3)
    return _image_bytes(image, "PNG")


def _picture_jpeg() -> bytes:
    image = Image.new("RGB", (960, 600), SKY)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 430, 960, 600), fill="#8fae7a")
    for middle, size in [(220, 110), (480, 150), (740, 95)]:
        draw.rectangle((middle - 14, 430 - size, middle + 14, 460), fill=BROWN)
        draw.ellipse((middle - size, 380 - 2 * size, middle + size, 440 - size // 2), fill=GREEN)
    return _image_bytes(image, "JPEG")


def _image_bytes(image: Image.Image, kind: str) -> bytes:
    output = io.BytesIO()
    image.save(output, kind)
    return output.getvalue()


_RENDERERS: dict[str, Callable[[], bytes]] = {
    "letter": _letter_pdf,
    "chart": _chart_png,
    "picture": _picture_jpeg,
}
