"""Pages for administrators to manage the council's staff."""

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from charter.actions import people
from charter.errors import AddressError, AlreadyExistsError, WrongStateError
from charter.forms.people import StaffForm
from charter.models import Invitation, User
from charter.views.access import SignedInRequest, administrator_required
from registry import clock


@administrator_required
@require_http_methods(["GET", "POST"])
def staff_list(request: SignedInRequest) -> HttpResponse:
    """List the council's staff and invite more."""
    form = StaffForm(request.POST or None)
    if form.is_valid():
        try:
            people.invite(by=request.user, **form.cleaned_data)
        except (AddressError, AlreadyExistsError) as error:
            form.add_error("email", str(error))
        else:
            messages.success(request, f"We have written to {form.cleaned_data['email']}.")
            return redirect("council:staff")
    members = User.objects.council_staff().order_by("name", "email")
    context = {
        "section": "staff",
        "rows": [(member, is_mfa_enabled(member)) for member in members],
        "invited": Invitation.objects.open(clock.now()).filter(organisation=None).order_by("pk"),
        "form": form,
    }
    return render(request, "council/staff.html", context)


@administrator_required
@require_POST
def staff_end(request: SignedInRequest, person: int) -> HttpResponse:
    member = get_object_or_404(User.objects.council_staff(), pk=person)
    try:
        people.remove_council_role(member, by=request.user)
        messages.success(request, f"{member} no longer works for the council here.")
    except WrongStateError as error:
        messages.info(request, str(error))
    return redirect("account_home" if member == request.user else "council:staff")


@administrator_required
@require_POST
def staff_invitation_revoke(request: SignedInRequest, invitation: int) -> HttpResponse:
    invitations = Invitation.objects.filter(organisation=None)
    pending_invitation = get_object_or_404(invitations, pk=invitation)
    people.revoke_invitation(pending_invitation, by=request.user)
    messages.success(request, f"The link that {pending_invitation.email} was sent no longer works.")
    return redirect("council:staff")
