"""Dev asks Companies House with a button; nothing else in the register waits for its response."""

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from charter import companies_house
from tests import factories
from tests.visitors import signed_in, with_second_factor

pytestmark = pytest.mark.django_db
BROOK = {"company_name": "BROOKFIELD  CATERING", "company_status": "active"}


class CompaniesHouse(BaseHTTPRequestHandler):
    """A stand-in for Companies House on this machine."""

    def do_GET(self):
        self.server.requests.append((self.path, self.headers["Authorization"]))
        status, content = self.server.responses.get(self.path.rpartition("/")[2], (404, b"{}"))
        if status == "late":
            time.sleep(0.5)
            return
        self.send_response(status)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *args):
        pass


@pytest.fixture
def house(monkeypatch, settings):
    settings.COMPANIES_HOUSE_KEY = "a-key"
    server = ThreadingHTTPServer(("127.0.0.1", 0), CompaniesHouse)
    server.requests, server.daemon_threads = [], True
    server.responses = {
        "01234567": (200, json.dumps(BROOK).encode()),
        "SC000001": (200, json.dumps(BROOK | {"company_status": "converted-closed"}).encode()),
        "00000401": (401, b""),
        "00000200": (200, b"<html>"),
        "00000300": (200, b"[]"),
        "00000000": ("late", b""),
    }
    monkeypatch.setattr(companies_house, "ADDRESS", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(companies_house, "TIMEOUT_SECONDS", 0.2)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join(60)
    server.server_close()


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("01234567", "as BROOKFIELD  CATERING (the name given here); its status is: active."),
        ("SC000001", "its status is: converted closed."),
        ("09999999", "knows no company of the number 09999999"),
        ("00000401", "does not answer as it should now"),
        ("00000200", "does not answer now"),
        ("00000300", "does not answer now"),
        ("00000000", "does not answer now"),
    ],
)
def test_every_response_becomes_a_sentence(house, number, words):
    assert words in companies_house.describe_company(number, legal_name="Brookfield Catering")


def test_api_key_is_sent_as_user_name_without_password(house):
    companies_house.describe_company("01234567", legal_name="Brook Foods")
    key = base64.b64encode(b"a-key:").decode()
    assert house.requests == [("/company/01234567", f"Basic {key}")]


def test_companies_house_is_not_asked_without_a_key(house, settings):
    settings.COMPANIES_HOUSE_KEY = ""
    signatory = factories.signatory(identifiers=[("GB-COH", "01234567")])
    address = f"/council/signatories/{signatory.key}/details"
    dev = signed_in(with_second_factor(factories.officer()))
    assert "Ask Companies House" not in dev.get(address).text
    dev.post(address, {"look_up": "yes"})
    assert house.requests == []


def test_dev_looks_up_a_signatory_and_an_applicant(house):
    signatory = factories.signatory(identifiers=[("GB-COH", "01234567")])
    application = factories.application(scheme="GB-COH", number="09999999")
    dev = signed_in(with_second_factor(factories.officer()))
    for address, words in (
        (f"/council/signatories/{signatory.key}/details", "its status is: active"),
        (f"/council/applications/{application.pk}", "knows no company"),
    ):
        assert "Ask Companies House" in dev.get(address).text
        assert words in dev.post(address, {"look_up": "yes"}, follow=True).text
    assert [path for path, _ in house.requests] == ["/company/01234567", "/company/09999999"]
