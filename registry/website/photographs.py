"""Photographs on public pages: evidence that its sender lets everyone see."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from registry.photograph_sizes import FALLBACK, SIZES, shown_sizes


@dataclass(frozen=True)
class Photograph:
    """A photograph: the address for old browsers with its size in pixels, and all others."""

    src: str
    srcset: str
    width: int
    height: int
    alt: str


def find_photograph(key: str, piece: dict[str, Any]) -> Photograph | None:
    """Return public evidence of a record as a photograph; None if it is not one to be shown."""
    sizes = shown_sizes(piece)
    if not sizes:
        return None
    width, height = piece["file"]["width"], piece["file"]["height"]
    shown_width = min(width, SIZES[FALLBACK])
    modern = [size for size in sizes if size != FALLBACK]
    return Photograph(
        src=_address(key, piece, FALLBACK),
        srcset=", ".join(
            f"{_address(key, piece, size)} {min(width, SIZES[size])}w" for size in modern
        ),
        width=shown_width,
        height=max(1, round(height * shown_width / width)),
        alt=piece.get("alt_text") or "",
    )


def find_photographs(key: str, evidence: Iterable[dict[str, Any]]) -> list[Photograph]:
    """Return all photographs among the public evidence of a record."""
    return list(filter(None, (find_photograph(key, piece) for piece in evidence)))


def _address(key: str, piece: dict[str, Any], size: str) -> str:
    return reverse("website:photograph", args=[key, piece["id"], size])
