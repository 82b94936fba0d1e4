"""Remove hidden data from pictures inside a document without changing the visible image.

Cameras write the place, the time and their own number into the picture.
"""

from collections.abc import Iterator

START, END, SCAN = b"\xff\xd8", b"\xff\xd9", 0xDA
# JFIF and Adobe segments define the colours of a JPEG, so they stay.
COLOUR_SEGMENTS = (0xE0, 0xEE)
METADATA_SEGMENTS = (*range(0xE0, 0xF0), 0xFE)
# Boxes of a JPEG 2000 picture with arbitrary content.
HIDDEN_BOXES = (b"uuid", b"xml ", b"uinf")


def strip_jpeg(content: bytes) -> bytes:
    """Return a JPEG without metadata or trailing data.

    Raise ValueError if it is broken.
    """
    if not content.startswith(START):
        raise ValueError("not a JPEG")
    return START + b"".join(_visible_segments(content)) + END


def strip_jpeg_2000(content: bytes) -> bytes:
    """Return a JPEG 2000 picture without metadata boxes.

    Raise ValueError if it is broken.
    """
    if content.startswith(b"\xff\x4f\xff\x51"):
        return content  # The bare picture, which has no boxes.
    visible_boxes, position = [], 0
    while position < len(content):
        length, kind = (
            int.from_bytes(content[position : position + 4]),
            content[position + 4 : position + 8],
        )
        if length == 1:
            length = int.from_bytes(content[position + 8 : position + 16])
        end = position + length if length else len(content)
        if len(kind) < 4 or not position + 8 <= end <= len(content):
            raise ValueError("not a JPEG 2000 picture")
        if kind not in HIDDEN_BOXES:
            visible_boxes.append(content[position:end])
        position = end
    return b"".join(visible_boxes)


def _visible_segments(content: bytes) -> Iterator[bytes]:
    """Yield the JPEG segments up to its end; each starts with 0xFF and its kind."""
    position = len(START)
    while position + 4 <= len(content):
        kind = content[position + 1]
        if content[position] != 0xFF:
            raise ValueError("broken")
        if kind == 0xFF:  # A fill byte.
            position += 1
            continue
        if kind == END[1]:
            return
        end = position + 2 + int.from_bytes(content[position + 2 : position + 4])
        if kind == SCAN:
            end = _end_of_scan(content, end)
        if kind not in METADATA_SEGMENTS or kind in COLOUR_SEGMENTS:
            yield content[position:end]
        position = end


def _end_of_scan(content: bytes, position: int) -> int:
    """Return the end of the image data: 0xFF with anything but 0, a restart or a fill byte.

    Many scanners leave out the end marker.
    """
    while (position := content.find(b"\xff", position)) != -1 and position + 1 < len(content):
        if content[position + 1] not in (0x00, 0xFF, *range(0xD0, 0xD8)):
            return position
        position += 1
    return len(content)
