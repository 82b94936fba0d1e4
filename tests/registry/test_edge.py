"""What the web server answers from memory: the same bytes as Django's, and never older ones."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import RequestFactory

from registry import clock
from registry.edge import Edge
from registry.log import publishing
from tests.registry import items
from tests.registry.public_pages import day, publish
from tests.registry.test_website import ADDRESSES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_session")]

API = "/api/v1"
API_ADDRESSES = [
    f"{API}/{path}"
    for path in (
        "",
        "changes",
        "entries?after=3&limit=2",
        "entries/1",
        "codelists",
        "codelists/delivery",
        "codelists/delivery.csv",
        "commitments",
        "commitments.json",
        "commitments?theme=T-00001",
        "commitments?as_of=5",
        "commitments/C-00001",
        "commitments/C-00001/versions",
        "commitments/C-00001/versions/1",
        "signatories/S-00001",
    )
]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes


def ask(application: Callable, address: str, method: str = "GET", **headers: str) -> Reply:
    """Ask a WSGI application as a web server does; `headers` have their names of WSGI."""
    environ = RequestFactory().generic(method, address).environ | headers
    begun = []
    parts = application(environ, lambda *begin: begun.extend(begin))
    body = b"".join(parts)
    getattr(parts, "close", bool)()
    return Reply(int(begun[0].split()[0]), dict(begun[1]), body)


class Process:
    """One process of the web server. It counts the requests that reach Django."""

    def __init__(self, heard_head: Callable = publishing.head, **options: int) -> None:
        self.django = WSGIHandler()
        self.reached = 0
        self.edge = Edge(self.enter_django, heard_head, **options)

    def enter_django(self, *request):
        self.reached += 1
        return self.django(*request)

    def get(self, address: str, **headers: str) -> Reply:
        return ask(self.edge, address, **{"HTTP_ACCEPT_ENCODING": "gzip", **headers})

    def comes_from_memory(self, address: str, **headers: str) -> bool:
        """Ask; return whether the answer came without Django."""
        before = self.reached
        self.get(address, **headers)
        return self.reached == before

    def keeps(self, address: str, **headers: str) -> bool:
        """Ask twice; return whether the second answer came without Django."""
        self.get(address, **headers)
        return self.comes_from_memory(address, **headers)


@pytest.fixture
def one_session():
    """Let no request end the test's session with the database, which holds its transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def process(commitment) -> Process:
    head = publishing.head()
    return Process(lambda: head)


# The same as Django's


def test_every_public_answer_is_kept_with_the_bytes_and_headers_of_django(
    commitment, django_assert_num_queries
):
    publish("2026-01-05", items.update(), items.success())
    head = publishing.head()
    process = Process(lambda: head)
    with clock.fixed_at(day("2026-01-06")):
        for address in [*ADDRESSES, *API_ADDRESSES]:
            page = ask(process.django, address, HTTP_ACCEPT_ENCODING="gzip")
            assert (page.status, page.headers["Content-Encoding"]) == (200, "gzip"), address
            assert process.get(address) == page, address
            has_it = {"HTTP_IF_NONE_MATCH": page.headers["ETag"]}
            unchanged = ask(process.django, address, **has_it)
            assert (unchanged.status, unchanged.body) == (304, b""), address
            assert process.get(address, **has_it) == unchanged, address
            with django_assert_num_queries(0):
                assert process.get(address) == page, address
                assert process.get(address, **has_it) == unchanged, address
                assert ask(process.edge, address, "HEAD", HTTP_ACCEPT_ENCODING="gzip") == page


def test_reader_without_gzip_gets_the_plain_page_from_memory(process):
    for address in ("/commitments", f"{API}/commitments"):
        assert process.keeps(address)
        assert process.keeps(address, HTTP_ACCEPT_ENCODING="gzip;q=0")
        plain = process.get(address, HTTP_ACCEPT_ENCODING="gzip;q=0")
        assert "Content-Encoding" not in plain.headers
        assert b"Twenty apprenticeships" in plain.body


def test_page_made_for_https_is_not_sent_over_http(commitment, settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.SECURE_HSTS_SECONDS = 60
    settings.SECURE_SSL_REDIRECT = True
    process = Process()
    for _ in range(2):
        safe = process.get("/privacy", HTTP_X_FORWARDED_PROTO="https")
        assert (safe.status, safe.headers["Strict-Transport-Security"]) == (200, "max-age=60")
        assert process.get("/privacy", HTTP_X_FORWARDED_PROTO="http").status == 301
    assert process.reached == 3


# What is kept, and what never


@pytest.mark.parametrize(
    "address",
    [
        "/commitments/C-ZZZZZ",
        "/commitments?colour=red",
        "/commitments?utm_source=letter",
        "/commitments/c-oooo1",
        "/commitments.csv",
        "/id/C-00001",
        "/nowhere",
        "/account/login/",
        f"{API}/commitments?limit=0",
        f"{API}/nowhere",
        f"/commitments?q={'long+' * 500}",
        f"/commitments?{'&' * 1001}",
        f"/account/login/?{'&' * 1001}",
    ],
)
def test_error_redirect_download_and_private_page_are_never_kept(process, address):
    kept = process.get("/commitments").headers["ETag"]
    size = process.edge.answers.size
    assert not process.keeps(address)
    assert not process.keeps(address, HTTP_IF_NONE_MATCH=kept)
    assert process.edge.answers.size == size


def test_form_sent_to_a_kept_page_reaches_django(process):
    assert process.keeps("/commitments")
    assert ask(process.edge, "/commitments", "POST").status == 405


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            {"address": "/commitments?size=small&theme=T-00001"},
            {"address": "/commitments?theme=T-0000%31&size=small&"},
        ),
        (
            {"address": f"{API}/commitments?theme=T-00001&limit=5"},
            {"address": f"{API}/commitments?limit=5&theme=T-00001", "HTTP_ACCEPT": BROWSER},
        ),
    ],
)
def test_one_answer_serves_all_spellings_of_its_address_and_format(process, one, other):
    with clock.fixed_at(day("2026-01-06")):
        reply = process.get(**one)
        assert reply.status == 200
        assert process.get(**other) == reply
        assert process.reached == 1
        assert ask(process.django, **other, HTTP_ACCEPT_ENCODING="gzip") == reply


