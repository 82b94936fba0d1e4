"""Email scanners open links, run scripts and press buttons before people do: nothing changes.

The one address that acts on POST is in an email header, for the mail program's own button
(test_preferences.py).
"""

import re
from datetime import date
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client

from charter.models import Invitation, Message
from reporting.models import CalendarAddress
from tests import factories
from tests.reporting import scenarios
from tests.reporting.scenarios import on

pytestmark = pytest.mark.django_db
LINK = re.compile(r"https?://[^\s<>\"]+")
FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
FIELD = re.compile(r'<input\b[^>]*name="(?P<name>[^"]+)"[^>]*value="(?P<value>[^"]*)"')


def table_digests() -> dict[str, str]:
    """Return a checksum of each table of the register."""
    configs = [apps.get_app_config(name) for name in ("registry", "charter", "reporting")]
    tables = [model._meta.db_table for config in configs for model in config.get_models()]
    digests = {}
    with connection.cursor() as cursor:
        for table in tables:
            rows = f"SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {table} t"  # noqa: S608
            cursor.execute(rows)
            digests[table] = cursor.fetchone()[0]
    return digests


def press_every_button(client: Client, path: str, page: str) -> None:
    """Submit each form of a page unchanged, as a scanner that clicks does."""
    for form in FORM.findall(page):
        action = re.search(r'action="([^"]*)"', form.partition(">")[0])
        to = unescape(action[1]) if action and action[1] else path
        data = {name: unescape(value) for name, value in FIELD.findall(form)}
        if 'method="post"' in form.partition(">")[0]:
            client.post(to, data)
        else:
            client.get(to, data)


def test_scanners_change_nothing_and_sign_nobody_in(sink):
    commitment = scenarios.commitment()
    CalendarAddress.objects.create(signatory=commitment.signatory)
    with on(date(2026, 5, 5)):
        scenarios.tick()
        factories.return_with_comments(
            factories.submitted_commitment(end_on=date(2027, 5, 1)),
            by=factories.officer(),
            comments="Which college?",
        )
        Message.objects.filter(kind="invitation").delete()
        factories.signatory("Canal Street Joinery", contact_email="cara@canal-street.example")
        factories.application()
        factories.stated_signature(factories.invited("Aston Arts"))
        scenarios.outbox.drain()
        bodies = [email.get_body(("plain",)).get_content() for email in sink.emails()]
        links = {link.rstrip(".,") for body in bodies for link in LINK.findall(body)}
        [invitation] = [link for link in links if "/invitations/" in link]
        links.add(f"http://testserver/reminders/calendar/{CalendarAddress.objects.get().token}.ics")
        before = table_digests()
        assert len(links) > 6
        for link in links:
            path = urlsplit(link)._replace(scheme="", netloc="").geturl()
            scanner = Client()
            for open_link in (scanner.head, *[scanner.get] * 5):
                response = open_link(path, follow=True)
                assert response.status_code in (200, 404), path
            if response["Content-Type"].startswith("text/html"):
                press_every_button(scanner, path, response.content.decode())
            assert not Session.objects.exists()
        assert table_digests() == before
        # The link still works when the person follows the scanner.
        assert Client().get(urlsplit(invitation).path).status_code == 200
        assert not Invitation.objects.get(email="cara@canal-street.example").accepted_at
