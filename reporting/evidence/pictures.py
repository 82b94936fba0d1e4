"""Takes out of a picture inside a document what it hides, without touching what it shows.

Cameras write the place, the time and their own number into the picture itself.
"""

from collections.abc import Iterator

START, END, SCAN = b"\xff\xd8", b"\xff\xd9", 0xDA
# Of a JPEG's own notes these say how its colours are to be read: JFIF and Adobe.
KEPT_SEGMENTS = (0xE0, 0xEE)
METADATA_SEGMENTS = (*range(0xE0, 0xF0), 0xFE)
# Boxes of a JPEG 2000 picture that hold anything at all.
HIDDEN_BOXES = (b"uuid", b"xml ", b"uinf")


def strip_jpeg(content: bytes) -> bytes:
    """Return a JPEG without notes, and without what follows its end; raise ValueError if broken."""
    if not content.startswith(START):
        raise ValueError("not a JPEG")
    return START + b"".join(_visible_segments(content)) + END


def strip_jpeg_2000(content: bytes) -> bytes:
    """Return a JPEG 2000 picture without the boxes that hide things; ValueError if broken."""
    if content.startswith(b"\xff\x4f\xff\x51"):
        return content  # the bare picture, which has no boxes
    visible_boxes, at = [], 0
    while at < len(content):
        length, kind = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        if length == 1:
            length = int.from_bytes(content[at + 8 : at + 16])
        end = at + length if length else len(content)
        if len(kind) < 4 or not at + 8 <= end <= len(content):
            raise ValueError("not a JPEG 2000 picture")
        if kind not in HIDDEN_BOXES:
            visible_boxes.append(content[at:end])
        at = end
    return b"".join(visible_boxes)


def _visible_segments(content: bytes) -> Iterator[bytes]:
    """Yield the parts of a JPEG up to its end: each begins with 0xFF and what it is."""
    at = len(START)
    while at + 4 <= len(content):
        kind = content[at + 1]
        if content[at] != 0xFF:
            raise ValueError("broken")
        if kind == 0xFF:  # filling
            at += 1
            continue
        if kind == END[1]:
            return
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4])
        if kind == SCAN:
            end = _end_of_scan(content, end)
        if kind not in METADATA_SEGMENTS or kind in KEPT_SEGMENTS:
            yield content[at:end]
        at = end


def _end_of_scan(content: bytes, at: int) -> int:
    """Return where the picture's own bytes end: at 0xFF with anything but 0, a restart, a fill.

    Many a scanner forgets the end.
    """
    while (at := content.find(b"\xff", at)) != -1 and at + 1 < len(content):
        if content[at + 1] not in (0x00, 0xFF, *range(0xD0, 0xD8)):
            return at
        at += 1
    return len(content)
