"""Weekly checks of evidence links, at public addresses only."""

import socket
import threading
import time
from contextlib import contextmanager
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connection, transaction
from django.test import Client

from charter.models import Message
from registry import clock
from registry.models import Entry, Record
from reporting import tasks
from reporting.actions import link_checks
from reporting.evidence import link_checking
from reporting.evidence.link_checking import LinkResult, check_link, is_public
from reporting.models import LinkCheck
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on

DUE = date(2026, 6, 1)
NOT_IN_THE_LOG = "We check links once a week; this date is not part of the log."


class Site(BaseHTTPRequestHandler):
    """A site on this machine with /200, /404, /redirect, /drip, /endless and /document."""

    document = b"%PDF-1.7 first"

    def do_GET(self):
        self.server.requests.append((self.path, self.headers["Host"]))
        try:
            self.respond(self.path.strip("/"))
        except OSError:
            pass  # The checker hung up.

    def respond(self, page):
        if page == "drip":
            self.wfile.write(b"HTTP/1.1 200 OK\r\n")
            for _ in range(200):
                self.wfile.write(b"X-Slow: y\r\n")
                time.sleep(0.05)
            return
        status = 302 if page == "redirect" else int(page) if page.isdigit() else 200
        self.send_response(status)
        if page == "redirect":
            self.send_header("Location", "http://127.0.0.1:1/elsewhere")
        self.send_header("Content-Type", "application/pdf" if page == "document" else "text/html")
        self.end_headers()
        if page == "endless":
            while True:
                self.wfile.write(bytes(65_536))
                self.server.sent += 65_536
        self.wfile.write(Site.document)

    def log_message(self, *words):
        pass


@pytest.fixture
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.requests, server.sent, server.daemon_threads = [], 0, True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join(60)
    server.server_close()


@pytest.fixture
def no_connections(monkeypatch):
    """Fail the test if it opens a connection."""
    attempts = []
    monkeypatch.setattr(socket, "create_connection", lambda *to, **options: attempts.append(to))
    yield
    assert attempts == []


def url_of(site, path):
    return f"http://127.0.0.1:{site.server_port}/{path}"


@pytest.fixture
def reachable_site(site, monkeypatch):
    """Return a site on this machine, treated as public at its own port."""
    monkeypatch.setattr(link_checking, "is_public", lambda address: True)
    monkeypatch.setattr(link_checking, "PORTS", {"http": site.server_port})
    return site


@contextmanager
def resolving(monkeypatch, *addresses):
    """Resolve every name to these addresses; yield the list of names looked up."""
    lookups, resolve = [], socket.getaddrinfo

    def fake_getaddrinfo(host, port, *kind, **options):
        if host[0].isdigit():
            return resolve(host, port, *kind, **options)
        lookups.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses]

    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", fake_getaddrinfo)
        yield lookups


PRIVATE = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1",  # noqa: S104
    "169.254.169.254", "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "fc00::1", "fd12::1", "fe80::1",
    "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1",
    "64:ff9b:1::1", "2002:7f00:1::", "2002:a00:1::", "2001:0:7f00:1::",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private_address_is_never_connected_to(monkeypatch, no_connections, address):
    assert not is_public(address)
    with resolving(monkeypatch, address):
        assert check_link("https://innocent.example/").works is False
    with resolving(monkeypatch, "8.8.8.8", address):
        assert check_link("https://half-innocent.example/").works is False


@pytest.mark.parametrize("address", ["8.8.8.8", "151.101.1.69", "2606:4700::1111"])
def test_public_address_may_be_checked(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1", "017700000001", "[::1]", "127.1"]
)
def test_this_machine_is_never_reached_however_it_is_written(
    site, no_connections, monkeypatch, host
):
    monkeypatch.setattr(link_checking, "PORTS", {"http": site.server_port})
    assert check_link(f"http://{host}:{site.server_port}/200").works is False
    assert site.requests == []


