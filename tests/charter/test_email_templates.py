"""The words of emails: the same in plain text and in HTML, whatever a program shows."""

import html
import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "templates" / "emails"
EMAILS = sorted(path.stem for path in FOLDER.glob("[!_]*.html"))


def words_of(template: str) -> set[str]:
    """Return the words, addresses and fields of a template, without tags and filters."""
    template = re.sub(r"\{\{\s*([\w.]+)[^}]*\}\}", r" \1 ", template)
    template = re.sub(r"\{[%#].*?[%#]\}", " ", template)
    template = re.sub(r'<[^>]*?href="([^"]*)"[^>]*>', r" \1 ", template)
    return set(re.findall(r"[\w.'/?=]{2,}", html.unescape(re.sub(r"<[^>]+>", " ", template))))


@pytest.mark.parametrize("email", EMAILS)
def test_an_email_says_the_same_in_plain_text_and_in_html(email):
    plain, rich = (FOLDER / f"{email}{suffix}" for suffix in (".txt", ".html"))
    assert words_of(plain.read_text()) == words_of(rich.read_text())
    assert (FOLDER / f"{email}.subject.txt").exists()


def test_a_request_says_what_is_due_when_and_how_to_stop_and_holds_no_token():
    asked = words_of((FOLDER / "digest.txt").read_text())
    assert {"item.title", "item.heading", "item.consequence", "/reminders"} <= asked
    assert not [word for word in asked if "token" in word]
