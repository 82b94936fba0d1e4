"""Make the sizes in which pages show a photograph, without anything but its pixels."""

import io

from PIL import Image

from registry.photograph_sizes import SIZES, sizes_of


def sized_pictures(picture: Image.Image) -> dict[str, bytes]:
    """Return a picture in each of its sizes, by name."""
    sizes: dict[str, bytes] = {}
    # The largest first: the next is made of it in a fraction of the time.
    for size in sorted(sizes_of(picture.width), key=SIZES.__getitem__, reverse=True):
        picture = _shrink(picture, SIZES[size])
        sizes[size] = _encode(picture, size.rpartition(".")[2])
    return sizes


def _shrink(picture: Image.Image, width: int) -> Image.Image:
    if picture.width <= width:
        return picture
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), reducing_gap=2)


def _encode(picture: Image.Image, suffix: str) -> bytes:
    output = io.BytesIO()
    if suffix == "webp":
        picture.save(output, "WEBP", quality=80)
    else:
        _on_white(picture).save(output, "JPEG", quality=80, progressive=True)
    return output.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """Return a picture without transparency, which JPEG does not have."""
    if not picture.has_transparency_data:
        return picture
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground
