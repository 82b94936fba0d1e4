"""Pages where a signatory changes a public commitment: choose an action, edit, preview, submit."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from charter import permissions, personal_data, review
from charter.actions import changes
from charter.errors import (
    AlreadyExistsError,
    ChangedSinceReadError,
    IncompleteError,
    WrongStateError,
)
from charter.forms.changes import ChangeForm
from charter.models import Change
from charter.views.access import SignedInRequest, member_required
from charter.views.business import get_own_commitment
from charter.workflow import CommitmentStatus
from registry import clock
from registry.website import commitment as page
from registry.wording import differences


@member_required("change.draft")
@require_safe
def choose_change_action(request: SignedInRequest, key: str) -> HttpResponse:
    """Choose between a correction, a change and an end."""
    commitment = get_own_commitment(request, key)
    permissions.check(request.user, "change.draft", commitment.signatory)
    if commitment.status != CommitmentStatus.PUBLISHED:
        return redirect("business:commitment", key)
    context = {
        "commitment": commitment,
        "actions": dict(Change.Action.choices),
        "change": commitment.changes.open().first(),
        "closing_problem": changes.closing_problem(commitment),
        "section": "business",
    }
    return render(request, "charter/change.html", context)


@member_required("change.draft")
@require_http_methods(["GET", "POST"])
def change_edit(request: SignedInRequest, key: str, action: str) -> HttpResponse:
    """Edit the changed values and the public reason."""
    commitment = get_own_commitment(request, key)
    permissions.check(request.user, "change.draft", commitment.signatory)
    if action not in Change.Action.values:
        raise Http404("There is no such change.")
    change = commitment.changes.open().first()
    is_under_review = change is not None and not change.is_working_copy
    if is_under_review or commitment.status != CommitmentStatus.PUBLISHED:
        return redirect("business:commitment_change", key)
    form = ChangeForm(request.POST or None, commitment=commitment, action=action)
    form.initial = ChangeForm.initial_of(commitment, change)
    if not form.is_valid():
        return _form_page(request, form, change)
    try:
        changes.save_draft(commitment, by=request.user, **form.submission())
    except ChangedSinceReadError as error:
        return _conflict_page(request, form, error.current)
    except (AlreadyExistsError, WrongStateError) as error:
        messages.info(request, str(error))
        return redirect("business:commitment_change", key)
    return redirect("business:change_preview", key)


@member_required("business.read")
@require_safe
def change_preview(request: SignedInRequest, key: str) -> HttpResponse:
    """Show old and new values side by side, and the public page as it will be."""
    change = _open_change(request, key)
    entries = [changes.entry_to_append(change)]
    context = {
        "change": change,
        "key": key,
        "may_write": permissions.can(request.user, "change.submit", change.commitment.signatory),
        "problem": changes.blocking_problem(change),
        "weakenings": review.questions_about(change),
        "differences": differences.public_differences(entries),
        "personal_data": personal_data.find_in_entries(entries),
        "commitment": page.preview_page(entries, key=key, today=clock.today()),
        "section": "business",
    }
    return render(request, "charter/change_preview.html", context)


@member_required("change.submit")
@require_POST
def change_submit(request: SignedInRequest, key: str) -> HttpResponse:
    try:
        review.submit(_open_change(request, key), by=request.user)
    except IncompleteError:
        return redirect("business:change_preview", key)
    except WrongStateError as error:
        messages.info(request, str(error))
    return redirect("business:commitment", key)


@member_required("change.drop")
@require_POST
def change_drop(request: SignedInRequest, key: str) -> HttpResponse:
    try:
        changes.drop(_open_change(request, key), by=request.user)
        messages.success(request, "The change is dropped. Your commitment stands as it is.")
    except WrongStateError as error:
        messages.info(request, str(error))
    return redirect("business:commitment", key)


def _open_change(request: SignedInRequest, key: str) -> Change:
    return get_object_or_404(get_own_commitment(request, key).changes.open())


def _form_page(
    request: SignedInRequest,
    form: ChangeForm,
    change: Change | None,
    *,
    differences: list[dict[str, str]] | None = None,
) -> HttpResponse:
    """Show the form; `differences` are those from a colleague's version saved meanwhile."""
    context = {
        "form": form,
        "change": change,
        "commitment": form.commitment,
        "label": Change.Action(form.action).label,
        "differences": differences,
        "section": "business",
    }
    status = 200 if differences is None else 409
    return render(request, "charter/change_form.html", context, status=status)


def _conflict_page(request: SignedInRequest, form: ChangeForm, current: Change) -> HttpResponse:
    """Show a colleague's saved version beside this one. Saving again overwrites theirs."""
    form.data = request.POST.copy()
    form.data["version"] = str(current.version)
    return _form_page(request, form, current, differences=form.differences(current))
