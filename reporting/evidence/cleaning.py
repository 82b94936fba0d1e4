"""Reads a file that a stranger gave and writes it anew, without what it hides.

It runs as a process of its own (`python -m reporting.evidence.cleaning`) with bounded memory and
time, so that a file which swells when it is read ends that process and nothing else.
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

from reporting.evidence.pictures import END, strip_jpeg, strip_jpeg_2000
from reporting.evidence.rules import MAX_BYTES, CleanFile, RefusedFileError

MAX_PIXELS = 25_000_000
MAX_PAGES = 2_000
# Of the process: a picture of MAX_PIXELS turned round needs about 400 MB.
MEMORY_BYTES = 900 * 1024 * 1024
CPU_SECONDS = 15

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
# What a PDF file may not do when it is opened, clicked or printed.
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
# Pictures as they lie in a document: the last step of unpacking each names its kind.
IMAGE_STRIPPERS = {"/DCTDecode": strip_jpeg, "/JPXDecode": strip_jpeg_2000}
# A picture that stands between the words of a page, from its beginning to where its points begin.
INLINE_IMAGE = re.compile(rb"(?<![!-~])BI[\0\s/%][\0\s!-~]*?ID[\0\s]")
# What tells who made a document, with what, when and for whom.
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
# Of a note that somebody put on a page: by whom, when, its number. A field's /T is its name.
ANNOTATION_KEYS = ("/T", "/M", "/NM")
UNUSUAL_COMPRESSION = (
    "A picture in the document is packed in an unusual way. Print it to a new PDF file "
    "and give that one."
)


def clean_file(content: bytes) -> CleanFile:
    """Return the file without what it hides; its content alone decides what it is."""
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
            warnings.simplefilter("ignore")  # such as a broken EXIF, which is thrown away
            opened = Image.open(io.BytesIO(content), formats=["JPEG", "PNG"])
            if opened.width * opened.height > MAX_PIXELS:
                raise RefusedFileError("The picture has over 25 million pixels. Make it smaller.")
            media_type = JPEG if opened.format == "JPEG" else PNG
            opened.load()
            rotated = ImageOps.exif_transpose(opened)
    except RefusedFileError:
        raise
    # Pillow raises errors of many kinds for what is broken, and says which nowhere.
    except Exception as error:
        raise RefusedFileError("The picture is damaged: it cannot be read.") from error
    transparent = media_type == PNG and rotated.has_transparency_data
    picture = rotated.convert("RGBA" if transparent else "RGB")
    picture.info = {}  # comments, profiles and the place where it was taken
    output = io.BytesIO()
    if media_type == JPEG:
        picture.save(output, "JPEG", quality=88)
    else:
        picture.save(output, "PNG")
    return CleanFile(output.getvalue(), media_type)


def _clean_pdf(content: bytes) -> CleanFile:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            document = pikepdf.open(io.BytesIO(content))
            pages = len(document.pages)
    except pikepdf.PasswordError as error:
        raise RefusedFileError("The document is locked with a password.") from error
    except (pikepdf.PdfError, ValueError, RuntimeError) as error:
        raise RefusedFileError("The document is damaged: it cannot be read.") from error
    with document:
        if not 1 <= pages <= MAX_PAGES:
            raise RefusedFileError("The document has no pages, or more than 2,000.")
        try:
            for page in document.pages:
                page.contents_coalesce()  # a picture may begin in one part and end in another
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
    """Yield the dictionaries inside one object of a document; other objects have their turn."""
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
    hidden = names.intersection(HIDDEN_KEYS)
    if "/Rect" in names and "/Widget" not in declared_types:
        hidden |= names.intersection(ANNOTATION_KEYS)
    value = part.get("/V")
    if isinstance(value, pikepdf.Dictionary) and "/ByteRange" in value:
        hidden.add("/V")  # who signed, which no longer holds for a document written anew
    for name in hidden:
        del part[name]


def _clean_picture(stream: pikepdf.Stream) -> None:
    """Take out of a photograph on a page where, when and with what it was taken."""
    packed = stream.get("/Filter", pikepdf.Array())
    filters = [str(name) for name in (packed if isinstance(packed, pikepdf.Array) else [packed])]
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
    bare = IMAGE_STRIPPERS[filters[-1]](content)
    stream.write(bare, filter=pikepdf.Name(filters[-1]), decode_parms=parameters)


def _clean_inline_pictures(stream: pikepdf.Stream) -> None:
    """Do the same for photographs that stand between the words of a page, form, stamp or letter.

    Each stays as long as it was, so that nothing around it moves.
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
    unpacking = zlib.decompressobj()
    content = unpacking.decompress(content, MAX_BYTES)
    if unpacking.unconsumed_tail:
        raise RefusedFileError("A picture in the document is larger than 10 MB.")
    return content


def main() -> int:
    """Read a file from standard input; write a line of JSON, then the clean file."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    if sys.platform == "linux":  # others do not keep this limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    try:
        result = clean_file(sys.stdin.buffer.read(MAX_BYTES + 1))
    except RefusedFileError as error:
        print(json.dumps({"refused": str(error)}))
        return 0
    head = json.dumps({"media_type": result.media_type, "pages": result.pages}).encode()
    sys.stdout.buffer.write(head + b"\n" + result.content)
    return 0


if __name__ == "__main__":
    sys.exit(main())
