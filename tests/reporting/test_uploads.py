"""Of what people upload only clean PDF, JPEG and PNG files are kept, and nothing in them runs."""

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


def test_the_corpus_is_large_enough():
    assert len(uploads.REFUSED) + len(uploads.CLEANED) + len(uploads.NAMES) >= 60
    assert len(uploads.REFUSED) >= 60


@pytest.mark.parametrize("name", uploads.REFUSED)
def test_a_hostile_file_is_refused_with_words_for_people(name):
    with pytest.raises(RefusedFileError, match=r"^(The|A|Give) .+\.$"):
        clean_file(uploads.REFUSED[name]())


@pytest.mark.parametrize("name", uploads.CLEANED)
def test_what_a_file_hides_does_not_come_through(name):
    given = uploads.CLEANED[name]()
    kept = clean_file(given).content
    assert kept != given
    for part in (uploads.SECRET, uploads.SCRIPT, b"PK\x03\x04", b"<?php", b"GPS", b"Exif"):
        assert part not in kept, part
    if kept.startswith(b"%PDF-"):
        document = pikepdf.open(io.BytesIO(kept))
        assert "/Info" not in document.trailer
        assert "/Metadata" not in document.Root
        assert uploads.SECRET not in b"".join(bytes(part) for part in document.trailer.ID)
        everything = b"".join(_content(thing) for thing in document.objects if _is_stream(thing))
        for part in (uploads.SECRET, b"Exif"):
            assert part not in everything
    else:
        picture = Image.open(io.BytesIO(kept))
        assert not picture.getexif()
        assert not set(picture.info) & {"exif", "comment", "icc_profile", "xmp", "Author"}


def _is_stream(thing):
    return isinstance(thing, pikepdf.Stream)


def _content(stream):
    is_picture = stream.get("/Subtype") == pikepdf.Name.Image
    return stream.read_raw_bytes() if is_picture else stream.read_bytes()


def test_a_picture_taken_sideways_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by a quarter
    kept = clean_file(uploads.picture(size=(8, 6), exif=exif))
    assert Image.open(io.BytesIO(kept.content)).size == (6, 8)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_kind_of_png_is_read(mode):
    kept = clean_file(uploads.picture("PNG", mode=mode))
    assert (kept.media_type, kept.pages) == ("image/png", None)


def test_a_print_in_four_colours_is_read():
    assert clean_file(uploads.picture(mode="CMYK")).media_type == "image/jpeg"


def test_a_document_keeps_its_pages():
    kept = clean_file(uploads.pdf(lambda document: document.add_blank_page()))
    assert (kept.media_type, kept.pages) == ("application/pdf", 2)
    assert len(pikepdf.open(io.BytesIO(kept.content)).pages) == 2


@pytest.mark.parametrize("name", [name for name in uploads.CLEANED if name.startswith("gps-")])
def test_a_photograph_in_a_document_shows_what_it_showed(name):
    given = uploads.CLEANED[name]()
    before, after = (
        pikepdf.open(io.BytesIO(content)) for content in (given, clean_file(given).content)
    )
    assert _shown(before) == _shown(after) != []


def _shown(document):
    """Return the points of every picture, whether it stands by itself or between words."""
    document.pages[0].contents_coalesce()
    document.save(written := io.BytesIO())
    whole = pikepdf.open(written)
    return [
        picture.as_pil_image().convert("RGB").tobytes()
        for thing in whole.objects
        if _is_stream(thing)
        for picture in _pictures(thing)
    ]


def _pictures(stream):
    if stream.get("/Subtype") == pikepdf.Name.Image:
        return [pikepdf.PdfImage(stream)]
    steps = pikepdf.parse_content_stream(stream, "BI ID EI")
    return [step.iimage for step in steps]


def test_a_photograph_without_its_end_is_taken_and_one_that_is_none_is_not():
    cut = uploads.picture()[:-2]
    assert clean_file(uploads.pdf(uploads.with_picture(cut))).pages == 1
    for kind in ("/DCTDecode", "/JPXDecode"):
        with pytest.raises(RefusedFileError, match="damaged"):
            clean_file(uploads.pdf(uploads.with_picture(b"no picture at all", kind=kind)))


