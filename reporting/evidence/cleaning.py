"""Rewrite an uploaded file without its hidden content.

Runs as a separate process (`python -m reporting.evidence.cleaning`) with bounded memory and time,
so that a file that expands when it is read ends only that process.
"""

import io
import json
import re
import resource
import sys
import warnings
import zlib
from collections.abc import Iterator
from typing import Any

import pikepdf
from PIL import Image, ImageOps

from reporting.evidence.packing import pack_file
from reporting.evidence.pictures import END, strip_jpeg, strip_jpeg_2000
from reporting.evidence.resizing import sized_pictures
from reporting.evidence.rules import MAX_BYTES, CleanFile, RefusedFileError

MAX_PIXELS = 25_000_000
MAX_PAGES = 2_000
# Limits of the process: rotating a picture of MAX_PIXELS needs about 400 MB.
MEMORY_BYTES = 900 * 1024 * 1024
CPU_SECONDS = 15

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
# Actions on opening, clicking or printing a PDF, which are rejected.
REFUSED_ACTIONS = {
    "/JavaScript",
    "/Launch",
    "/ImportData",
    "/SubmitForm",
    "/GoToE",
    "/GoToR",
    "/Rendition",
    "/RichMediaExecute",
}
REFUSED_KEYS = {"/JS", "/JavaScript", "/EF", "/EmbeddedFiles", "/XFA", "/RichMediaContent"}
REFUSED_TYPES = {"/EmbeddedFile", "/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen"}
# Pictures in a document: the last filter of each stream names its kind.
IMAGE_STRIPPERS = {"/DCTDecode": strip_jpeg, "/JPXDecode": strip_jpeg_2000}
# An inline picture in a content stream, from its start to the start of its data.
INLINE_IMAGE = re.compile(rb"(?<![!-~])BI[\0\s/%][\0\s!-~]*?ID[\0\s]")
# Keys with the author, software, dates and recipients of a document.
HIDDEN_KEYS = (
    "/Metadata",
    "/PieceInfo",
    "/LastModified",
    "/Thumb",
    "/Author",
    "/Creator",
    "/Producer",
    "/CreationDate",
    "/ModDate",
    "/User",
    "/SpiderInfo",
    "/Perms",
    "/DSS",
)
# Author, date and number of an annotation. A form field's /T is its name, so it stays.
ANNOTATION_KEYS = ("/T", "/M", "/NM")
UNUSUAL_COMPRESSION = (
    "A picture in the document is packed in an unusual way. Print it to a new PDF file "
    "and give that one."
)


def clean_file(content: bytes) -> CleanFile:
    """Return the file without hidden content.

    Its content alone determines its type.
    """
    if len(content) > MAX_BYTES:
        raise RefusedFileError("The file is larger than 10 MB.")
    if content.startswith(b"%PDF-"):
        return _clean_pdf(content)
    if content.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return _clean_image(content)
    raise RefusedFileError("Give a PDF, JPEG or PNG file. This is none of them.")


def _clean_image(content: bytes) -> CleanFile:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Such as a broken EXIF, which is dropped.
            opened = Image.open(io.BytesIO(content), formats=["JPEG", "PNG"])
            if opened.width * opened.height > MAX_PIXELS:
                raise RefusedFileError("The picture has over 25 million pixels. Make it smaller.")
            media_type = JPEG if opened.format == "JPEG" else PNG
            opened.load()
            rotated = ImageOps.exif_transpose(opened)
    except RefusedFileError:
        raise
    # Pillow raises undocumented errors of many kinds for broken files.
    except Exception as error:
        raise RefusedFileError(
            "We cannot open this image. Save it again and upload it again."
        ) from error
    transparent = media_type == PNG and rotated.has_transparency_data
    picture = rotated.convert("RGBA" if transparent else "RGB")
    picture.info = {}  # Comments, profiles and the place where it was taken.
    output = io.BytesIO()
    if media_type == JPEG:
        picture.save(output, "JPEG", quality=88)
    else:
        picture.save(output, "PNG")
    return CleanFile(
        output.getvalue(),
        media_type,
        width=picture.width,
        height=picture.height,
        sizes=sized_pictures(picture),
    )


def _clean_pdf(content: bytes) -> CleanFile:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            document = pikepdf.open(io.BytesIO(content))
            pages = len(document.pages)
    except pikepdf.PasswordError as error:
        raise RefusedFileError(
            "The file is password protected. Remove the password and upload it again."
        ) from error
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise RefusedFileError("The document is damaged: it cannot be read.") from error
    with document:
        if not 1 <= pages <= MAX_PAGES:
            raise RefusedFileError("The document has no pages, or more than 2,000.")
        try:
            for page in document.pages:
                page.contents_coalesce()  # A picture may start in one part and end in another.
            for pdf_object in document.objects:
                for part in _nested_dictionaries(pdf_object):
                    _clean_dictionary(part)
                if isinstance(pdf_object, pikepdf.Stream):
                    _clean_picture(pdf_object)
                    _clean_inline_pictures(pdf_object)
            for name in {"/Info", "/ID"}.intersection(document.trailer.keys()):
                del document.trailer[name]
            output = io.BytesIO()
            document.save(output, encryption=False)
        except RefusedFileError:
            raise
        except (pikepdf.PdfError, ValueError, RuntimeError, zlib.error) as error:
            raise RefusedFileError("The document is damaged: it cannot be read.") from error
    return CleanFile(output.getvalue(), PDF, pages)


