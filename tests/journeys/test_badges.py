"""No text of a badge runs out of its frame, in the widest usual font."""

from datetime import date

import pytest
from django.template.loader import render_to_string

from registry.website.badge_drawing import draw_badge
from registry.website.badges import Badge

TITLES = [
    "Pay",
    "Start 20 apprenticeships for young people from Ladywood",
    "W" * 200,
    "iiii " * 40,
    "MMMM WWWW %%%% @@@@ " * 10,
    "Verkehrssicherungspflichtversicherungsgesellschaft & Söhne <GmbH>",
    "£1,250,000.50 – “Żółć” · 100% (m²) … ÆØÅ ЖЩЮ 漢字漢字漢字漢字漢字漢字漢字",
]
STATUS = (
    "Silent since 30 September 2026. Deadline passed on 28 September 2026, no final update yet. "
    "Partly met, as reported on 28 September 2025: £1,250,000.50 of £2,000,000.75 (disputed), "
    "reported on 30 September 2024, confirmed by the beneficiary"
)
MEASURE = """() => [...document.querySelectorAll("text")].map(text => {
    const box = text.getBBox();
    return [text.textContent, box.x, box.x + box.width, box.y + box.height];
})"""


@pytest.mark.parametrize("title", TITLES)
def test_texts_of_a_badge_stay_in_their_frame(browser, title):
    badge = Badge(
        key="C-7F3K2",
        path="/id/C-7F3K2",
        above=f"{title} promised",
        title=title,
        status=STATUS,
        notes=["Weakened 12 times, most recently: target of 1,250,000 person-hours removed", title],
        alt_text=title,
    )
    drawing = draw_badge(badge, date(2026, 9, 30))
    page = browser.new_page()
    page.set_content(
        render_to_string("website/badge.svg", {"badge": badge, "drawing": drawing})
        .replace("'Source Sans 3', 'Segoe UI', Roboto, Arial", "'DejaVu Sans'")
    )  # fmt: skip
    lines = page.evaluate(MEASURE)
    page.close()
    assert len(lines) == len(drawing.lines)
    for text, left, right, bottom in lines:
        assert left >= 19, text
        assert right <= 340, text
        assert bottom <= drawing.height, text
