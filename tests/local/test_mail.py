"""A local register stores its emails and shows them."""

import smtplib
import sys
import time
from email.message import EmailMessage

import pytest

from registry.local.processes import Child
from tests.conftest import free_port

pytestmark = pytest.mark.django_db


def send(port: int, subject: str, text: str) -> None:
    email = EmailMessage()
    email["From"], email["To"], email["Subject"] = (
        "register@example.org",
        "aisha@example.org",
        subject,
    )
    email.set_content(text)
    with smtplib.SMTP("127.0.0.1", port) as server:
        server.send_message(email)


def test_local_mail_sink_stores_each_email_as_a_file(tmp_path):
    port = free_port()
    command = [sys.executable, "-m", "registry.local.mail_sink", str(tmp_path / "mail"), str(port)]
    sink = Child(command, log=tmp_path / "sink.log")
    sink.start()
    try:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                send(port, "Your report is due", "Please tell us how it goes.")
                break
            except ConnectionRefusedError:
                time.sleep(0.05)
        paths = list((tmp_path / "mail").glob("*.eml"))
    finally:
        sink.stop()
    assert len(paths) == 1
    assert "X-Envelope-To: aisha@example.org" in paths[0].read_text()


def test_developer_reads_emails_in_the_browser(client, sink):
    send(sink.port, "Your report is due", "It is at http://localhost:8000/C-7F3K2")
    page = client.get("/dev/mail").content.decode()
    assert "Your report is due" in page
    assert "aisha@example.org" in page
    name = next(sink.folder.glob("*.eml")).stem
    page = client.get(f"/dev/mail/{name}").content.decode()
    assert "http://localhost:8000/C-7F3K2" in page


def test_unknown_email_is_not_found(client):
    assert client.get("/dev/mail/nothing").status_code == 404


def test_page_without_emails_says_so(client):
    assert "No email has been kept" in client.get("/dev/mail").content.decode()
