"""A signatory writes its commitments, sees them as the public will, and sends them."""

from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.core import signing
from django.db import IntegrityError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from charter import items, permissions, personal_data, writing_hints
from charter.actions import commitments
from charter.errors import IncompleteError, StaleError, WrongStateError
from charter.forms.commitments import NEW_KEY_SIGNER, CommitmentForm
from charter.models import Commitment, PlanNote, Signatory
from charter.models.organisations import SignatoryQuerySet
from charter.views.access import SignedInRequest, signatory_required
from charter.workflow import CommitmentStatus
from registry import clock
from registry.log import keys, publishing
from registry.models import Record
from registry.website import commitment as page
from registry.website.themes import newest_met_commitment

MAX_NOTES = 3
PUBLIC_STATUSES = [CommitmentStatus.PUBLISHED, CommitmentStatus.CLOSED, CommitmentStatus.WITHDRAWN]


@signatory_required
@require_http_methods(["GET", "POST"])
def commitment_new(request: SignedInRequest) -> HttpResponse:
    """Choose a measure from the menu, then write."""
    signatory = signatory_from_request(request)
    if signatory is None:
        mine = permissions.signatories_writable_by(request.user)
        return choose_signatory_page(
            request, mine, title="For whom do you write?", section="business"
        )
    permissions.check_may_write(request.user, signatory)
    if request.method == "GET":
        chosen, like = request.GET.get("measure", ""), request.GET.get("like", "")
        if not (chosen or like):
            themes = signatory.charter.themes.prefetch_related("measures")
            return render(
                request, "charter/measures.html", {"signatory": signatory, "themes": themes}
            )
        source = _met_commitment_item(like) if like else None
        new_key = request.GET.get("new")
        if not new_key:
            # In the address, so that going back leads to the same commitment, not to a second one.
            new_key = NEW_KEY_SIGNER.sign(keys.new_key("commitment"))
            return redirect(f"{request.get_full_path()}&{urlencode({'new': new_key})}")
        if made := _existing_commitment(request, new_key):
            return redirect("business:commitment_edit", made.key)
        initial = (
            CommitmentForm.initial_based_on(signatory, like, source)
            if source
            else CommitmentForm.initial_for(signatory, chosen)
        )
        form = CommitmentForm(signatory=signatory, initial=initial | {"new_key": new_key})
        return _form_page(request, form, signatory)
    form = CommitmentForm(request.POST, signatory=signatory, draft="later" in request.POST)
    if not form.is_valid():
        return _form_page(request, form, signatory)
    key = form.cleaned_data["new_key"]
    # The form carries the key of what it will make: sent twice, it still makes one commitment.
    made = Commitment.objects.for_user(request.user).filter(key=key).first()
    if made:
        return _save_draft(request, form, made)
    try:
        made = commitments.start_draft(
            by=request.user, signatory=signatory, key=key, **form.values()
        )
    except IntegrityError:
        made = get_object_or_404(Commitment.objects.for_user(request.user), key=key)
    return _redirect_after_save(request, made)


@signatory_required
@require_http_methods(["GET", "POST"])
def commitment_edit(request: SignedInRequest, key: str) -> HttpResponse:
    """Go on writing a draft, or what the council returned."""
    draft = get_own_commitment(request, key)
    permissions.check_may_write(request.user, draft.signatory)
    if not draft.is_working_copy:
        return redirect("business:commitment", key)
    if request.method == "GET":
        form = CommitmentForm(signatory=draft.signatory, initial=CommitmentForm.initial_of(draft))
        return _form_page(request, form, draft.signatory, draft)
    form = CommitmentForm(request.POST, signatory=draft.signatory, draft="later" in request.POST)
    if not form.is_valid():
        return _form_page(request, form, draft.signatory, draft)
    return _save_draft(request, form, draft)


@signatory_required
@require_safe
def commitment_preview(request: SignedInRequest, key: str) -> HttpResponse:
    """Show the page exactly as everybody will see it, or what is still missing."""
    draft = get_own_commitment(request, key)
    problems = draft.problems(clock.today())
    context: dict[str, Any] = {
        "draft": draft,
        "problems": problems,
        "may_write": permissions.can_write(request.user, draft.signatory),
    }
    if not problems:
        act = publishing.NewEntry("commitment", draft.key, "publish", items.commitment(draft))
        context["commitment"] = page.preview_context([act], key=draft.key, today=clock.today())
        context["personal_data"] = personal_data.find_in_entries([act])
        context["advice"] = writing_hints.hints_for(draft) if draft.is_working_copy else []
    return render(request, "charter/commitment_preview.html", context)


