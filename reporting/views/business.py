"""A signatory's home page: tasks and commitments."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from charter import permissions
from charter.models import Commitment, Signatory, User
from charter.views.access import SignedInRequest, member_required
from registry import clock
from reporting import task_list


@member_required("business.read")
@require_safe
def signatory_home(request: SignedInRequest) -> HttpResponse:
    today = clock.today()
    context = {
        "section": "business",
        "may_write": permissions.memberships_with(request.user, "commitment.draft").exists(),
        "signatories": Signatory.objects.for_user(request.user).select_related("organisation"),
        "unsigned": _unsigned_signatories(request.user),
        "tasks": task_list.list_tasks(request.user, today),
        "refused": request.user.memberships.current().exclude(bounced_at=None).first(),
        "next_day": task_list.next_request_date(request.user, today),
        "commitments": Commitment.objects.for_user(request.user)
        .select_related("signatory__organisation", "theme")
        .order_by("-pk"),
    }
    return render(request, "reporting/home.html", context)


def _unsigned_signatories(user: User) -> list[Signatory]:
    """Return the user's signatories that can send nothing before they have signed."""
    signatories = Signatory.objects.for_user(user).filter(left_on=None, accepted_at=None)
    return list(signatories.select_related("organisation", "charter"))
