"""Pages with the email sent by a local register, as its recipients would see it."""

import email
import email.policy
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

NEWEST = 200


@dataclass(frozen=True)
class StoredEmail:
    """An email stored by the mail sink; `name` is its file's name without suffix."""

    name: str
    at: datetime
    recipient: str
    subject: str
    text: str


@require_safe
def email_list(request: HttpRequest) -> HttpResponse:
    """List the newest emails."""
    paths = sorted(mail_folder().glob("*.eml"), reverse=True)
    newest = [read_email(path) for path in paths[:NEWEST]]
    return render(request, "local/emails.html", {"emails": newest, "count": len(paths)})


@require_safe
def email_detail(request: HttpRequest, name: str) -> HttpResponse:
    """Show one email as text."""
    path = mail_folder() / f"{name}.eml"
    if not path.exists():
        raise Http404("The sink has no such email.")
    return render(request, "local/email.html", {"email": read_email(path)})


def mail_folder() -> Path:
    return settings.REGISTER_HOME / "mail"


def read_email(path: Path) -> StoredEmail:
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert isinstance(message, EmailMessage)  # noqa: S101  for mypy: the policy's class
    body = message.get_body(("plain", "html"))
    return StoredEmail(
        name=path.stem,
        at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        recipient=message["To"],
        subject=message["Subject"],
        text=body.get_content() if body else "",
    )
