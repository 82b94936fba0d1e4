"""Every kind of email has its words in one template, the same in plain text and in HTML."""

import html
import re
from pathlib import Path

import pytest
from django.core import checks
from django.core.exceptions import ImproperlyConfigured

from charter.mail import kinds
from charter.mail.checks import BLOCKS, check_email_templates

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "templates" / "emails"
EMAILS = sorted(path.stem for path in FOLDER.glob("[!_]*"))


def template_block(email: str, block: str) -> str:
    template = (FOLDER / f"{email}.html").read_text()
    return re.search(rf"{{% block {block} %}}(.*?){{% endblock.*? %}}", template, re.S)[1]


def template_words(template: str) -> set[str]:
    """Return a template's words, addresses and fields, without tags and filters."""
    template = re.sub(r"\{\{\s*([\w.]+)[^}]*\}\}", r" \1 ", template)
    template = re.sub(r"\{[%#].*?[%#]\}", " ", template)
    template = re.sub(r'<[^>]*?href="([^"]*)"[^>]*>', r" \1 ", template)
    return set(re.findall(r"[\w.'/?=]{2,}", html.unescape(re.sub(r"<[^>]+>", " ", template))))


@pytest.mark.parametrize("email", EMAILS)
def test_plain_text_and_html_emails_say_the_same(email):
    text, rich = (template_block(email, block) for block in ("text", "html"))
    assert template_words(text) == template_words(rich)
    assert re.findall(r"{% include .*? %}", text) == re.findall(r"{% include .*? %}", rich)


def test_reminder_lists_due_updates_and_settings_without_a_token():
    words = template_words(template_block("reminder", "text"))
    assert {"item.commitment.title", "/reminders"} <= words
    assert not [word for word in words if "token" in word]


def test_every_kind_is_queued_somewhere():
    modules = [
        path for folder in ("charter", "reporting") for path in (ROOT / folder).rglob("*.py")
    ]
    code = "".join(path.read_text() for path in modules if path.name != "mail_kinds.py")
    unused = [kind.code for kind in kinds.registered_kinds() if f'"{kind.code}"' not in code]
    assert unused == []


def test_every_kind_has_a_label_of_its_own():
    labels = [kind.label for kind in kinds.registered_kinds()]
    assert len(set(labels)) == len(labels) > 20


def test_check_finds_no_gap():
    assert check_email_templates in checks.registry.registry.get_checks()
    assert check_email_templates(None) == []


def test_check_finds_kinds_without_words_and_words_without_a_kind(settings, tmp_path, monkeypatch):
    (tmp_path / "emails").mkdir()
    for kind in kinds.registered_kinds():
        blocks = "".join(f"{{% block {name} %}}{{% endblock %}}" for name in sorted(BLOCKS))
        (tmp_path / "emails" / f"{kind.code}.html").write_text(f"{{% extends part %}}{blocks}")
    (tmp_path / "emails" / "receipt.html").unlink()
    (tmp_path / "emails" / "letter.html").write_text("{% block subject %}A letter{% endblock %}")
    (tmp_path / "emails" / "forgotten.html").touch()
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
    assert [error.msg for error in check_email_templates(None)] == [
        "The template emails/letter.html has no block html.",
        "The template emails/letter.html has no block text.",
        "The kind of email receipt has no template emails/receipt.html.",
        "The template emails/account.html belongs to no kind of email.",
        "The template emails/forgotten.html belongs to no kind of email.",
    ]


def test_two_kinds_cannot_share_a_code():
    with pytest.raises(ImproperlyConfigured, match="Two kinds of email have the code 'receipt'"):
        kinds.register([kinds.MessageKind("receipt", "Another")])
