"""A mail server without the required TLS or a trusted certificate gets no email."""

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


class RecordingHandler:
    """Records the commands and counts the emails a mail server receives."""

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
    """Return a self-signed certificate for 127.0.0.1 and its key."""
    folder = tmp_path_factory.mktemp("tls")
    key, path = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", path),
        ],
        check=True,
        capture_output=True,
    )
    return path, key


@pytest.fixture
def tls(certificate):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    return context


@contextmanager
def listening(handler, scheme="", tls=None):
    """Run a mail server: without TLS, with STARTTLS, or with TLS from the first byte."""
    starttls = tls if scheme == "smtp+tls" else None
    implicit_tls = tls if scheme == "smtp+ssl" else None
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, daemon=True).start()
    server_coroutine = loop.create_server(
        lambda: SMTP(handler, tls_context=starttls, loop=loop), "127.0.0.1", 0, ssl=implicit_tls
    )
    server = asyncio.run_coroutine_threadsafe(server_coroutine, loop).result()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(server.close)


def drain(settings, url):
    """Queue one email, drain the outbox and return the message."""
    settings.EMAIL_URL = url
    outbox.queue(
        kind="returned", key="returned:1", recipient="a@b.example", subject="S", text="Words"
    )
    outbox.drain()
    return Message.objects.get(key="returned:1")


def check_nothing_was_sent(handler, message, reason):
    assert (message.state, message.attempts.get().phase) == (MessageState.DEFERRED, "connect")
    assert reason in message.last_code
    assert (handler.lines, handler.emails) == ([], 0)


def test_server_with_stripped_tls_gets_no_password_or_email(settings):
    handler = RecordingHandler()
    with listening(handler) as port:
        message = drain(settings, f"smtp+tls://user:password@127.0.0.1:{port}")
    check_nothing_was_sent(handler, message, "STARTTLS")


@pytest.mark.parametrize("scheme", ["smtp+tls", "smtp+ssl"])
def test_untrusted_server_gets_no_password_or_email(settings, tls, scheme):
    handler = RecordingHandler()
    with listening(handler, scheme, tls) as port:
        message = drain(settings, f"{scheme}://user:password@127.0.0.1:{port}")
    check_nothing_was_sent(handler, message, "CERTIFICATE_VERIFY_FAILED")


@pytest.mark.parametrize("scheme", ["smtp+tls", "smtp+ssl"])
def test_certificate_for_another_name_is_refused(settings, tls, certificate, monkeypatch, scheme):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    handler = RecordingHandler()
    with listening(handler, scheme, tls) as port:
        message = drain(settings, f"{scheme}://localhost:{port}")
    check_nothing_was_sent(handler, message, "CERTIFICATE_VERIFY_FAILED")


@pytest.mark.parametrize("scheme", ["smtp+tls", "smtp+ssl"])
def test_server_with_a_valid_certificate_gets_the_email(
    settings, tls, certificate, monkeypatch, scheme
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    handler = RecordingHandler()
    with listening(handler, scheme, tls) as port:
        message = drain(settings, f"{scheme}://127.0.0.1:{port}")
    assert (message.state, handler.emails) == (MessageState.SENT, 1)
