"""Renders docs/screenshots from the demonstration register: `make screenshots`.

Every page on a phone, a tablet and a desk, cropped to the part that people usually see. With the
address of a running demonstration as its argument, as in `python -m tests.journeys.screenshots
http://localhost:8000`, it starts none.
"""

import io
import os
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from registry.local import accounts
from tests.conftest import CHROMIUM_FLAGS, chromium, free_port
from tests.make_run import ROOT, MakeRun

FOLDER = ROOT / "docs" / "screenshots"
WIDTHS = {360: 340, 768: 500, 1280: 720}  # Of the window, and of the stored picture.
HIGHEST = 2  # Height of a picture over its width, at most; phones twice that.
QUALITY = 38

# Name of each picture, with an address and the links to follow from there.
Pages = dict[str, tuple[str, ...]]
READER: Pages = {
    "home": ("/",),
    "register": ("/commitments",),
    "register-silent": ("/commitments?reporting=silent",),
    "search": ("/search?q=apprentices",),
    "commitment": ("/commitments?q=apprenticeships+Ladywood", r"/commitments/C-\w+$"),
    "commitment-met": ("/commitments?delivery=met", r"/commitments/C-\w+$"),
    "commitment-silent": ("/commitments?reporting=silent", r"/commitments/C-\w+$"),
    "commitment-withdrawn": ("/commitments?q=pocket+park", r"/commitments/C-\w+$"),
    "signatories": ("/signatories",),
    "updates-not-received": ("/updates-not-received",),
    "signatory": ("/signatories", r"/signatories/S-\w+$"),
    "themes": ("/themes",),
    "theme": ("/themes", r"/themes/T-\w+$"),
    "measures": ("/measures",),
    "measure": ("/measures", r"/measures/M-\w+$"),
    "places": ("/places",),
    "place": ("/places/E05011151",),
    "city": ("/places/E08000025",),
    "successes": ("/successes",),
    "success": ("/successes", r"/successes/W-\w+$"),
    "statistics": ("/statistics",),
    "statistics-measures": ("/statistics/measures",),
    "compare": ("/measures", r"/measures/M-\w+$", r"/compare\?measure=M-\w+$"),
    "changes": ("/changes",),
    "changes-weakened": ("/changes?show=weakened",),
    "summary": ("/summary",),
    "full-report": ("/report",),
    "statement": ("/commitments?q=apprenticeships+Ladywood", r"/commitments/C-\w+$", r"/statement"),
    "past": ("/commitments/past",),
    "badge": ("/badge",),
    "follow": ("/follow",),
    "glossary": ("/glossary",),
    "methods": ("/methods",),
    "for-businesses": ("/for/businesses",),
    "for-buyers": ("/for/buyers",),
    "data": ("/data",),
    "verify": ("/verify",),
    "privacy": ("/privacy",),
    "accessibility": ("/accessibility",),
    "contact": ("/contact",),
    "report-an-error": ("/commitments", r"/commitments/C-\w+$", r"/report-an-error"),
    "join": ("/join",),
    "apply": ("/join/apply",),
    "sign-in": ("/account/login/",),
    "not-found": ("/no-such-page",),
    "mails": ("/dev/mail",),
}
BUSINESS: Pages = {
    "business-home": ("/business",),
    "business-commitment": ("/business", r"/business/commitments/C-\w+$"),
    "business-new": ("/business/commitments/new",),
    "business-update": ("/business", r"/C-\w+/update$"),
    "business-check": ("/business", r"/business/checks/U-\w+$"),
    "business-draft": ("/business", r"/business/commitments/C-\w+/edit$"),
    "business-people": ("/business/people",),
    "business-spreadsheet": ("/business/spreadsheet",),
    "business-reminders": ("/reminders",),
}
COUNCIL: Pages = {
    "council-queue": ("/council",),
    "council-item": ("/council", r"/council/items/[CUW]-\w+$"),
    "council-application": ("/council", r"/council/applications/\d+$"),
    "council-behind": ("/council/behind",),
    "council-reminders": ("/council/reminders",),
    "council-messages": ("/council/messages",),
    "council-checks": ("/council/checks",),
    "council-signatories": ("/council/signatories",),
    "council-letter": ("/council/behind", r"/council/letters/"),
    "council-standing": ("/council/signatories", r"/council/signatories/S-\w+/standing$"),
    "council-new-signatory": ("/council/signatories/new",),
    "council-examples": ("/council/examples",),
    "council-import": ("/council/import",),
    "council-health": ("/council/health",),
}
PAGES_BY_ACCOUNT = {"": READER, accounts.BUSINESS: BUSINESS, accounts.OFFICER: COUNCIL}


def main() -> None:
    """Render all pictures and print the ones whose page is missing."""
    with running_register() as address, sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=chromium(), args=[*CHROMIUM_FLAGS, "--no-sandbox"]
        )
        shutil.rmtree(FOLDER, ignore_errors=True)
        FOLDER.mkdir()
        for person, pages in PAGES_BY_ACCOUNT.items():
            render_pages(browser, address, person, pages)
        browser.close()
    pictures = list(FOLDER.glob("*.jpg"))
    weight = sum(picture.stat().st_size for picture in pictures) / 1_000_000
    print(f"{len(pictures)} pictures in docs/screenshots, {weight:.1f} MB.")


@contextmanager
def running_register() -> Iterator[str]:
    """Yield the address given as argument, or else of a new register with the demonstration."""
    if sys.argv[1:]:
        yield sys.argv[1].rstrip("/")
        return
    with tempfile.TemporaryDirectory(prefix="register-") as home:
        run = MakeRun(Path(home), free_port(), DEMO="1")
        print("Playing the demonstration …", flush=True)
        run.wait_for("The register is at")
        try:
            yield f"http://localhost:{run.port}"
        finally:
            run.stop()


def render_pages(browser: Browser, address: str, person: str, pages: Pages) -> None:
    """Render the pages of one person at every width."""
    context = browser.new_context(locale="en-GB", timezone_id="Europe/London")
    page = context.new_page()
    if person:
        page.goto(f"{address}/account/login/")
        page.get_by_label("Email").fill(person)
        page.get_by_label("Password", exact=True).fill(accounts.PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_load_state()
    for name, where in pages.items():
        if not open_page(page, address, where):
            print(f"{name}: no such link on {where[0]}")
            continue
        for width, stored_width in WIDTHS.items():
            page.set_viewport_size({"width": width, "height": 800})
            store(page.screenshot(full_page=True), FOLDER / f"{name}-{width}.jpg", stored_width)
    context.close()


def open_page(page: Page, address: str, where: tuple[str, ...]) -> bool:
    """Go to a page through its links. Return False if one is missing."""
    page.goto(address + where[0])
    for pattern in where[1:]:
        links = page.locator("main a").evaluate_all("links => links.map(link => link.href)")
        link = next((link for link in links if re.search(pattern, link)), None)
        if link is None:
            return False
        page.goto(link)
    return True


def store(shot: bytes, path: Path, width: int) -> None:
    """Store the upper part of a picture, scaled down."""
    image = Image.open(io.BytesIO(shot)).convert("RGB")
    height = round(image.height * width / image.width)
    highest = width * HIGHEST * (2 if width == min(WIDTHS.values()) else 1)
    smaller = image.resize((width, height), Image.Resampling.LANCZOS)
    smaller.crop((0, 0, width, min(height, highest))).save(
        path, "JPEG", quality=QUALITY, optimize=True, progressive=True
    )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "registry.settings")
    main()
