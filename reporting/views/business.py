"""A signatory's home page: tasks and commitments."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from charter import permissions
from charter.models import Commitment, Signatory
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
        "tasks": task_list.list_tasks(request.user, today),
        "refused": request.user.memberships.current().exclude(bounced_at=None).first(),
        "next_day": task_list.next_request_date(request.user, today),
        "commitments": Commitment.objects.for_user(request.user)
        .select_related("signatory__organisation", "theme")
        .order_by("-pk"),
    }
    return render(request, "reporting/home.html", context)
