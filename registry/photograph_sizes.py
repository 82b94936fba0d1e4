"""The sizes in which a photograph that may be shown is kept beside its file."""

from typing import Any

# By name, with the most pixels in width. JPEG is for old browsers.
FALLBACK = "medium.jpg"
SIZES = {"small.webp": 480, "medium.webp": 960, "large.webp": 1600, FALLBACK: 960}
MEDIA_TYPES = {"webp": "image/webp", "jpg": "image/jpeg"}


def size_names(name: str) -> dict[str, str]:
    """Return the storage names of all sizes that a stored photograph may have, by size."""
    return {size: f"{name}.{size}" for size in SIZES}


def sizes_of(width: int) -> list[str]:
    """Return the sizes of a photograph of a width in pixels: none is enlarged or kept twice."""
    return [
        size
        for size, most in SIZES.items()
        if size == FALLBACK
        or width > max((less for less in SIZES.values() if less < most), default=0)
    ]


def shown_sizes(piece: dict[str, Any]) -> list[str]:
    """Return the sizes of public evidence; none if it is no photograph that may be shown."""
    width = (piece.get("file") or {}).get("width")
    return sizes_of(width) if width and piece.get("may_be_shown") else []


def media_type_of(size: str) -> str:
    return MEDIA_TYPES[size.rpartition(".")[2]]
