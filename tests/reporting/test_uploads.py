"""Only clean PDF, JPEG and PNG uploads are kept, and nothing in them runs."""

import io
import resource
import socketserver
import threading

import pikepdf
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.module_loading import import_string
from PIL import Image

from registry.environment import evidence_storage
from reporting.evidence import files as evidence_files
from reporting.evidence.cleaning import MEMORY_BYTES, clean_file
from reporting.evidence.rules import RefusedFileError
from tests.reporting import uploads


def test_corpus_is_large_enough():
    assert len(uploads.REFUSED) + len(uploads.CLEANED) + len(uploads.NAMES) >= 60
    assert len(uploads.REFUSED) >= 60


@pytest.mark.parametrize("name", uploads.REFUSED)
def test_hostile_file_is_refused_with_a_readable_message(name):
    with pytest.raises(RefusedFileError, match=r"^(The|A|Give|We) .+\.$"):
        clean_file(uploads.REFUSED[name]())


@pytest.mark.parametrize("name", uploads.CLEANED)
def test_hidden_content_is_removed(name):
    original = uploads.CLEANED[name]()
    cleaned = clean_file(original).content
    assert cleaned != original
    for part in (uploads.SECRET, uploads.SCRIPT, b"PK\x03\x04", b"<?php", b"GPS", b"Exif"):
        assert part not in cleaned, part
    if cleaned.startswith(b"%PDF-"):
        document = pikepdf.open(io.BytesIO(cleaned))
        assert "/Info" not in document.trailer
        assert "/Metadata" not in document.Root
        assert uploads.SECRET not in b"".join(bytes(part) for part in document.trailer.ID)
        everything = b"".join(_content(part) for part in document.objects if _is_stream(part))
        for part in (uploads.SECRET, b"Exif"):
            assert part not in everything
    else:
        picture = Image.open(io.BytesIO(cleaned))
        assert not picture.getexif()
        assert not set(picture.info) & {"exif", "comment", "icc_profile", "xmp", "Author"}


def _is_stream(part):
    return isinstance(part, pikepdf.Stream)


def _content(stream):
    is_picture = stream.get("/Subtype") == pikepdf.Name.Image
    return stream.read_raw_bytes() if is_picture else stream.read_bytes()


def test_sideways_photo_is_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # Turned by a quarter.
    cleaned = clean_file(uploads.picture(size=(8, 6), exif=exif))
    assert Image.open(io.BytesIO(cleaned.content)).size == (6, 8)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_png_mode_is_accepted(mode):
    cleaned = clean_file(uploads.picture("PNG", mode=mode))
    assert (cleaned.media_type, cleaned.pages) == ("image/png", None)


def test_cmyk_jpeg_is_accepted():
    assert clean_file(uploads.picture(mode="CMYK")).media_type == "image/jpeg"


def test_document_keeps_its_pages():
    cleaned = clean_file(uploads.pdf(lambda document: document.add_blank_page()))
    assert (cleaned.media_type, cleaned.pages) == ("application/pdf", 2)
    assert len(pikepdf.open(io.BytesIO(cleaned.content)).pages) == 2


@pytest.mark.parametrize("name", [name for name in uploads.CLEANED if name.startswith("gps-")])
def test_photo_in_a_document_keeps_its_pixels(name):
    original = uploads.CLEANED[name]()
    before, after = (
        pikepdf.open(io.BytesIO(content)) for content in (original, clean_file(original).content)
    )
    assert _pixels(before) == _pixels(after) != []


def _pixels(document):
    """Return the pixels of every picture, separate or inline."""
    document.pages[0].contents_coalesce()
    document.save(buffer := io.BytesIO())
    whole = pikepdf.open(buffer)
    return [
        picture.as_pil_image().convert("RGB").tobytes()
        for part in whole.objects
        if _is_stream(part)
        for picture in _pictures(part)
    ]


def _pictures(stream):
    if stream.get("/Subtype") == pikepdf.Name.Image:
        return [pikepdf.PdfImage(stream)]
    steps = pikepdf.parse_content_stream(stream, "BI ID EI")
    return [step.iimage for step in steps]


