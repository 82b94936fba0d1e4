"""Letters to silent signatories: preview and publish them, and reply."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from charter import permissions
from charter.errors import WrongStateError
from charter.models import Commitment, Proposal, Signatory
from charter.views.access import SignedInRequest, member_required, staff_required
from registry import clock
from registry.wording.formatting import count_noun
from reporting.actions import letters
from reporting.forms.checks import LetterAnswerForm
from reporting.models import Letter


@staff_required("letter.publish")
@require_http_methods(["GET", "POST"])
def publish_letter(request: SignedInRequest, key: str) -> HttpResponse:
    """Show the fixed wording of a period's letter; publish it."""
    periods = letters.periods_without_letter(clock.today()).for_staff(request.user)
    period = get_object_or_404(periods, key=key)
    signatory = period.commitment.signatory
    permissions.check(request.user, "letter.publish", signatory)
    if request.method == "POST":
        try:
            done = letters.publish_or_propose(signatory, [period], by=request.user)
            if isinstance(done, Proposal):
                return redirect("council:proposal", done.pk)
            messages.success(request, "The letter is public, and its email is on the way.")
        except WrongStateError as error:
            messages.info(request, str(error))
        return redirect("council:late_updates")
    context = {
        "section": "behind",
        "period": period,
        "commitment": period.commitment,
        "text": letters.letter_text(period),
    }
    return render(request, "council/letter.html", context)


@staff_required("letter.publish")
@require_http_methods(["GET", "POST"])
def publish_letters(request: SignedInRequest, key: str) -> HttpResponse:
    """Show all due letters to a signatory; publish those on the submitted page."""
    signatories = Signatory.objects.for_staff(request.user)
    signatory = get_object_or_404(
        signatories.select_related("organisation", "charter__authority"), key=key
    )
    permissions.check(request.user, "letter.publish", signatory)
    due_periods = letters.periods_without_letter(clock.today()).filter(
        commitment__signatory=signatory
    )
    if request.method == "POST":
        displayed_periods = due_periods.filter(key__in=request.POST.getlist("shown"))
        done = letters.publish_or_propose(signatory, displayed_periods, by=request.user)
        if isinstance(done, Proposal):
            return redirect("council:proposal", done.pk)
        letter_count = count_noun(len(done), "letter")
        messages.success(
            request, f"Published: {letter_count} to {signatory}. Each goes by email too."
        )
        return redirect("council:late_updates")
    context = {
        "section": "behind",
        "signatory": signatory,
        "letters": [(period, letters.letter_text(period)) for period in due_periods],
    }
    return render(request, "council/letters.html", context)


@member_required("business.read")
@require_http_methods(["GET", "POST"])
def answer_letter(request: SignedInRequest, key: str) -> HttpResponse:
    """Show a letter to the signatory; publish their reply."""
    own_commitments = Commitment.objects.for_user(request.user)
    own_letters = Letter.objects.filter(period__commitment__in=own_commitments)
    letter = get_object_or_404(
        own_letters.select_related("period__commitment__signatory__organisation"), key=key
    )
    commitment = letter.period.commitment
    if request.method == "POST":
        permissions.check(request.user, "letter.respond", commitment.signatory)
    form = LetterAnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        letters.publish_response(letter, by=request.user, text=form.cleaned_data["answer"])
        messages.success(request, "Your answer is public, beside the letter.")
        return redirect("business:letter", key)
    context = {
        "section": "business",
        "letter": letter,
        "commitment": commitment,
        "may_answer": not letter.answered_at
        and permissions.can(request.user, "letter.respond", commitment.signatory),
        "form": form,
    }
    return render(request, "reporting/letter.html", context)
