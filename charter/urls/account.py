"""Below /account/; sign-in itself is allauth's."""

from django.urls import path

from charter.views import account

urlpatterns = [path("home", account.home, name="account_home")]
