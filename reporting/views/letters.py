"""The council's letter to who stays silent: read before it is published, and answered."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from charter.errors import WrongStateError
from charter.models import Commitment, Signatory
from charter.views.access import SignedInRequest, council_required, signatory_required
from registry import clock
from registry.wording.formatting import count_noun
from reporting import permissions
from reporting.actions import letters
from reporting.forms.checks import LetterAnswerForm
from reporting.models import Letter


@council_required
@require_http_methods(["GET", "POST"])
def publish_letter(request: SignedInRequest, key: str) -> HttpResponse:
    """Show the letter about a period in its fixed words; publish it."""
    period = get_object_or_404(letters.periods_without_letter(clock.today()), key=key)
    if request.method == "POST":
        try:
            letters.publish(period, by=request.user)
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


@council_required
@require_http_methods(["GET", "POST"])
def publish_letters(request: SignedInRequest, key: str) -> HttpResponse:
    """Show all letters that are due to a signatory, and publish those that were shown."""
    signatory = get_object_or_404(Signatory.objects.select_related("organisation"), key=key)
    due = letters.periods_without_letter(clock.today()).filter(commitment__signatory=signatory)
    if request.method == "POST":
        shown = due.filter(key__in=request.POST.getlist("shown"))
        written = [letters.publish(period, by=request.user) for period in shown]
        counted = count_noun(len(written), "letter")
        messages.success(request, f"Published: {counted} to {signatory}. Each goes by email too.")
        return redirect("council:late_updates")
    context = {
        "section": "behind",
        "signatory": signatory,
        "letters": [(period, letters.letter_text(period)) for period in due],
    }
    return render(request, "council/letters.html", context)


@signatory_required
@require_http_methods(["GET", "POST"])
def answer_letter(request: SignedInRequest, key: str) -> HttpResponse:
    """Show a signatory the letter and take its answer."""
    mine = Commitment.objects.for_user(request.user)
    found = Letter.objects.filter(period__commitment__in=mine)
    letter = get_object_or_404(
        found.select_related("period__commitment__signatory__organisation"), key=key
    )
    form = LetterAnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        letters.publish_response(letter, by=request.user, text=form.cleaned_data["answer"])
        messages.success(request, "Your answer is public, beside the letter.")
        return redirect("business:letter", key)
    commitment = letter.period.commitment
    context = {
        "section": "business",
        "letter": letter,
        "commitment": commitment,
        "may_answer": not letter.answered_at and permissions.can_report(request.user, commitment),
        "form": form,
    }
    return render(request, "reporting/letter.html", context)
