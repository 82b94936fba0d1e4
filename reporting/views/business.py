"""A signatory's home: what it owes, in order, and its commitments."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from charter.errors import WrongStateError
from charter.models import Commitment, Signatory
from charter.permissions import writes_for
from charter.views.access import SignedInRequest, signatory_required
from registry import clock
from reporting import permissions, todo
from reporting.actions import successes
from reporting.forms.updates import SuccessForm
from reporting.models import Success


@signatory_required
@require_safe
def home(request: SignedInRequest) -> HttpResponse:
    today = clock.today()
    context = {
        "section": "business",
        "may_write": writes_for(request.user).exists(),
        "signatories": Signatory.objects.for_user(request.user).select_related("organisation"),
        "tasks": todo.tasks(request.user, today),
        "next_day": todo.next_day(request.user, today),
        "commitments": Commitment.objects.for_user(request.user)
        .select_related("signatory__organisation", "theme")
        .order_by("-pk"),
    }
    return render(request, "reporting/home.html", context)


@signatory_required
@require_http_methods(["GET", "POST"])
def success(request: SignedInRequest, key: str) -> HttpResponse:
    """Change a story that the council returned, and send it again."""
    mine = Commitment.objects.for_user(request.user)
    story = get_object_or_404(Success.objects.filter(commitments__in=mine).distinct(), key=key)
    promise = story.commitments.earliest("pk")
    permissions.check_may_report(request.user, promise)
    form = SuccessForm(
        request.POST or None,
        request.FILES or None,
        initial=SuccessForm.initial_of(story),
        given=story.evidence.all(),
    )
    if request.method == "POST" and form.is_valid():
        try:
            saved = successes.save(
                promise,
                by=request.user,
                success=story,
                evidence=form.evidence(),
                without=form.removed(),
                **form.success(),
            )
            successes.submit(saved, by=request.user)
            messages.success(request, "Your success is with the council again.")
        except WrongStateError as error:
            messages.info(request, str(error))
        return redirect("business:home")
    return render(request, "reporting/success_form.html", {"form": form, "success": story})
