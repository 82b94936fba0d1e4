"""The page of a proposal, on which a second person agrees or declines."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from charter import permissions
from charter.actions import second_person
from charter.errors import CharterError, NotAllowedError
from charter.forms.council import ProposalDeclineForm
from charter.models import Proposal
from charter.views.access import SignedInRequest, staff_required


@staff_required("desk.read")
@require_http_methods(["GET", "POST"])
def proposal_detail(request: SignedInRequest, number: int) -> HttpResponse:
    """Show a proposal; agree to it, decline it with comments, or withdraw it."""
    proposals = Proposal.objects.for_staff(request.user)
    proposal = get_object_or_404(
        proposals.select_related("authority", "organisation", "proposed_by", "decided_by"),
        pk=number,
    )
    form = ProposalDeclineForm(request.POST if "decline" in request.POST else None)
    try:
        if message := _decide(request, proposal, form):
            messages.success(request, message)
            return redirect("council:queue")
    except NotAllowedError:
        raise
    except CharterError as error:
        messages.info(request, str(error))
        return redirect("council:proposal", number)
    is_own = proposal.proposed_by == request.user
    context = {
        "section": "queue",
        "proposal": proposal,
        "act": second_person.act_of(proposal),
        "facts": second_person.act_of(proposal).facts(proposal),
        "form": form,
        "is_own": is_own,
        "may_decide": not is_own and permissions.can(request.user, proposal.act, proposal.subject),
    }
    return render(request, "council/proposal.html", context)


def _decide(request: SignedInRequest, proposal: Proposal, form: ProposalDeclineForm) -> str:
    """Carry out what was submitted; return what happened, or "" if nothing has."""
    title = second_person.act_of(proposal).title
    if "agree" in request.POST:
        second_person.agree(proposal, by=request.user)
        return f"Agreed and done: {title}"
    if "withdraw" in request.POST:
        second_person.withdraw(proposal, by=request.user)
        return f"Withdrawn: {title}"
    if "decline" in request.POST:
        permissions.check(request.user, "proposal.decline", proposal.subject)
    if form.is_valid():
        second_person.decline(proposal, by=request.user, **form.cleaned_data)
        return f"Declined: {title}"
    return ""
