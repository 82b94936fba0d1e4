"""The one way to an account: a link that works once."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from charter.actions import people
from charter.errors import InvitationError
from charter.forms.invitations import InvitationForm
from charter.models import User


# Under `no-referrer` browsers send no true Origin, so Django's check of forgery would refuse the
# form. The unguessable address shows that the form is ours, and sending it signs nobody in.
@csrf_exempt
@never_cache
def accept_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the invitation is for; only the form, sent with a password, uses it up."""
    response = _acceptance_page(request, token)
    # The address is a secret: no page that is opened from here may learn it.
    response["Referrer-Policy"] = "no-referrer"
    return response


def _acceptance_page(request: HttpRequest, token: str) -> HttpResponse:
    try:
        invitation = people.find_invitation(token)
    except InvitationError as error:
        return render(request, "invitations/closed.html", {"error": error}, status=410)
    known = User.objects.filter(email=invitation.email).exists()
    form = InvitationForm(request.POST or None, email=invitation.email, known=known)
    if form.is_valid():
        try:
            people.accept_invitation(
                invitation,
                name=form.cleaned_data.get("name", ""),
                password=form.cleaned_data["password"],
            )
        except InvitationError as error:
            form.add_error("password", str(error))
        else:
            messages.success(request, "You can now sign in with your email address and password.")
            return redirect("account_login")
    context = {"form": form, "invitation": invitation, "known": known}
    return render(request, "invitations/accept.html", context)
