"""The page behind an invitation's one-time link, the only way to get an account."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from charter.actions import people
from charter.errors import InvitationError
from charter.forms.invitations import InvitationForm
from charter.models import Invitation, User
from charter.roles import PERMISSIONS


# With `no-referrer` browsers send no usable Origin, so Django's CSRF check would refuse the form.
# The unguessable URL proves that the form is ours, and sending it signs nobody in.
@csrf_exempt
@never_cache
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show an invitation. Only the form, sent with a password, accepts it."""
    response = _acceptance_page(request, token)
    # The URL is secret: pages opened from here must not receive it as their referrer.
    response["Referrer-Policy"] = "no-referrer"
    return response


def _address_after(invitation: Invitation) -> str:
    """Return the address of the sign-in, which leads to the charter that waits to be signed."""
    sign_in, organisation = reverse("account_login"), invitation.organisation
    may_sign = invitation.role in PERMISSIONS["charter.accept"].members
    signatory = organisation.invited_signatories.first() if organisation and may_sign else None
    if signatory is None:
        return sign_in
    return f"{sign_in}?{urlencode({'next': reverse('business:sign', args=[signatory.key])})}"


def _acceptance_page(request: HttpRequest, token: str) -> HttpResponse:
    try:
        invitation = people.find_invitation(token)
    except InvitationError as error:
        return render(request, "invitations/closed.html", {"error": error}, status=410)
    has_account = User.objects.filter(email=invitation.email).exists()
    form = InvitationForm(request.POST or None, email=invitation.email, has_account=has_account)
    if form.is_valid():
        try:
            people.accept_invitation(invitation, **form.values())
        except InvitationError as error:
            form.add_error("password", str(error))
        else:
            messages.success(request, "You can now sign in with your email address and password.")
            return redirect(_address_after(invitation))
    context = {"form": form, "invitation": invitation, "known": has_account}
    return render(request, "invitations/accept.html", context)
