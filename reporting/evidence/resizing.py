"""Make the sizes in which pages show a photograph, without anything but its pixels."""

import io

from PIL import Image

from registry import photograph_sizes


def sized_pictures(picture: Image.Image) -> dict[str, bytes]:
    """Return a picture in each of its sizes, by name."""
    return {
        size: _encode(_shrink(picture, photograph_sizes.SIZES[size]), size.rpartition(".")[2])
        for size in photograph_sizes.sizes_of(picture.width)
    }


def _shrink(picture: Image.Image, most_width: int) -> Image.Image:
    shrunk = picture.copy()
    shrunk.thumbnail((most_width, picture.height))
    return shrunk


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
