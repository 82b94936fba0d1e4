"""Pages for paper: in the register's own typefaces, and the summary on one sheet."""

from io import BytesIO

import pikepdf
import pytest

from registry.log.publishing import NewEntry
from tests.registry import items
from tests.registry.public_pages import publish

pytestmark = pytest.mark.django_db(transaction=True)
OWN = ("SourceSans3", "SourceSerif4", "DejaVuSansMono")  # Hashes are in the reader's monospace.
MEASURES = 8  # As many as a summary lists.


def fonts_of(pdf: pikepdf.Pdf) -> set[str]:
    """Return the names of the fonts in a PDF, without the marks of their subsets."""
    fonts = [font for page in pdf.pages for font in dict(page.resources.get("/Font", {})).values()]
    # A variable font is drawn glyph by glyph, and only its descriptor has a name.
    named = [font if "/BaseFont" in font else font["/FontDescriptor"] for font in fonts]
    names = [str(font.get("/BaseFont") or font["/FontName"]) for font in named]
    return {name.strip("/").rpartition("+")[2].partition("-")[0] for name in names}


def test_summary_and_statement_print_on_one_sheet_in_our_typefaces(browser, live_server):
    measures = [
        NewEntry(
            "measure", f"M-1000{n}", "publish", items.measure(title=title, code=f"X{n}").content
        )
        for n, title in enumerate(["A measure with a name as long as most names are"] * MEASURES)
    ]
    commitments = [
        items.commitment(f"C-1000{n}", measure=f"M-1000{n}", title=f"Apprenticeships {n}")
        for n in range(MEASURES)
    ]
    publish("2026-01-05", *items.small_register(), *measures, *commitments)
    lower = {"value": "15", "by": "2027-06-30"}
    publish("2026-02-05", items.commitment(action="amend", target=lower, change_reason="Closed."),
            *[items.update(n, f"C-1000{n}") for n in range(1, 4)])  # fmt: skip
    page = browser.new_page()
    for address in ("/summary", "/commitments/C-00001/statement"):
        page.goto(f"{live_server.url}{address}")
        pdf = pikepdf.open(BytesIO(page.pdf(format="A4")))
        assert len(pdf.pages) == 1, address
        assert fonts_of(pdf) <= set(OWN), address
        assert "SourceSans3" in fonts_of(pdf)
    assert "Weakened on 5 February 2026" in page.inner_text("main")
    assert "Reason given: “Closed.”" in page.inner_text("main")
    page.close()