@signatory_required
@require_POST
def commitment_submit(request: SignedInRequest, key: str) -> HttpResponse:
    draft = get_own_commitment(request, key)
    try:
        commitments.submit(draft, by=request.user)
    except IncompleteError:
        return redirect("business:commitment_preview", key)
    except WrongStateError as error:
        messages.info(request, str(error))
    return redirect("business:commitment", key)


@signatory_required
@require_safe
def commitment_detail(request: SignedInRequest, key: str) -> HttpResponse:
    """Tell where a commitment stands and what can be done next."""
    mine = get_own_commitment(request, key)
    context = {
        "commitment": mine,
        "is_public": mine.status in PUBLIC_STATUSES,
        "may_write": permissions.can_write(request.user, mine.signatory),
        "change": mine.changes.open().first(),
    }
    return render(request, "charter/commitment.html", context)


def _existing_commitment(request: SignedInRequest, signed: str) -> Commitment | None:
    """Return what a form with this signed key has made already."""
    try:
        key = NEW_KEY_SIGNER.unsign(signed)
    except signing.BadSignature:
        return None
    return Commitment.objects.for_user(request.user).filter(key=key).first()


def _met_commitment_item(key: str) -> dict[str, Any]:
    """Return the public words of a commitment that was met."""
    met = Record.objects.of_kind("commitment").readable().filter(delivery="met")
    return cast(dict[str, Any], get_object_or_404(met, key=key).item)


def get_own_commitment(request: SignedInRequest, key: str) -> Commitment:
    mine = Commitment.objects.for_user(request.user).select_related(
        "signatory__charter__authority", "signatory__organisation", "theme", "measure"
    )
    return get_object_or_404(mine, key=key)


def signatory_from_request(request: SignedInRequest) -> Signatory | None:
    """Return the signatory that the address names, or the only one; None: let the person choose."""
    mine = Signatory.objects.for_user(request.user).select_related("charter", "organisation")
    if key := request.GET.get("signatory"):
        return get_object_or_404(mine, key=key)
    found = list(mine[:2])
    if not found:
        raise Http404
    return found[0] if len(found) == 1 else None


def choose_signatory_page(
    request: SignedInRequest, signatories: SignatoryQuerySet, *, title: str, section: str
) -> HttpResponse:
    """Ask for which of several signatories the page is to be shown."""
    context = {
        "signatories": signatories.select_related("charter", "organisation"),
        "title": title,
        "address": request.path,
        "like": request.GET.get("like", ""),
        "section": section,
    }
    return render(request, "charter/choose_signatory.html", context)


def _save_draft(request: SignedInRequest, form: CommitmentForm, draft: Commitment) -> HttpResponse:
    try:
        saved = commitments.save_draft(
            draft, by=request.user, version=form.cleaned_data["version"], **form.values()
        )
    except StaleError as error:
        return _conflict_page(request, form, error.current)
    except WrongStateError as error:
        messages.info(request, str(error))
        return redirect("business:commitment", draft.key)
    return _redirect_after_save(request, saved)


def _redirect_after_save(request: SignedInRequest, draft: Commitment) -> HttpResponse:
    if "later" in request.POST:
        messages.success(request, "Your draft is saved. Nobody outside your organisation sees it.")
        return redirect("business:commitment", draft.key)
    return redirect("business:commitment_preview", draft.key)


def _form_page(
    request: SignedInRequest,
    form: CommitmentForm,
    signatory: Signatory,
    draft: Commitment | None = None,
    **context: Any,
) -> HttpResponse:
    return render(
        request,
        "charter/commitment_form.html",
        {
            "form": form,
            "signatory": signatory,
            "draft": draft,
            "met_commitment": newest_met_commitment(form.chosen_measure.key)
            if form.chosen_measure
            else None,
            "notes": PlanNote.objects.for_measure(form.chosen_measure)[:MAX_NOTES]
            if form.chosen_measure
            else [],
            "advice": writing_hints.hints_for(draft) if draft else [],
            **context,
        },
        status=409 if "differences" in context else 200,
    )


def _conflict_page(
    request: SignedInRequest, form: CommitmentForm, current: Commitment
) -> HttpResponse:
    """Show what a colleague saved beside what is typed; saving again keeps what is typed."""
    differences = form.differences(current)
    form.data = {**request.POST.dict(), "area_codes": request.POST.getlist("area_codes")}
    form.data["version"] = str(current.version)
    return _form_page(request, form, current.signatory, current, differences=differences)
