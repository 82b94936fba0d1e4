"""Sample evidence files, drawn by code: letters, charts and drawings in place of photographs."""

import io
from collections.abc import Callable
from functools import cache

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from reporting.demonstration import drawings

# What is seen on them.
PHOTOGRAPHS = {
    "trees": "Drawing of three trees with round crowns on grass",
    "benches": "Drawing of three wooden benches before a red building",
    "garden": "Drawing of four beds with green plants and red flowers",
    "minibus": "Drawing of a minibus with four windows on a road",
    "table": "Drawing of four mugs on a long wooden table",
}
# Kind, title and alternative text by the name in the seed data.
SAMPLE_DETAILS = {
    "letter": ("document", "A letter from the group we worked with", ""),
    "chart": ("dataset", "Monthly figures", "Bar chart of 12 months: the bars rise"),
    **{
        name: ("photograph", "Photograph (a drawing in this demonstration)", alt)
        for name, alt in PHOTOGRAPHS.items()
    },
}
BLUE, INK = "#1f5a7a", "#222222"
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
    return _RENDERERS[name]() if name in _RENDERERS else drawings.draw_jpeg(name)


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


def _image_bytes(image: Image.Image, kind: str) -> bytes:
    output = io.BytesIO()
    image.save(output, kind)
    return output.getvalue()


_RENDERERS: dict[str, Callable[[], bytes]] = {
    "letter": _letter_pdf,
    "chart": _chart_png,
}
