"""Pages for administrators to manage the council's staff."""

from allauth.mfa.utils import is_mfa_enabled
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from charter import permissions
from charter.actions import people
from charter.actions import staff as actions
from charter.errors import AddressError, AlreadyExistsError, WrongStateError
from charter.forms.people import StaffForm
from charter.models import Invitation, Proposal, StaffMembership
from charter.roles import acts_by_staff_roles
from charter.views.access import SignedInRequest, staff_required
from registry import clock
from registry.wording.formatting import join_list


@staff_required("staff.invite")
@require_http_methods(["GET", "POST"])
def staff_list(request: SignedInRequest) -> HttpResponse:
    """List the council's staff and invite more."""
    authorities = permissions.authorities_with(request.user, "staff.invite")
    form = StaffForm(request.POST or None, authorities=authorities)
    if form.is_valid():
        try:
            done = actions.invite_or_propose(by=request.user, **form.values())
        except (AddressError, AlreadyExistsError, WrongStateError) as error:
            form.add_error("email", str(error))
        else:
            if isinstance(done, Proposal):
                return redirect("council:proposal", done.pk)
            messages.success(request, f"We have written to {form.cleaned_data['email']}.")
            return redirect("council:staff")
    staff = StaffMembership.objects.current().filter(authority__in=authorities)
    members = staff.select_related("user", "authority").order_by("user__name", "user__email")
    invitations = Invitation.objects.open(clock.now()).filter(authority__in=authorities)
    context = {
        "section": "staff",
        "rows": [(member, is_mfa_enabled(member.user)) for member in members],
        "invited": invitations.order_by("pk"),
        "has_several_authorities": authorities.count() > 1,
        "acts_by_roles": [
            (join_list([role.label for role in roles]), without_people, join_list(acts))
            for roles, without_people, acts in acts_by_staff_roles()
        ],
        "form": form,
    }
    return render(request, "council/staff.html", context)


@staff_required("staff.remove")
@require_http_methods(["GET", "POST"])
def staff_end(request: SignedInRequest, membership: int) -> HttpResponse:
    """Ask first; then end a person's role at the council."""
    authorities = permissions.authorities_with(request.user, "staff.remove")
    staff = StaffMembership.objects.current().filter(authority__in=authorities)
    member = get_object_or_404(staff.select_related("user", "authority"), pk=membership)
    is_self = member.user == request.user
    if request.method == "GET":
        context = {"section": "staff", "member": member, "is_self": is_self}
        return render(request, "council/staff_end.html", context)
    try:
        actions.end_role(member, by=request.user)
        messages.success(request, f"{member.user} no longer works for {member.authority} here.")
    except WrongStateError as error:
        messages.info(request, str(error))
    return redirect("account_home" if is_self else "council:staff")


@staff_required("staff.withdraw_invitation")
@require_POST
def staff_invitation_revoke(request: SignedInRequest, invitation: int) -> HttpResponse:
    authorities = permissions.authorities_with(request.user, "staff.withdraw_invitation")
    invitations = Invitation.objects.filter(authority__in=authorities)
    pending_invitation = get_object_or_404(invitations, pk=invitation)
    people.revoke_invitation(pending_invitation, by=request.user)
    messages.success(request, f"The link that {pending_invitation.email} was sent no longer works.")
    return redirect("council:staff")