@pytest.mark.parametrize(
    "url",
    [
        "http://host.example:22/",
        "https://host.example:8443/",
        "http://host.example:443/",
        "ftp://host.example/",
        "file:///etc/passwd",
        "gopher://host.example/",
        "//host.example",
        "http://",
    ],
)
def test_other_ports_and_schemes_are_not_checked(no_connections, url):
    assert check_link(url).works is None


@pytest.mark.parametrize("url", ["http://host.example:99999/", "http://[::1/"])
def test_malformed_address_counts_as_broken(no_connections, url):
    assert check_link(url).works is False


def test_host_is_resolved_once_and_its_address_pinned(monkeypatch, reachable_site):
    with resolving(monkeypatch, "127.0.0.1") as lookups:
        url = f"http://college.example:{reachable_site.server_port}/200"
        result = check_link(url)
    assert result.works
    assert lookups == ["college.example"]
    assert reachable_site.requests == [("/200", f"college.example:{reachable_site.server_port}")]


@pytest.mark.parametrize(
    ("path", "works"),
    [("200", True), ("204", True), ("404", False), ("410", False), ("500", False),
     ("401", None), ("403", None), ("429", None)],
)  # fmt: skip
def test_status_code_decides_if_a_link_works(reachable_site, path, works):
    assert check_link(url_of(reachable_site, path)).works is works


def test_redirect_counts_as_working_and_is_not_followed(reachable_site):
    assert check_link(url_of(reachable_site, "redirect")).works
    assert [path for path, _ in reachable_site.requests] == ["/redirect"]


def test_slow_site_times_out(monkeypatch, reachable_site):
    monkeypatch.setattr(link_checking, "TIMEOUT_SECONDS", 1.5)
    started = time.monotonic()
    assert check_link(url_of(reachable_site, "drip")) == LinkResult(None, "It answers too slowly")
    assert time.monotonic() - started < 8  # The whole drip takes ten seconds.


def test_endless_response_is_cut_off(reachable_site):
    assert check_link(url_of(reachable_site, "endless")).works
    time.sleep(0.05)
    assert reachable_site.sent < 20_000_000  # The kernel's buffers hold some.


def test_unreachable_site_counts_as_broken(reachable_site):
    reachable_site.server_close()
    assert check_link(url_of(reachable_site, "200")).works is False


