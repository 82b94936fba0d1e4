"""Pages to manage an organisation's people, for its owners and for staff."""

from typing import cast

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from charter import permissions
from charter.actions import people as actions
from charter.errors import AddressError, AlreadyExistsError
from charter.forms.people import ColleagueForm
from charter.models import HandOver, Invitation, Membership, Organisation, Proposal, Signatory
from charter.views.access import SignedInRequest, member_required, staff_required
from charter.views.business import choose_signatory_page, signatory_from_request
from registry import clock


@member_required("business.read")
@require_http_methods(["GET", "POST"])
def signatory_people(request: SignedInRequest) -> HttpResponse:
    signatory = signatory_from_request(request)
    if signatory is None:
        signatories = Signatory.objects.for_user(request.user)
        return choose_signatory_page(request, signatories, title="Whose people?", section="people")
    page_url = f"{reverse('business:people')}?signatory={signatory.key}"
    return _people_page(request, signatory, page_url, area="business")


@member_required("invitation.withdraw")
@require_POST
def invitation_revoke(request: SignedInRequest, invitation: int) -> HttpResponse:
    invitations = Invitation.objects.filter(
        organisation__signatories__in=Signatory.objects.for_user(request.user)
    )
    _revoke_invitation(request, get_object_or_404(invitations.distinct(), pk=invitation))
    return redirect("business:people")


@staff_required("desk.read")
@require_http_methods(["GET", "POST"])
def council_people(request: SignedInRequest, key: str) -> HttpResponse:
    signatories = Signatory.objects.for_staff(request.user).select_related("organisation")
    signatory = get_object_or_404(signatories, key=key)
    page_url = reverse("council:people", args=[key])
    return _people_page(request, signatory, page_url, area="council")


@staff_required("invitation.withdraw")
@require_POST
def council_invitation_revoke(request: SignedInRequest, invitation: int) -> HttpResponse:
    invitations = Invitation.objects.for_staff(request.user).exclude(organisation=None)
    pending_invitation = get_object_or_404(
        invitations.select_related("organisation"), pk=invitation
    )
    _revoke_invitation(request, pending_invitation)
    organisation = cast(Organisation, pending_invitation.organisation)
    return redirect(council_people_url(request, organisation))


def council_people_url(request: SignedInRequest, organisation: Organisation) -> str:
    """Return the address of an organisation's people for staff."""
    own_signatories = Signatory.objects.for_staff(request.user).filter(organisation=organisation)
    return reverse("council:people", args=[own_signatories.latest("pk").key])


def _revoke_invitation(request: SignedInRequest, invitation: Invitation) -> None:
    actions.revoke_invitation(invitation, by=request.user)
    messages.success(request, f"The link that {invitation.email} was sent no longer works.")


def _people_page(
    request: SignedInRequest, signatory: Signatory, page_url: str, *, area: str
) -> HttpResponse:
    organisation = signatory.organisation
    members = list(organisation.memberships.current().select_related("user", "invited_by"))
    owners = [member for member in members if member.role == Membership.Role.OWNER]
    is_owner = any(member.user == request.user for member in owners)
    may_invite = permissions.can(request.user, "person.invite", organisation)
    form = ColleagueForm(request.POST or None, is_owner=is_owner)
    if request.method == "POST":
        permissions.check(request.user, "person.invite", organisation)
        if form.is_valid():
            try:
                done = actions.invite_or_propose(
                    by=request.user, signatory=signatory, **form.cleaned_data
                )
            except (AddressError, AlreadyExistsError) as error:
                form.add_error("email", str(error))
            else:
                if isinstance(done, Proposal):
                    return redirect("council:proposal", done.pk)
                recipient = form.cleaned_data["email"]
                messages.success(request, f"We have written to {recipient}.")
                return redirect(page_url)
    may_remove = permissions.can(request.user, "person.remove", organisation)
    rows = [
        (member, may_remove or member.user == request.user)
        for member in sorted(members, key=lambda m: (m.role != Membership.Role.OWNER, m.pk))
    ]
    invitations = Invitation.objects.open(clock.now()).filter(organisation=organisation)
    context = {
        "section": "people" if area == "business" else "signatories",
        "signatory": signatory,
        "rows": rows,
        "invited": invitations.order_by("pk"),
        "hand_overs": HandOver.objects.filter(commitment__signatory=signatory).select_related(
            "commitment", "before__user", "after__user", "by"
        ),
        "only_owner": is_owner and len(owners) == 1,
        "may_invite": may_invite,
        "from_outside": Membership.Role.INTERMEDIARY,
        "form": form,
        "here": page_url,
        "area": area,
    }
    return render(request, "charter/people.html", context)