def test_truncated_photo_is_accepted_but_not_a_false_one():
    cut = uploads.picture()[:-2]
    assert clean_file(uploads.pdf(uploads.photo(cut))).pages == 1
    for kind in ("/DCTDecode", "/JPXDecode"):
        with pytest.raises(RefusedFileError, match="damaged"):
            clean_file(uploads.pdf(uploads.photo(b"no picture at all", kind=kind)))


def test_document_locked_against_printing_is_accepted():
    allowed = pikepdf.Permissions(print_lowres=False, print_highres=False)
    locked = pikepdf.Encryption(user="", owner="b", allow=allowed)
    assert not pikepdf.open(
        io.BytesIO(clean_file(uploads.pdf(encryption=locked)).content)
    ).is_encrypted


@pytest.mark.parametrize("name", uploads.NAMES)
def test_file_never_keeps_its_uploaded_name(name):
    cleaned = evidence_files.evidence_fields(clean_file(uploads.pdf()), "6f1c")["file"]
    assert SimpleUploadedFile(name, b"").name != cleaned.name == "6f1c.pdf"


def test_file_is_cleaned_in_a_separate_process():
    upload = SimpleUploadedFile("letter.pdf", uploads.pdf())
    assert evidence_files.clean_upload(upload).pages == 1
    with pytest.raises(RefusedFileError, match="none of them"):
        evidence_files.clean_upload(SimpleUploadedFile("letter.pdf", uploads.HTML))


class Clamd(socketserver.StreamRequestHandler):
    """A stand-in for clamd that knows one virus and refuses streams above a size."""

    def handle(self):
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(self.rfile.read(4)):
            content += self.rfile.read(size)
        reply = b"stream: OK"
        if uploads.SECRET in content:
            reply = b"stream: Eicar-Test-Signature FOUND"
        elif len(content) > 100_000:
            reply = b"INSTREAM size limit exceeded. ERROR"
        self.wfile.write(reply + b"\0")


def test_councils_virus_scanner_examines_files_first(settings):
    with socketserver.TCPServer(("127.0.0.1", 0), Clamd) as scanner:
        threading.Thread(target=scanner.serve_forever, daemon=True).start()
        settings.CLAMD_ADDRESS = f"127.0.0.1:{scanner.server_address[1]}"
        assert evidence_files.clean_upload(SimpleUploadedFile("a.pdf", uploads.pdf())).pages == 1
        for content, message in [
            (uploads.pdf() + uploads.SECRET, "The virus scanner refuses this file."),
            (uploads.pdf() + bytes(200_000), "could not examine this file"),
        ]:
            with pytest.raises(RefusedFileError, match=message):
                evidence_files.clean_upload(SimpleUploadedFile("a.pdf", content))
        scanner.shutdown()
    with pytest.raises(RefusedFileError, match="cannot be examined now"):
        evidence_files.clean_upload(SimpleUploadedFile("a.pdf", uploads.pdf()))


def test_decompression_bomb_does_not_fill_memory():
    bomb = uploads.pdf(uploads.bomb)
    assert len(bomb) < 1_000_000
    large = uploads.png_of(4_999, 4_999, bytes(3 * 4_999 * 4_999 + 4_999))
    for content in (bomb, large):
        try:
            evidence_files.clean_upload(SimpleUploadedFile("a", content))
        except RefusedFileError:
            pass
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < MEMORY_BYTES / 1024


def test_files_are_stored_in_a_folder_or_a_bucket(tmp_path):
    folder = evidence_storage("", tmp_path)
    assert folder["OPTIONS"]["file_permissions_mode"] == 0o600
    bucket = evidence_storage("s3://key:se%2Fcret@s3.example:9000/evidence", tmp_path)
    storage = import_string(bucket["BACKEND"])(**bucket["OPTIONS"])
    assert (storage.bucket_name, storage.secret_key) == ("evidence", "se/cret")
    assert storage.endpoint_url == "https://s3.example:9000"
    for wrong in ("s3://host", "/a/folder", "https://s3.example/evidence"):
        with pytest.raises(ImproperlyConfigured, match="s3://key:secret@host/bucket"):
            evidence_storage(wrong, tmp_path)