def _nested_dictionaries(pdf_object: Any) -> Iterator[pikepdf.Object]:
    """Yield the dictionaries inside one object, without those of other objects."""
    pending = [pdf_object]
    while pending:
        part = pending.pop()
        if isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
            yield part
            pending += [value for _, value in part.items() if _is_direct(value)]
        elif isinstance(part, pikepdf.Array):
            pending += [value for value in part if _is_direct(value)]


def _is_direct(value: Any) -> bool:
    holds_more = isinstance(value, pikepdf.Dictionary | pikepdf.Array)
    return holds_more and not value.is_indirect


def _clean_dictionary(part: Any) -> None:
    names = set(part.keys())
    declared_types = {str(part[name]) for name in ("/S", "/Type", "/Subtype") if name in names}
    if names & REFUSED_KEYS or declared_types & (REFUSED_ACTIONS | REFUSED_TYPES):
        raise RefusedFileError(
            "The document holds a script, an attached file or an action that starts something. "
            "Print it to a new PDF file and give that one."
        )
    hidden_keys = names.intersection(HIDDEN_KEYS)
    if "/Rect" in names and "/Widget" not in declared_types:
        hidden_keys |= names.intersection(ANNOTATION_KEYS)
    value = part.get("/V")
    if isinstance(value, pikepdf.Dictionary) and "/ByteRange" in value:
        hidden_keys.add("/V")  # A signature, which is not valid for a rewritten document.
    for name in hidden_keys:
        del part[name]


def _clean_picture(stream: pikepdf.Stream) -> None:
    """Remove place, time and camera from a photograph on a page."""
    filter_names = stream.get("/Filter", pikepdf.Array())
    filters = [
        str(name)
        for name in (filter_names if isinstance(filter_names, pikepdf.Array) else [filter_names])
    ]
    if not filters or filters[-1] not in IMAGE_STRIPPERS:
        return
    content = stream.read_raw_bytes()
    if filters[:-1] == ["/FlateDecode"]:
        content = _inflate_stream(content)
    elif filters[:-1]:
        raise RefusedFileError(UNUSUAL_COMPRESSION)
    parameters: Any = stream.get("/DecodeParms")
    if isinstance(parameters, pikepdf.Array):
        parameters = parameters[-1]
    stripped = IMAGE_STRIPPERS[filters[-1]](content)
    stream.write(stripped, filter=pikepdf.Name(filters[-1]), decode_parms=parameters)


def _clean_inline_pictures(stream: pikepdf.Stream) -> None:
    """Remove the same from photographs inside the content stream of a page, form, stamp or letter.

    Each keeps its length, so that nothing around it moves.
    """
    if stream.get("/Subtype") == pikepdf.Name.Image:
        return
    content = stream.read_bytes(pikepdf.StreamDecodeLevel.specialized)
    if b"BI" not in content or not INLINE_IMAGE.search(content):
        return
    cleaned = content
    for step in pikepdf.parse_content_stream(stream, "BI ID EI"):
        if not isinstance(step, pikepdf.ContentStreamInlineImage):
            continue
        filters = step.iimage.filters
        if not set(filters).intersection(IMAGE_STRIPPERS):
            continue
        photograph = step.iimage.read_raw_bytes()
        if filters != ["/DCTDecode"] or not photograph.rstrip().endswith(END):
            raise RefusedFileError(UNUSUAL_COMPRESSION)
        cleaned = cleaned.replace(photograph, strip_jpeg(photograph).ljust(len(photograph), b"\n"))
    if cleaned != content:
        stream.write(cleaned)


def _inflate_stream(content: bytes) -> bytes:
    decompressor = zlib.decompressobj()
    content = decompressor.decompress(content, MAX_BYTES)
    if decompressor.unconsumed_tail:
        raise RefusedFileError("A picture in the document is larger than 10 MB.")
    return content


def main() -> int:
    """Read a file from standard input; write it as `pack_file` does, or a line with the refusal."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    if sys.platform == "linux":  # Other systems do not enforce this limit.
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    try:
        result = clean_file(sys.stdin.buffer.read(MAX_BYTES + 1))
    except RefusedFileError as error:
        print(json.dumps({"refused": str(error)}))
        return 0
    sys.stdout.buffer.write(pack_file(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
