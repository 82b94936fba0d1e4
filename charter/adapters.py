"""Our rules for sign-in, as hooks of allauth."""

import time
from datetime import timedelta
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.core import context as current
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.views.defaults import permission_denied

from charter import second_factor
from charter.actions import people
from charter.errors import NotAllowedError
from charter.forms.fields import AddressField
from charter.mail import identities, outbox, rendering
from charter.models import User
from registry import clock

CODE_LIFETIME = timedelta(seconds=app_settings.LOGIN_BY_CODE_TIMEOUT)
FACTOR_LABELS = {
    "mfa_reauthenticate": "Use a code",
    "mfa_reauthenticate:webauthn": "Use a passkey",
}


class AccountAdapter(DefaultAccountAdapter):
    """Invitation-only accounts, email through the outbox, links built from the public URL."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def format_email_subject(self, subject: str) -> str:
        return subject

    def get_reset_password_from_key_url(self, key: str) -> str:
        """Build the link from PUBLIC_URL, never from the Host header, which visitors control."""
        uid, _, token = key.partition("-")
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
        return f"{settings.PUBLIC_URL}{path}"

    def get_email_confirmation_url(
        self, request: HttpRequest, emailconfirmation: EmailConfirmation
    ) -> str:
        """Build the link from PUBLIC_URL, never from the Host header, which visitors control."""
        path = reverse("account_confirm_email", args=[emailconfirmation.key])
        return f"{settings.PUBLIC_URL}{path}"

    def clean_email(self, email: str) -> str:
        return AddressField().clean(email)

    @transaction.atomic
    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        is_confirmed: bool = super().confirm_email(request, email_address)
        if is_confirmed:
            people.mark_mailbox_working(email_address.user)
        return is_confirmed

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """Ask an account with a second factor for that, never for its password instead."""
        methods = super().get_reauthentication_methods(user)
        factors = [method for method in methods if method["id"] in FACTOR_LABELS]
        if not is_mfa_enabled(user, [Authenticator.Type.TOTP]):
            factors.reverse()  # the only codes are recovery codes: the passkey comes first
        return [m | {"description": FACTOR_LABELS[m["id"]]} for m in factors] or methods

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Accept a recent sign-in, so that nobody types a password twice in a row."""
        request = current.request
        if is_mfa_enabled(request.user):
            records = second_factor.factor_records(request)
        else:
            records = get_authentication_records(request, request.user)
        # allauth records sign-ins with the machine's clock, not with the register's.
        latest = max((record["at"] for record in records), default=0)
        return time.time() - latest > app_settings.REAUTHENTICATION_TIMEOUT

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        context = rendering.sender_details(None) | {"request": current.request} | context
        message = self.render_mail(template_prefix, email, context)
        outbox.queue(
            kind="account",
            key=identities.new_key("account"),
            recipient=email,
            subject=message.subject,
            text=message.body,
            expires_at=clock.now() + CODE_LIFETIME if "code" in context else None,
        )


class StaffAdapter(DefaultSocialAccountAdapter):
    """Sign in existing council staff with their work account, and nobody else."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if not (sociallogin.is_existing and sociallogin.user.is_staff):
            message = (
                "No account of the council here has the address of your account at work. An "
                "administrator of the register can invite you."
            )
            raise ImmediateHttpResponse(permission_denied(request, NotAllowedError(message)))
