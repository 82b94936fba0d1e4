"""Fills the words of emails: three files each, templates/emails/<name>.{subject.txt,txt,html}."""

from typing import Any

from django.conf import settings
from django.template import Context, Engine
from django.template.loader import get_template

from charter.models import Authority, Message
from registry.log import publishing
from registry.models import Record

MAX_SUBJECT_LENGTH = 300

# What only the log can say, after the publishing; the outbox has it filled in before it sends.
ENTRY_PLACEHOLDER, HEAD_PLACEHOLDER = "%entry%", "%head%"


def sender_details() -> dict[str, str]:
    """Return who writes and from where, as the council set it up; before that, as the register was
    started.
    """
    keepers = Authority.objects.filter(charters__isnull=False)
    council = keepers.order_by("-charters__valid_from", "-charters__pk").first()
    if council is None:
        return {
            "team": "Charter Register",
            "sender_address": settings.SENDER_ADDRESS,
            "reply_address": settings.REPLY_ADDRESS,
            "postal_address": settings.POSTAL_ADDRESS,
            "telephone": settings.TELEPHONE,
        }
    return {
        "team": f"{council.team}, {council.name}",
        "sender_address": council.sender_address,
        "reply_address": council.reply_address,
        "postal_address": council.postal_address,
        "telephone": council.telephone,
    }


def render(name: str, context: dict[str, Any]) -> tuple[str, str, str]:
    """Return subject, plain text and HTML of an email."""
    context = {"public_url": settings.PUBLIC_URL} | sender_details() | context
    subject = _clean_subject(_render_text(f"emails/{name}.subject.txt", context))
    text = _render_text(f"emails/{name}.txt", context).strip() + "\n"
    return subject, text, get_template(f"emails/{name}.html").render(context)


def complete_receipt(message: Message) -> str:
    """Write number and hashes into a receipt; its key names what is public: receipt:C-7F3K2."""
    key = message.key.split(":")[1]
    record = Record.objects.filter(key=key).first()
    if record is None:
        return f"{key} is not public"
    head = publishing.head()
    for marker, value in [
        (ENTRY_PLACEHOLDER, f"{record.entry}"),
        (HEAD_PLACEHOLDER, f"{head.number}:{head.hash}"),
    ]:
        message.text = message.text.replace(marker, value)
        message.html = message.html.replace(marker, value)
    message.save(update_fields=["text", "html"])
    return ""


def _clean_subject(subject: str) -> str:
    """Take out of a subject what nobody can see, such as joiners of emoji, and what is too long.

    Titles and names are published with such characters; a header cannot hold them.
    """
    visible = "".join(letter for letter in " ".join(subject.split()) if letter.isprintable())
    return visible[:MAX_SUBJECT_LENGTH]


def _render_text(template: str, context: dict[str, Any]) -> str:
    """Render plain text, in which nothing is escaped."""
    return Engine.get_default().get_template(template).render(Context(context, autoescape=False))
