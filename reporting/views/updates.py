"""A signatory tells the news of a promise."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from charter.errors import StaleError, WrongStateError
from charter.models import Commitment
from charter.views.access import SignedInRequest, signatory_required
from registry import clock, keys
from reporting import permissions, schedule, todo
from reporting.actions import successes, updates
from reporting.forms.updates import Answer, UpdateForm
from reporting.models import ProgressUpdate


@signatory_required
@require_http_methods(["GET", "POST"])
def update(request: SignedInRequest, key: str) -> HttpResponse:
    """Show the form with the answer of the link chosen; only sending it changes anything."""
    commitment = _own(request, key)
    permissions.check_may_report(request.user, commitment)
    expected = updates.expected(commitment, clock.today())
    if request.method == "GET":
        if expected is None:
            return _nothing_owed(request, commitment)
        initial = UpdateForm.initial_of(expected, successes.begun(commitment))
        if request.GET.get("answer") in Answer.values:
            initial["answer"] = request.GET["answer"]
        return _form_page(request, UpdateForm(update=expected, initial=initial))
    if expected is None or _answer_to(commitment, request.POST.get("period", "")):
        return _not_taken(request, commitment)
    more = "more" in request.POST
    later = more or "later" in request.POST
    form = UpdateForm(request.POST, request.FILES, update=expected, draft=later)
    if not form.is_valid():
        return _form_page(request, form)
    try:
        _take(request, form, commitment)
    except StaleError as error:
        return _conflict_page(request, form, error.current)
    except WrongStateError:
        return _not_taken(request, commitment)
    if more:
        address = reverse("reporting:update", args=[commitment.key])
        return redirect(f"{address}?answer={Answer.NUMBER}#evidence")
    if form.draft:
        messages.success(request, "Your draft is saved. Nobody outside your organisation sees it.")
        return redirect("business:home")
    return redirect("reporting:update_sent", commitment.key)


@signatory_required
@require_safe
def update_sent(request: SignedInRequest, key: str) -> HttpResponse:
    """Say that the answer has come, and what follows."""
    commitment = _own(request, key)
    context = {"commitment": commitment, "update": updates.last_sent(commitment)}
    return render(request, "reporting/update_sent.html", context)


@transaction.atomic
def _take(request: SignedInRequest, form: UpdateForm, commitment: Commitment) -> None:
    """Save what was told and, unless it is for later, send it. What is published comes last."""
    begun = updates.start(commitment, by=request.user)
    saved = updates.save(
        begun,
        by=request.user,
        version=form.cleaned_data["version"],
        evidence=form.evidence(),
        without=form.removed(),
        **form.values(),
    )
    if form.tells_a_success:
        story = successes.save(
            commitment,
            by=request.user,
            success=successes.begun(commitment),
            **form.success(),
        )
        if not form.draft:
            successes.submit(story, by=request.user)
    else:
        successes.let_go(commitment, by=request.user)
    if not form.draft:
        updates.submit(saved, by=request.user)


def _own(request: SignedInRequest, key: str) -> Commitment:
    mine = Commitment.objects.for_user(request.user).select_related(
        "signatory__charter", "signatory__organisation", "theme", "measure"
    )
    return get_object_or_404(mine, key=keys.written_form(key))


def _answer_to(commitment: Commitment, period: str) -> ProgressUpdate | None:
    """Return what was sent for a period already."""
    return commitment.updates.filter(period__key=period, status__in=updates.SENT).first()


def _not_taken(request: SignedInRequest, commitment: Commitment) -> HttpResponse:
    """Keep what was typed in view where nothing is asked for any more; of a second click, thank."""
    sent = _answer_to(commitment, request.POST.get("period", ""))
    update = sent or ProgressUpdate(commitment=commitment)
    form = UpdateForm(request.POST, request.FILES, update=update, draft=True)
    if sent and form.repeats(sent):
        return redirect("reporting:update_sent", commitment.key)
    context = {"commitment": commitment, "update": sent, "typed": form.typed()}
    return render(request, "reporting/not_taken.html", context, status=409)


def _nothing_owed(request: SignedInRequest, commitment: Commitment) -> HttpResponse:
    context = {
        "commitment": commitment,
        "last": updates.last_sent(commitment),
        "next_day": todo.next_day(request.user, clock.today()),
    }
    return render(request, "reporting/nothing_owed.html", context)


def _form_page(
    request: SignedInRequest, form: UpdateForm, *, status: int = 200, **context: Any
) -> HttpResponse:
    update = form.update
    context |= {
        "form": form,
        "update": update,
        "commitment": update.commitment,
        "period": update.period,
        "last": updates.last_sent(update.commitment),
        "is_early": clock.today() < schedule.asked_from(update.period),
    }
    return render(request, "reporting/update_form.html", context, status=status)


def _conflict_page(
    request: SignedInRequest, form: UpdateForm, current: ProgressUpdate
) -> HttpResponse:
    """Show what a colleague saved beside what is typed; sending again keeps what is typed."""
    differences = form.differences(current)
    form.data = {**form.data.dict(), "version": str(current.version)}  # type: ignore[attr-defined]
    return _form_page(request, form, status=409, differences=differences)
