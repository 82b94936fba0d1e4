"""Pages for checking published updates, and for the signatory's reply."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from charter import permissions
from charter.errors import WrongStateError
from charter.models import PlanNote
from charter.views.access import SignedInRequest, member_required, staff_required
from charter.views.paging import page_context
from charter.workflow import ReviewStatus
from reporting.actions import checks
from reporting.forms.checks import CheckForm, CheckReplyForm, PlanNoteForm
from reporting.models import Check, ProgressUpdate
from reporting.models.updates import ProgressUpdateQuerySet


@staff_required("desk.read")
@require_safe
def updates_to_check(request: SignedInRequest) -> HttpResponse:
    waiting_checks = Check.objects.for_staff(request.user).waiting().order_by("reply_until")
    context = {
        "section": "checks",
        "updates": page_context(request, checks.unchecked_updates().for_staff(request.user)),
        "waiting": waiting_checks.select_related("update__commitment__signatory__organisation"),
    }
    return render(request, "council/checks.html", context)


@staff_required("desk.read")
@require_http_methods(["GET", "POST"])
def check_update(request: SignedInRequest, key: str) -> HttpResponse:
    """Show an update with its evidence; record the result of a check."""
    update = get_object_or_404(_published_updates(request), key=key)
    if request.method == "POST":
        permissions.check(request.user, "check.record", update.commitment.signatory)
    form = CheckForm(request.POST or None)
    if form.is_valid():
        try:
            check = checks.record_check(update, by=request.user, **form.cleaned_data)
        except WrongStateError as error:
            messages.info(request, str(error))
        else:
            until = f"{check.reply_until:%-d %B %Y}"
            messages.success(request, f"Recorded. {update.commitment.signatory} has until {until}.")
        return redirect("council:checks")
    return _check_page(request, update, form, _plan_form(update))


@staff_required("evidence_plan.note")
@require_POST
def note_evidence_plan(request: SignedInRequest, key: str) -> HttpResponse:
    """Record whether the planned evidence was useful."""
    update = get_object_or_404(_published_updates(request), key=key)
    permissions.check(request.user, "evidence_plan.note", update.commitment.signatory)
    form = _plan_form(update, request.POST)
    if not form.is_valid():
        return _check_page(request, update, CheckForm(), form)
    checks.save_plan_note(update.commitment, by=request.user, **form.cleaned_data)
    messages.success(request, "Noted. The next one who promises this measure reads it.")
    return redirect("council:check", key)


def _published_updates(request: SignedInRequest) -> ProgressUpdateQuerySet:
    own_updates = ProgressUpdate.objects.for_staff(request.user)
    published_updates = own_updates.filter(status=ReviewStatus.PUBLISHED)
    return published_updates.select_related(*UPDATE_RELATIONS)


def _plan_form(update: ProgressUpdate, data: Any = None) -> PlanNoteForm:
    return PlanNoteForm(data, note=PlanNote.objects.filter(commitment=update.commitment).first())


def _check_page(
    request: SignedInRequest, update: ProgressUpdate, form: CheckForm, plan_form: PlanNoteForm
) -> HttpResponse:
    signatory = update.commitment.signatory
    context = {
        "section": "checks",
        "may_check": permissions.can(request.user, "check.record", signatory),
        "may_note": permissions.can(request.user, "evidence_plan.note", signatory),
        "plan_form": plan_form,
        "update": update,
        "commitment": update.commitment,
        "given": update.evidence.all(),
        "asked": update.confirmations.order_by("pk"),
        "made": Check.objects.filter(update=update).first(),
        "form": form,
    }
    return render(request, "council/check.html", context)


@member_required("business.read")
@require_http_methods(["GET", "POST"])
def reply_to_check(request: SignedInRequest, key: str) -> HttpResponse:
    """Show a check to the signatory before publication; publish their reply."""
    own_updates = ProgressUpdate.objects.for_user(request.user)
    own_checks = Check.objects.filter(update__in=own_updates).select_related(
        *(f"update__{path}" for path in UPDATE_RELATIONS)
    )
    check = get_object_or_404(own_checks, update__key=key)
    signatory = check.update.commitment.signatory
    if request.method == "POST":
        permissions.check(request.user, "check.reply", signatory)
    form = CheckReplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            checks.publish_reply(check, by=request.user, text=form.cleaned_data["reply"])
            messages.success(request, "Your reply is public, beside the check.")
        except WrongStateError as error:
            messages.info(request, str(error))
        return redirect("business:check", key)
    context = {
        "section": "business",
        "made": check,
        "update": check.update,
        "commitment": check.update.commitment,
        "may_reply": not check.published_at
        and permissions.can(request.user, "check.reply", signatory),
        "form": form,
    }
    return render(request, "reporting/check.html", context)


UPDATE_RELATIONS = ["period", "commitment__signatory__organisation", "commitment__measure"]
