"""Emails say the same in plain text and in HTML."""

import html
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "templates" / "emails"
EMAILS = sorted(path.stem for path in FOLDER.glob("[!_]*.html"))


def template_words(template: str) -> set[str]:
    """Return a template's words, addresses and fields, without tags and filters."""
    template = re.sub(r"\{\{\s*([\w.]+)[^}]*\}\}", r" \1 ", template)
    template = re.sub(r"\{[%#].*?[%#]\}", " ", template)
    template = re.sub(r'<[^>]*?href="([^"]*)"[^>]*>', r" \1 ", template)
    return set(re.findall(r"[\w.'/?=]{2,}", html.unescape(re.sub(r"<[^>]+>", " ", template))))


@pytest.mark.parametrize("email", EMAILS)
def test_plain_text_and_html_emails_say_the_same(email):
    plain, rich = (FOLDER / f"{email}{suffix}" for suffix in (".txt", ".html"))
    assert template_words(plain.read_text()) == template_words(rich.read_text())
    assert (FOLDER / f"{email}.subject.txt").exists()


def test_reminder_lists_due_updates_and_settings_without_a_token():
    words = template_words((FOLDER / "digest.txt").read_text())
    assert {"item.title", "item.heading", "item.consequence", "/reminders"} <= words
    assert not [word for word in words if "token" in word]
