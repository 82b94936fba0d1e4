"""Make the fonts for pictures from those of the pages; needs fonttools and brotli."""

from pathlib import Path
from tempfile import TemporaryDirectory

from fontTools.merge import Merger
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

REGISTRY = Path(__file__).parents[1]
SOURCE = REGISTRY / "static/register/fonts"
TARGET = REGISTRY / "website/fonts"
ONLY_VARIABLE = ("STAT", "MVAR", "HVAR", "avar")
NAMES_OF_FAMILIES = (16, 17, 21, 22, 25)
FONTS = (
    ("source-sans-3", "Source Sans 3", "wght", 400),
    ("source-sans-3", "Source Sans 3", "wght", 700),
    ("source-serif-4", "Source Serif 4", "400", 400),
)


def read_part(path: Path, weight: int) -> TTFont:
    font = TTFont(path)
    if "fvar" in font:
        font = instantiateVariableFont(font, {"wght": weight})
    font.flavor = None
    for table in ONLY_VARIABLE:
        if table in font:
            del font[table]
    return font


def make_font(name: str, family: str, kind: str, weight: int) -> None:
    with TemporaryDirectory() as folder:
        parts = []
        for script in ("latin", "latin-ext"):
            parts.append(Path(folder) / f"{script}.ttf")
            read_part(SOURCE / f"{name}-{script}-{kind}-normal.woff2", weight).save(parts[-1])
        font = Merger().merge([str(part) for part in parts])
    for number in NAMES_OF_FAMILIES:
        font["name"].removeNames(nameID=number)
    style = "Bold" if weight > 400 else "Regular"
    for number, text in ((1, family), (2, style), (4, f"{family} {style}")):
        font["name"].setName(text, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = weight
    font.save(TARGET / f"{name}-{weight}.ttf")


for entry in FONTS:
    make_font(*entry)
