"""Render emails: templates/emails/<kind>.html has a block each for subject, text and HTML."""

from typing import Any

from django.conf import settings
from django.template import Context, Engine

from charter.models import Authority, Message
from registry.log import publishing
from registry.models import Record

MAX_SUBJECT_LENGTH = 300

# Only the log knows these values, after publishing; the outbox fills them in before it sends.
ENTRY_PLACEHOLDER, HEAD_PLACEHOLDER = "%entry%", "%head%"


def sender_details(authority: Authority | None) -> dict[str, str]:
    """Return sender and contact details of an authority, or of the register as a whole.

    As a whole, a register with one authority is that authority's. Before one is set up, and if
    there are several, the details come from the settings.
    """
    if authority is None:
        first_two = list(Authority.objects.all()[:2])
        authority = first_two[0] if len(first_two) == 1 else None
    if authority is None:
        return {
            "team": "Charter Register",
            "sender_address": settings.SENDER_ADDRESS,
            "reply_address": settings.REPLY_ADDRESS,
            "postal_address": settings.POSTAL_ADDRESS,
            "telephone": settings.TELEPHONE,
        }
    return {
        "team": f"{authority.team}, {authority.name}",
        "sender_address": authority.sender_address,
        "reply_address": authority.reply_address,
        "postal_address": authority.postal_address,
        "telephone": authority.telephone,
    }


def render(
    kind: str, context: dict[str, Any], authority: Authority | None = None
) -> tuple[str, str, str]:
    """Return subject, plain text and HTML of an email by an authority, or by none."""
    context = {"public_url": settings.PUBLIC_URL} | sender_details(authority) | context
    subject = _render_part("subject.txt", kind, Context(context, autoescape=False))
    text = _render_part("text.txt", kind, Context(context, autoescape=False))
    html = _render_part("html.html", kind, Context(context))
    return _clean_subject(subject), text.strip() + "\n", html


def complete_receipt(message: Message) -> str:
    """Fill the entry's number and the log's head into a receipt; return "" or a reason not to send.

    The message's key names the public record: receipt:C-7F3K2.
    """
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
    """Remove invisible characters from a subject, such as emoji joiners, and shorten it.

    Published titles and names may contain such characters; a header may not.
    """
    visible = "".join(
        character for character in " ".join(subject.split()) if character.isprintable()
    )
    return visible[:MAX_SUBJECT_LENGTH]


def _render_part(part: str, kind: str, context: Context) -> str:
    """Render the template of a kind within the frame of one part, which uses one of its blocks."""
    context["part"] = f"emails/_{part}"
    return Engine.get_default().get_template(f"emails/{kind}.html").render(context)
