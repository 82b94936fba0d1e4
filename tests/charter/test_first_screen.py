"""A reader sees in the first screen who promised what, how far it is, and what went otherwise."""

import pytest
from django.conf import settings

from tests.charter.test_surfaces import NUMBERS, STATES, reader  # noqa: F401 - a fixture

pytestmark = pytest.mark.django_db
STATIC = settings.BASE_DIR / "registry"
SITE = "http://register.example"
SCREENS = [(1280, 900), (360, 740)]
# The parts of the first screen that are there; each must end above its lower edge.
MEASURE = """() => [
    ".promise", ".opening__by", ".panel__warning", ".panel__figure", ".panel__state",
    ".panel .way", ".panel .mark-weakened", ".panel__assessed",
].flatMap(part => [...document.querySelectorAll(part)].map(
    shown => [part, shown.getBoundingClientRect().bottom]))"""


@pytest.fixture(params=SCREENS, ids=["desktop", "phone"])
def screen(browser, request):
    width, height = request.param
    page = browser.new_page(viewport={"width": width, "height": height})
    yield page
    page.close()


def test_headline_of_every_state_is_in_the_first_screen(reader, screen):  # noqa: F811
    addresses = {name: f"/commitments/C-{number:05}" for name, number in NUMBERS.items()}
    pages = {f"{SITE}{path}": reader.get(path).text for path in addresses.values()}

    def answer(route):
        if body := pages.get(route.request.url):
            route.fulfill(body=body, content_type="text/html")
        elif (file := STATIC / route.request.url.removeprefix(f"{SITE}/")).is_file():
            route.fulfill(path=file)
        else:
            route.abort()

    screen.route("**/*", answer)
    for name, state in STATES.items():
        screen.goto(f"{SITE}{addresses[name]}")
        bottoms = dict(screen.evaluate(MEASURE))
        assert {".promise", ".opening__by", ".panel__figure", ".panel__state"} <= set(bottoms), name
        is_weaker = bool(state.weakened) or state.delivery == "withdrawn"
        assert (".panel .mark-weakened" in bottoms) is is_weaker, name
        assert (".panel__assessed" in bottoms) is bool(state.reported_on), name
        assert (".panel__warning" in bottoms) is bool(state.words), name
        assert max(bottoms.values()) <= screen.viewport_size["height"], (name, bottoms)
