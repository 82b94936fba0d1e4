"""Real questions, answered in a browser within three clicks of the first page."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from registry import clock
from registry.log import publishing
from tests.registry import items

pytestmark = pytest.mark.django_db(transaction=True)

TODAY = datetime(2026, 8, 1, 9, tzinfo=UTC)
MOST_CLICKS = 3
LADYWOOD = "E05011151"
# Each question with its clicks and words of its answer. A click is the name of a link, or a tuple
# of field, input and button.
QUESTIONS = {
    "What did organisations promise for Ladywood, and what came of it?": (
        ["Places", "Ladywood"],
        ["1 commitment by 1 signatory on 1 August 2026: 1 on track", "Fifteen apprenticeships",
         "Delivered: checked by the council 9 people", "Two of them live in Ladywood."],
    ),
    "Who has gone silent?": (
        ["All updates we have not received"],
        ["We have not received updates on 1 of 4 open commitments", "1 silent",
         "Fenlock Engineering Ltd", "Reporting: Silent"],
    ),
    "Which commitments were weakened this year, and why?": (
        ["Changes", "Weakened commitments"],
        ["2 February 2026", "Twenty apprenticeships → became Fifteen apprenticeships",
         "Reason given: “A site closed.”"],
    ),
    "How far are apprenticeships, counted honestly?": (
        ["Themes", "Local Employment", "New apprentices started"],
        ["Promised 35 people 3 commitments by 3 signatories",
         "Delivered: checked by the council 9 people 1 commitment by 1 signatory",
         "Delivered: self-reported 16 people 2 commitments by 2 signatories",
         "Levels of proof are never mixed."],
    ),
    "What does this organisation look like next to others of its size?": (
        [("Search by organisation, commitment, place or postcode", "Brookfield", "Search"),
         "Fifteen apprenticeships", "Compare with similar commitments"],
        ["60% of the way; median of 3 of its size: 60%", "Harrow Builders Ltd"],
    ),
    "What did this page say on 31 March?": (
        ["Fifteen apprenticeships", ("See this page on another day", "2026-01-31", "Show")],
        ["This is the page as of entry 11, on 31 January 2026", "“Twenty apprenticeships”",
         "Not started"],
    ),
    "Has this organisation kept its word?": (
        ["Signatories", "Fenlock Engineering Ltd"],
        ["1 commitment: not started. 1 update is silent.", "Pay in 30 days"],
    ),
    "What came of all the commitments?": (
        ["Successes"],
        ["1 success", "The first three have started", "Level of proof: Self-reported"],
    ),
    "What is counted here, and what not?": (
        ["Fifteen apprenticeships", "New apprentices started"],
        ["Count each person once.", "Usual evidence Apprenticeship agreement"],
    ),
    "How are figures added up?": (
        ["Statistics"],
        ["How totals are worked out", "Only the same measure and the same unit are added."],
    ),
    "What would it ask of my organisation?": (
        ["For businesses"],
        ["What we ask of you", "Say what you will do, by when"],
    ),
    "What does this word mean?": (["Glossary"], ["Level of proof"]),
    "How do I know that nothing was quietly changed?": (
        ["How to verify"],
        ["Each entry is tied to the one before it"],
    ),
}  # fmt: skip


def publish(day: str, *entries: publishing.NewEntry) -> None:
    with clock.fixed_at(datetime.fromisoformat(f"{day}T09:00:00+00:00")):
        publishing.publish(list(entries))


@pytest.fixture
def register(settings):
    """Set the clock to 1 August 2026; publish commitments, one weakened, one without updates."""
    settings.REGISTER_CLOCK_OFFSET = int((TODAY - datetime.now(UTC)).total_seconds())
    publish(
        "2026-01-05",
        *items.small_register()[:3],
        *[
            items.signatory(f"S-0000{number}", legal_name=name, size="small")
            for number, name in enumerate(
                ["Brookfield Catering Ltd", "Fenlock Engineering Ltd", "Harrow Builders Ltd",
                 "Meriden Fleet Ltd"], start=1)
        ],
        commitment(1, area_codes=[LADYWOOD]),
        commitment(2, measure=None, unit_label=None, title="Pay in 30 days"),
        commitment(3, title="Ten apprenticeships", target={"value": "10"}),
        commitment(4, title="Ten more", target={"value": "10"}),
    )  # fmt: skip
    publish("2026-02-02", commitment(
        1, "amend", area_codes=[LADYWOOD], title="Fifteen apprenticeships",
        target={"value": "15", "by": "2027-06-30"}, change_reason="A site closed."))  # fmt: skip
    publish(
        "2026-04-16",
        replace(items.period(1, "C-00002", requested_on=["2026-04-07"]), key="P-00009"),
    )
    check = {"on": "2026-07-20", "by_role": "Charter team", "result": "confirmed",
             "finding": "Seen nine agreements."}  # fmt: skip
    publish(
        "2026-07-25",
        items.update(cumulative_value="9", level_of_proof="checked_by_council", check=check),
        *[
            replace(
                items.update(1, f"C-0000{number}", cumulative_value=value), key=f"U-0000{number}"
            )
            for number, value in ((3, "10"), (4, "6"))
        ],
        items.success(story="Two of them live in Ladywood.", area_codes=[LADYWOOD]),
    )


def commitment(number: int, action: str = "publish", **changes: Any) -> publishing.NewEntry:
    values = {"signatory": f"S-0000{number}", "unit_label": "people"} | changes
    return items.commitment(f"C-0000{number}", action, **values)


def click(page: Page, step: str | tuple[str, str, str]) -> None:
    if isinstance(step, str):
        page.get_by_role("link", name=step, exact=True).first.click()
    else:
        field, text, button = step
        page.get_by_label(field).fill(text)
        page.locator("main").get_by_role("button", name=button, exact=True).click()


def page_text(page: Page) -> str:
    """Return the text of the page, including the text for screen readers only."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.locator("main").inner_html())).split())