@pytest.mark.django_db
class TestWeekly:
    @pytest.fixture
    def commitment(self):
        return scenarios.commitment()

    @pytest.fixture
    def update(self, commitment, reachable_site):
        link = {
            "title": "College letter",
            "url": url_of(reachable_site, "document"),
            "kind": "document",
        }
        with on(DUE):
            return scenarios.published_update(commitment, evidence=[link])

    def check_links(self):
        return link_checks.check_due_links(clock.now())

    def public_evidence(self, update):
        return Record.objects.get(pk=update.key).item["evidence"][0]

    def test_working_link_is_checked_weekly_and_shown_outside_the_log(
        self, commitment, update, reachable_site
    ):
        with on(DUE):
            entries = Entry.objects.count()
            assert [self.check_links(), self.check_links()] == [1, 0]
        with on(DUE + timedelta(days=6)):
            assert self.check_links() == 0
        with on(DUE + timedelta(days=7)):
            assert self.check_links() == 1
            for address in (f"/commitments/{commitment.key}", f"/updates/{update.key}"):
                page = Client().get(address).text
                assert f"Link last worked on 8 June 2026. {NOT_IN_THE_LOG}" in page
            cited = Client().get(f"/commitments/{commitment.key}?as_of={entries}&day=2026-06-08")
            assert (cited.status_code, "Link last worked" in cited.text) == (200, False)
        assert Entry.objects.count() == entries
        assert "last_worked_on" not in self.public_evidence(update)

    def test_failing_link_is_published_and_emailed_to_its_owner_once(
        self, commitment, update, reachable_site, monkeypatch
    ):
        with on(DUE):
            self.check_links()
        with monkeypatch.context() as patch:
            patch.setattr(Site, "respond", lambda self, page: self.send_error(404))
            for weeks in (1, 2, 3):
                with on(DUE + timedelta(days=7 * weeks)):
                    assert self.check_links() == 1
                    page = Client().get(f"/commitments/{commitment.key}").text
        assert "Link last worked on 1 June 2026." in page
        assert self.public_evidence(update)["failing_since"] == "2026-06-08"
        [email] = Message.objects.filter(kind="link")
        assert email.recipient == "asha@brookfield.example"
        assert "it last worked on 1 June 2026" in email.text
        with on(DUE + timedelta(days=28)):
            self.check_links()
            page = Client().get(f"/commitments/{commitment.key}").text
        assert f"Link last worked on 29 June 2026. {NOT_IN_THE_LOG}" in page
        assert "failing_since" not in self.public_evidence(update)

    def test_changed_document_is_published(self, commitment, update, reachable_site, monkeypatch):
        with on(DUE):
            self.check_links()
        monkeypatch.setattr(Site, "document", b"%PDF-1.7 second")
        with on(DUE + timedelta(days=7)):
            self.check_links()
            page = Client().get(f"/commitments/{commitment.key}").text
        assert self.public_evidence(update)["changed_on"] == "2026-06-08"
        assert "The document at this link was changed by 8 June 2026." in page

    def test_site_that_blocks_machines_changes_nothing(self, update, reachable_site):
        with on(DUE):
            self.check_links()
            link_check = LinkCheck.objects.get()
            link_checks.record_result(
                link_check.evidence, LinkResult(None, "It answers 403 to machines"), clock.now()
            )
        link_check.refresh_from_db()
        assert (link_check.failing_since, link_check.last_worked_on) == (None, DUE)

    def test_link_whose_check_breaks_keeps_no_other_waiting(
        self, commitment, reachable_site, monkeypatch, caplog
    ):
        monkeypatch.setattr(link_checks, "CHECKED_AT_ONCE", 1)
        links = [
            {"title": title, "url": url_of(reachable_site, title), "kind": "document"}
            for title in ("200", "document")
        ]
        broken = links[0]["url"]

        def fail_for_first(url):
            if url == broken:
                raise ZeroDivisionError
            return check_link(url)

        monkeypatch.setattr(link_checks, "check_link", fail_for_first)
        with on(DUE):
            scenarios.published_update(commitment, evidence=links)
            assert [self.check_links() for _ in range(3)] == [1, 1, 0]
        assert LinkCheck.objects.get().evidence.title == "document"
        assert "ZeroDivisionError" in caplog.text

    def test_council_only_link_is_not_checked(self, commitment, reachable_site):
        link = {"title": "A", "url": url_of(reachable_site, "200"), "kind": "document"}
        restriction = {"visibility": "council_only", "withheld_reason": "It names people"}
        with on(DUE):
            scenarios.published_update(commitment, evidence=[link | restriction])
            assert self.check_links() == 0
        assert reachable_site.requests == []

    @pytest.mark.django_db(transaction=True)
    def test_link_published_while_a_check_begins_is_checked(self, commitment, reachable_site):
        link = {"title": "A", "url": url_of(reachable_site, "200"), "kind": "document"}
        with on(DUE):
            submitted = scenarios.submitted_update(commitment, evidence=[link])
            is_published = threading.Event()

            def publish_slowly():
                with on(DUE), transaction.atomic():
                    factories.publish(submitted, by=factories.officer())
                    is_published.set()
                    time.sleep(0.5)
                connection.close()

            publishing = threading.Thread(target=publish_slowly)
            publishing.start()
            is_published.wait(60)
            assert self.check_links() == 0
            publishing.join(60)
            assert self.check_links() == 1

    def test_scheduled_check_stays_with_public_addresses(self, update, reachable_site, monkeypatch):
        monkeypatch.undo()  # The site is at a private address and port again.
        with on(DUE):
            tasks.check_links()
        assert reachable_site.requests == []
        assert LinkCheck.objects.get().why == "It is at an unusual port, where we do not look"
