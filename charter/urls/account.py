"""URLs below /account/. Sign-in is allauth's, whose URLs follow these."""

from allauth.mfa.totp.views import activate_totp
from csp.decorators import csp_update
from django.urls import path

from charter.views import account

# The QR code of the second factor is an inline image; no other page may have one.
activate_totp_with_image = csp_update({"img-src": ["data:"]})(activate_totp)

urlpatterns = [
    path("home", account.account_home, name="account_home"),
    path("2fa/totp/activate/", activate_totp_with_image, name="mfa_activate_totp"),
]