def test_reader_of_the_api_never_gets_the_format_made_for_another(process):
    address = f"{API}/commitments"
    for _ in range(2):
        usual = process.get(address)
        assert usual.headers["Content-Type"] == "application/json"
        assert process.get(address, HTTP_ACCEPT="application/json; indent=2").body != usual.body
        as_csv = process.get(address, HTTP_ACCEPT="text/csv")
        assert as_csv.headers["Content-Type"].startswith("text/csv")
        assert process.get(address, HTTP_ACCEPT="image/png").status == 406


def test_memory_has_a_limit_that_counts_addresses_and_keeps_the_page_in_use(commitment):
    head = publishing.head()
    process = Process(lambda: head, limit=25_000)
    assert process.keeps("/glossary")
    names = "theme=T-00001&" * 20 + "signatory=S-00001&" * 20
    long_address = f"{API}/commitments?{names}q="
    for number in range(25):
        process.get(f"{long_address}{number}")
        assert process.comes_from_memory("/glossary")
    kept = process.edge.answers._answers.items()
    assert sum(len(f"{name}{answer.headers}") + len(answer.body) for name, answer in kept) <= 25_000
    assert process.comes_from_memory(f"{long_address}24")
    assert not process.comes_from_memory(f"{long_address}0")


# Never older than the register


def test_process_that_cannot_listen_asks_for_each_request(commitment):
    process = Process(lambda: None)
    assert process.keeps("/commitments/C-00001")
    publish("2026-01-06", items.commitment(action="correct", title="Ten", change_reason="Typo."))
    assert b"Ten" in process.get("/commitments/C-00001", HTTP_ACCEPT_ENCODING="").body


@pytest.mark.parametrize("cookie", ["sessionid=abc", "a=b; csrftoken=abc"])
def test_writer_sees_an_entry_that_the_process_has_not_heard_of(process, cookie):
    assert process.keeps("/commitments/C-00001")
    publish("2026-01-06", items.commitment(action="confirm"))
    number = publishing.head().number
    heard = process.get("/commitments/C-00001").headers["ETag"]
    seen = process.get("/commitments/C-00001", HTTP_COOKIE=cookie).headers["ETag"]
    assert heard.startswith(f'W/"{number - 1}.')
    assert seen.startswith(f'W/"{number}.')


def test_link_of_a_receipt_shows_its_entry_and_is_the_page_at_its_usual_address(process):
    usual = "/commitments?size=small"
    assert process.keeps(usual)
    publish("2026-01-06", items.commitment(action="confirm"))
    head = publishing.head()
    heard = process.get(usual).headers["ETag"]
    seen = process.get(f"/commitments?entry={head.number}&size=small")
    assert heard.startswith(f'W/"{head.number - 1}.')
    assert seen.headers["ETag"].startswith(f'W/"{head.number}.')
    process.edge.heard_head = lambda: head
    assert process.comes_from_memory(usual)
    assert process.get(usual) == seen


@pytest.mark.parametrize("entry", ["", "x", "-1", "1.5", "9" * 16, "1&entry=2"])
def test_link_with_anything_but_one_entry_is_refused(process, entry):
    assert process.get(f"/commitments?entry={entry}").status == 400


def test_kept_pages_end_at_midnight_in_london(process):
    with clock.fixed_at(datetime(2026, 6, 30, 22, 59, tzinfo=UTC)):
        evening = process.get("/")
        assert process.keeps("/")
    with clock.fixed_at(datetime(2026, 6, 30, 23, 1, tzinfo=UTC)):
        night = process.get("/")
    assert night.headers["ETag"] != evening.headers["ETag"]
    assert night.body != evening.body


def test_page_newer_than_what_the_process_has_heard_is_not_kept(process):
    publish("2026-01-06", items.commitment(action="confirm"))
    assert not process.keeps("/commitments/C-00001")


def test_page_is_not_kept_if_the_register_moved_on_while_it_was_made(process):
    enter = process.edge.application

    def publish_meanwhile(*request):
        page = enter(*request)
        process.edge.application = enter
        publish("2026-01-06", items.commitment(action="confirm"))
        head = publishing.head()
        process.edge.heard_head = lambda: head
        process.get("/privacy")
        return page

    process.edge.application = publish_meanwhile
    number = publishing.head().number
    assert process.get("/commitments").headers["ETag"].startswith(f'W/"{number}.')
    assert process.get("/commitments").headers["ETag"].startswith(f'W/"{number + 1}.')
