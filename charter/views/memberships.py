"""Pages to end a person's membership or change its role, which say what follows and ask first."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from charter import permissions
from charter.actions import people as actions
from charter.errors import WrongStateError
from charter.forms.people import RoleForm
from charter.models import Commitment, Membership
from charter.models.people import MembershipQuerySet, own_organisations
from charter.roles import MemberRole
from charter.views.access import SignedInRequest, member_required, staff_required
from charter.views.people import council_people_url


@dataclass(frozen=True)
class Consequences:
    """What follows if a member goes, or is no longer an owner."""

    staying: list[Membership]  # The others.
    has_owner: bool  # One of them is an owner.
    looked_after: int  # Open commitments that the member looks after.

    @classmethod
    def of(cls, member: Membership) -> "Consequences":
        others = member.organisation.memberships.current().exclude(pk=member.pk)
        staying = list(others.select_related("user").order_by("started_on", "pk"))
        looked_after = Commitment.objects.open().filter(update_owner=member)
        has_owner = any(other.role == MemberRole.OWNER for other in staying)
        return cls(staying, has_owner, looked_after.count())


@member_required("person.remove")
@require_http_methods(["GET", "POST"])
def membership_end(request: SignedInRequest, membership: int) -> HttpResponse:
    member = get_object_or_404(_colleagues_of(request), pk=membership)
    return _end_page(request, member, reverse("business:people"), section="people")


@staff_required("person.remove")
@require_http_methods(["GET", "POST"])
def council_membership_end(request: SignedInRequest, membership: int) -> HttpResponse:
    member = get_object_or_404(Membership.objects.for_staff(request.user), pk=membership)
    back_url = council_people_url(request, member.organisation)
    return _end_page(request, member, back_url, section="signatories")


@member_required("person.change_role")
@require_http_methods(["GET", "POST"])
def membership_role(request: SignedInRequest, membership: int) -> HttpResponse:
    member = get_object_or_404(_colleagues_of(request).current(), pk=membership)
    return _role_page(request, member, reverse("business:people"), section="people")


@staff_required("person.change_role")
@require_http_methods(["GET", "POST"])
def council_membership_role(request: SignedInRequest, membership: int) -> HttpResponse:
    members = Membership.objects.for_staff(request.user).current()
    member = get_object_or_404(members, pk=membership)
    back_url = council_people_url(request, member.organisation)
    return _role_page(request, member, back_url, section="signatories")


def _colleagues_of(request: SignedInRequest) -> MembershipQuerySet:
    return Membership.objects.filter(organisation__in=own_organisations(request.user))


def _end_page(
    request: SignedInRequest, member: Membership, back_url: str, *, section: str
) -> HttpResponse:
    """Say what follows; end the membership once that was confirmed."""
    permissions.check_may_end_membership(request.user, member)
    if member.ended_on:
        messages.info(request, f"{member.user} no longer acts for {member.organisation}.")
        return redirect(back_url)
    is_self = member.user == request.user
    if request.method == "POST":
        actions.end_membership(member, by=request.user)
        messages.success(request, _farewell(member, is_self=is_self))
        return redirect("account_home" if is_self else back_url)
    context = {
        "section": section,
        "member": member,
        "is_self": is_self,
        "consequences": Consequences.of(member),
        "back": back_url,
    }
    return render(request, "charter/person_end.html", context)


def _farewell(member: Membership, *, is_self: bool) -> str:
    """Return what is true once a membership has ended."""
    if is_self:
        return f"You have left {member.organisation}. We have emailed you a confirmation."
    has_others = member.organisation.memberships.current().exists()
    readers = "them and everyone else there" if has_others else "them"
    return f"{member.user} no longer acts for {member.organisation}. We have emailed {readers}."


def _role_page(
    request: SignedInRequest, member: Membership, back_url: str, *, section: str
) -> HttpResponse:
    permissions.check(request.user, "person.change_role", member.organisation)
    form = RoleForm(request.POST or None, initial={"role": member.role})
    context = {"section": section, "member": member, "form": form, "back": back_url}
    if form.is_valid():
        role = form.cleaned_data["role"]
        consequences = Consequences.of(member)
        loses_last_owner = member.role == MemberRole.OWNER != role and not consequences.has_owner
        try:
            permissions.check_may_change_role(request.user, member, role)
            if loses_last_owner and "confirmed" not in request.POST:
                context |= {"role": MemberRole(role).label.lower(), "consequences": consequences}
                return render(request, "charter/person_role_confirm.html", context)
            member = actions.change_role(member, by=request.user, role=role)
        except WrongStateError as error:
            form.add_error("role", str(error))
        else:
            role_now = member.get_role_display().lower()
            sentence = f"{member.user} is {role_now} now. We have emailed the others."
            messages.success(request, sentence)
            return redirect(back_url)
    return render(request, "charter/person_role.html", context)
