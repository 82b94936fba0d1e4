"""Below /account/; sign-in itself is allauth's, whose addresses follow these."""

from allauth.mfa.totp.views import activate_totp
from csp.decorators import csp_update
from django.urls import path

from charter.views import account

# The page with the second factor's code shows a picture inside itself; no other page may.
activate = csp_update({"img-src": ["data:"]})(activate_totp)

urlpatterns = [
    path("home", account.account_home, name="account_home"),
    path("2fa/totp/activate/", activate, name="mfa_activate_totp"),
]
