"""Our rules for sign-in, as allauth asks for them."""

import time
import uuid
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context as current
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from charter import emails, outbox


class AccountAdapter(DefaultAccountAdapter):
    """Accounts by invitation only; mail through the outbox; links from the public address."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def format_email_subject(self, subject: str) -> str:
        return subject

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Never take the address from the Host header, which the visitor writes."""
        uid, _, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
        return f"{settings.PUBLIC_URL}{path}"

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Take a sign-in of the last minutes as proof: nobody types a password twice in a row."""
        records = get_authentication_records(current.request, current.request.user)
        # allauth's records are of the machine's clock.
        latest = max((record["at"] for record in records), default=0)
        return time.time() - latest > app_settings.REAUTHENTICATION_TIMEOUT

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        context = emails.letterhead() | {"request": current.request} | context
        message = self.render_mail(template_prefix, email, context)
        outbox.queue(
            kind="account",
            key=f"account:{uuid.uuid4()}",
            recipient=email,
            subject=message.subject,
            text=message.body,
        )
