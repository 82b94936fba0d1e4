"""A mail server that should give TLS and does not, or cannot prove who it is, gets no email."""

import asyncio
import ssl
import subprocess
import threading
from contextlib import contextmanager

import pytest
from aiosmtpd.smtp import SMTP

from charter.mail import outbox
from charter.models import Message
from charter.workflow import MessageState

pytestmark = pytest.mark.django_db


class Heard:
    """What a mail server was told."""

    def __init__(self):
        self.lines, self.emails = [], 0

    async def handle_AUTH(self, server, session, envelope, mechanism, args):
        self.lines.append("AUTH")

    async def handle_MAIL(self, server, session, envelope, address, options):
        self.lines.append("MAIL")
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.emails += 1
        return "250 OK"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that nobody vouches for, and its key."""
    folder = tmp_path_factory.mktemp("tls")
    key, made = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", made),
        ],
        check=True,
        capture_output=True,
    )
    return made, key


@pytest.fixture
def tls(certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


@contextmanager
def listening(heard, scheme="", tls=None):
    """Be a mail server: without TLS, with STARTTLS, or with TLS from the first byte."""
    starttls = tls if scheme == "smtp+tls" else None
    at_once = tls if scheme == "smtp+ssl" else None
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    coming = loop.create_server(
        lambda: SMTP(heard, tls_context=starttls, loop=loop), "127.0.0.1", 0, ssl=at_once
    )
    server = asyncio.run_coroutine_threadsafe(coming, loop).result()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(server.close)


def drain(settings, url):
    """Hand one email over, if the server is to be trusted; return the email."""
    settings.EMAIL_URL = url
    outbox.queue(
        kind="returned", key="returned:1", recipient="a@b.example", subject="S", text="Words"
    )
    outbox.drain()
    return Message.objects.get(key="returned:1")


def check_that_nothing_was_said(heard, message, why):
    assert (message.state, message.attempts.get().phase) == (MessageState.DEFERRED, "connect")
    assert why in message.last_code
    assert (heard.lines, heard.emails) == ([], 0)


def test_a_server_whose_tls_was_stripped_hears_neither_password_nor_email(settings):
    heard = Heard()
    with listening(heard) as port:
        message = drain(settings, f"smtp+tls://user:password@127.0.0.1:{port}")
    check_that_nothing_was_said(heard, message, "STARTTLS")


@pytest.mark.parametrize("scheme", ["smtp+tls", "smtp+ssl"])
def test_a_server_that_nobody_vouches_for_hears_neither_password_nor_email(settings, tls, scheme):
    heard = Heard()
    with listening(heard, scheme, tls) as port:
        message = drain(settings, f"{scheme}://user:password@127.0.0.1:{port}")
    check_that_nothing_was_said(heard, message, "CERTIFICATE_VERIFY_FAILED")


@pytest.mark.parametrize("scheme", ["smtp+tls", "smtp+ssl"])
def test_a_certificate_for_another_name_is_none(settings, tls, certificate, monkeypatch, scheme):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    heard = Heard()
    with listening(heard, scheme, tls) as port:
        message = drain(settings, f"{scheme}://localhost:{port}")
    check_that_nothing_was_said(heard, message, "CERTIFICATE_VERIFY_FAILED")


@pytest.mark.parametrize("scheme", ["smtp+tls", "smtp+ssl"])
def test_a_server_with_a_true_certificate_gets_the_email(
    settings, tls, certificate, monkeypatch, scheme
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    heard = Heard()
    with listening(heard, scheme, tls) as port:
        message = drain(settings, f"{scheme}://127.0.0.1:{port}")
    assert (message.state, heard.emails) == (MessageState.SENT, 1)