def test_a_document_that_may_not_be_printed_is_still_read():
    allowed = pikepdf.Permissions(print_lowres=False, print_highres=False)
    locked = pikepdf.Encryption(user="", owner="b", allow=allowed)
    assert not pikepdf.open(
        io.BytesIO(clean_file(uploads.pdf(encryption=locked)).content)
    ).is_encrypted


@pytest.mark.parametrize("name", uploads.NAMES)
def test_a_file_is_never_called_as_its_giver_called_it(name):
    kept = evidence_files.evidence_fields(clean_file(uploads.pdf()), "6f1c")["file"]
    assert SimpleUploadedFile(name, b"").name != kept.name == "6f1c.pdf"


def test_a_file_is_read_in_a_process_of_its_own():
    upload = SimpleUploadedFile("letter.pdf", uploads.pdf())
    assert evidence_files.clean_upload(upload).pages == 1
    with pytest.raises(RefusedFileError, match="none of them"):
        evidence_files.clean_upload(SimpleUploadedFile("letter.pdf", uploads.HTML))


class Clamd(socketserver.StreamRequestHandler):
    """Answers as clamd does: it knows one virus, and looks into nothing above a limit."""

    def handle(self):
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := int.from_bytes(self.rfile.read(4)):
            content += self.rfile.read(size)
        answer = b"stream: OK"
        if uploads.SECRET in content:
            answer = b"stream: Eicar-Test-Signature FOUND"
        elif len(content) > 100_000:
            answer = b"INSTREAM size limit exceeded. ERROR"
        self.wfile.write(answer + b"\0")


def test_a_virus_scanner_of_the_council_looks_at_a_file_first(settings):
    with socketserver.TCPServer(("127.0.0.1", 0), Clamd) as scanner:
        threading.Thread(target=scanner.serve_forever, daemon=True).start()
        settings.CLAMD_ADDRESS = f"127.0.0.1:{scanner.server_address[1]}"
        assert evidence_files.clean_upload(SimpleUploadedFile("a.pdf", uploads.pdf())).pages == 1
        for content, words in [
            (uploads.pdf() + uploads.SECRET, "The virus scanner refuses this file."),
            (uploads.pdf() + bytes(200_000), "could not examine this file"),
        ]:
            with pytest.raises(RefusedFileError, match=words):
                evidence_files.clean_upload(SimpleUploadedFile("a.pdf", content))
        scanner.shutdown()
    with pytest.raises(RefusedFileError, match="cannot be examined now"):
        evidence_files.clean_upload(SimpleUploadedFile("a.pdf", uploads.pdf()))


def test_a_file_that_swells_fills_no_memory():
    swollen = uploads.pdf(uploads.swollen)
    assert len(swollen) < 1_000_000
    grown = uploads.png_of(4_999, 4_999, bytes(3 * 4_999 * 4_999 + 4_999))
    for content in (swollen, grown):
        try:
            evidence_files.clean_upload(SimpleUploadedFile("a", content))
        except RefusedFileError:
            pass
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < MEMORY_BYTES / 1024


def test_files_lie_in_a_folder_of_the_home_or_in_a_bucket(tmp_path):
    folder = evidence_storage("", tmp_path)
    assert folder["OPTIONS"]["file_permissions_mode"] == 0o600
    bucket = evidence_storage("s3://key:se%2Fcret@s3.example:9000/evidence", tmp_path)
    made = import_string(bucket["BACKEND"])(**bucket["OPTIONS"])
    assert (made.bucket_name, made.secret_key) == ("evidence", "se/cret")
    assert made.endpoint_url == "https://s3.example:9000"
    for wrong in ("s3://host", "/a/folder", "https://s3.example/evidence"):
        with pytest.raises(ImproperlyConfigured, match="s3://key:secret@host/bucket"):
            evidence_storage(wrong, tmp_path)