@contextmanager
def foreign_site(page: str, policy: str) -> Iterator[str]:
    """Serve a page from another origin with its own policy; yield its address."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", policy)
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            """Keep the tests quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_badge_and_block_work_on_another_site_with_a_strict_policy(
    register, browser, live_server, settings
):
    site = settings.PUBLIC_URL = live_server.url
    context = window(browser)
    page = context.new_page()
    code = ""
    for kind in ("badge", "block"):
        page.goto(f"{site}/badge?key=C-00001&what={kind}")
        code += page.get_by_label("Put it into your page").input_value()
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    policy = f"default-src 'none'; img-src {site}; frame-src {site}"
    with foreign_site(
        f"<!doctype html><title>Our commitments</title>{code}", policy
    ) as foreign_address:
        page.goto(foreign_address)
        badge = page.get_by_role("img", name="in the Charter Register")
        assert badge.evaluate("image => image.decode().then(() => image.naturalWidth)") == 360
        block = page.frame_locator("iframe")
        block.get_by_text("Brookfield Catering Ltd promised").wait_for()
        assert "On track" in block.locator("main").inner_text()
        block.get_by_role("link", name="Fifteen apprenticeships").click()
        page.wait_for_url(f"{site}/commitments/C-00001")
    # The sandbox must not make the block foreign to its own site: fonts would be refused.
    assert [text for text in messages if "favicon" not in text] == []
    assert not context.cookies()
    context.close()


def window(browser, **options: object) -> BrowserContext:
    context = browser.new_context(locale="en-GB", **options)
    context.set_default_timeout(10_000)
    return context


@pytest.fixture
def scripts() -> bool:
    return False  # tests/proof asks the same questions with scripts


def test_every_question_is_answered_within_three_clicks(register, browser, live_server, scripts):
    context = window(browser, java_script_enabled=scripts)
    page = context.new_page()
    assert all(len(clicks) <= MOST_CLICKS for clicks, _ in QUESTIONS.values())
    for question, (clicks, answer) in QUESTIONS.items():
        page.goto(live_server.url)
        for step in clicks:
            click(page, step)
        text = page_text(page)
        missing = [phrase for phrase in answer if phrase not in text]
        assert not missing, f"{question} {missing} not on {page.url}:\n{text}"
    context.close()
