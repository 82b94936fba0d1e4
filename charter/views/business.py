"""Pages where a signatory drafts, previews and submits its commitments."""

from typing import Any, cast
from urllib.parse import urlencode

from django.contrib import messages
from django.core import signing
from django.db import IntegrityError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from charter import items, permissions, personal_data, review, writing_hints
from charter.actions import commitments
from charter.errors import ChangedSinceReadError, IncompleteError, WrongStateError
from charter.forms.commitments import NEW_KEY_SIGNER, CommitmentForm
from charter.models import Commitment, PlanNote, Signatory
from charter.models.organisations import SignatoryQuerySet
from charter.public_sentences import read_sentences
from charter.views.access import SignedInRequest, member_required
from charter.workflow import CommitmentStatus
from registry import clock
from registry.log import keys, publishing
from registry.models import Record
from registry.schema.code_lists import Delivery
from registry.website import commitment as page
from registry.website.measures import newest_met_commitment

MAX_NOTES = 3
PUBLIC_STATUSES = [CommitmentStatus.PUBLISHED, CommitmentStatus.CLOSED, CommitmentStatus.WITHDRAWN]


@member_required("commitment.draft")
@require_http_methods(["GET", "POST"])
def commitment_new(request: SignedInRequest) -> HttpResponse:
    """Choose a measure, then write a draft."""
    signatory = signatory_from_request(request)
    if signatory is None:
        signatories = permissions.signatories_with(request.user, "commitment.draft")
        return choose_signatory_page(
            request, signatories, title="For whom do you write?", section="business"
        )
    permissions.check(request.user, "commitment.draft", signatory)
    if request.method == "GET":
        measure_key, source_key = request.GET.get("measure", ""), request.GET.get("like", "")
        if not (measure_key or source_key):
            themes = signatory.charter.themes.prefetch_related("measures")
            return render(
                request,
                "charter/measures.html",
                {"signatory": signatory, "themes": themes, "section": "business"},
            )
        source = _met_commitment_item(source_key) if source_key else None
        new_key = request.GET.get("new")
        if not new_key:
            # The key is in the URL, so that going back does not make a second commitment.
            new_key = NEW_KEY_SIGNER.sign(keys.new_key("commitment"))
            return redirect(f"{request.get_full_path()}&{urlencode({'new': new_key})}")
        if commitment := _existing_commitment(request, new_key):
            return redirect("business:commitment_edit", commitment.key)
        initial = (
            CommitmentForm.initial_based_on(signatory, source_key, source)
            if source
            else CommitmentForm.initial_for(signatory, measure_key)
        )
        form = CommitmentForm(signatory=signatory, initial=initial | {"new_key": new_key})
        return _form_page(request, form, signatory)
    form = CommitmentForm(request.POST, signatory=signatory, draft="later" in request.POST)
    if not form.is_valid():
        return _form_page(request, form, signatory)
    key = form.cleaned_data["new_key"]
    # The form contains the new commitment's key: sent twice, it still makes one commitment.
    commitment = Commitment.objects.for_user(request.user).filter(key=key).first()
    if commitment:
        return _save_draft(request, form, commitment)
    try:
        commitment = commitments.start_draft(
            by=request.user, signatory=signatory, key=key, **form.values()
        )
    except IntegrityError:
        # The form was sent twice at once, or someone drew the same key while it was open.
        commitment = Commitment.objects.for_user(request.user).filter(key=key).first()
        commitment = commitment or commitments.start_draft(
            by=request.user, signatory=signatory, **form.values()
        )
    return _redirect_after_save(request, commitment)


@member_required("commitment.draft")
@require_http_methods(["GET", "POST"])
def commitment_edit(request: SignedInRequest, key: str) -> HttpResponse:
    """Edit a draft or returned commitment."""
    draft = get_own_commitment(request, key)
    permissions.check(request.user, "commitment.draft", draft.signatory)
    if not draft.is_working_copy:
        return redirect("business:commitment", key)
    if request.method == "GET":
        form = CommitmentForm(signatory=draft.signatory, initial=CommitmentForm.initial_of(draft))
        return _form_page(request, form, draft.signatory, draft)
    form = CommitmentForm(request.POST, signatory=draft.signatory, draft="later" in request.POST)
    if not form.is_valid():
        return _form_page(request, form, draft.signatory, draft)
    return _save_draft(request, form, draft)


@member_required("business.read")
@require_safe
def commitment_preview(request: SignedInRequest, key: str) -> HttpResponse:
    """Show the public page as it will be, or the problems that prevent submission."""
    draft = get_own_commitment(request, key)
    problems = draft.problems(clock.today())
    context: dict[str, Any] = {
        "draft": draft,
        "problems": problems,
        "may_write": permissions.can(request.user, "commitment.submit", draft.signatory),
        "must_sign": draft.signatory.must_accept,
        "section": "business",
    }
    if not problems:
        entry = publishing.NewEntry("commitment", draft.key, "publish", items.commitment(draft))
        context["commitment"] = page.preview_page([entry], key=draft.key, today=clock.today())
        context["personal_data"] = personal_data.find_in_entries([entry])
        context["questions"] = review.questions_about(draft)
        asked = {question.text for question in context["questions"]}
        context["advice"] = [hint for hint in writing_hints.hints_for(draft) if hint not in asked]
    return render(request, "charter/commitment_preview.html", context)


@member_required("commitment.submit")
@require_POST
def commitment_submit(request: SignedInRequest, key: str) -> HttpResponse:
    draft = get_own_commitment(request, key)
    try:
        review.submit(draft, by=request.user)
    except IncompleteError:
        return redirect("business:commitment_preview", key)
    except WrongStateError as error:
        messages.info(request, str(error))
    return redirect("business:commitment", key)


@member_required("business.read")
@require_safe
def commitment_detail(request: SignedInRequest, key: str) -> HttpResponse:
    """Show a commitment's state and the next steps."""
    commitment = get_own_commitment(request, key)
    context = {
        "commitment": commitment,
        "is_public": commitment.status in PUBLIC_STATUSES,
        "may_write": permissions.can(request.user, "change.draft", commitment.signatory),
        "change": commitment.changes.open().first(),
        "waiting": review.items_on_commitment(commitment),
        "public_sentences": read_sentences(commitment, clock.today()),
        "section": "business",
    }
    return render(request, "charter/commitment.html", context)


def _existing_commitment(request: SignedInRequest, signed_key: str) -> Commitment | None:
    """Return the commitment that a form with this signed key has already created."""
    try:
        key = NEW_KEY_SIGNER.unsign(signed_key)
    except signing.BadSignature:
        return None
    return Commitment.objects.for_user(request.user).filter(key=key).first()


def _met_commitment_item(key: str) -> dict[str, Any]:
    """Return the public content of a commitment that was met, or raise Http404."""
    met_commitments = Record.objects.of_kind("commitment").readable().filter(delivery=Delivery.MET)
    return cast(dict[str, Any], get_object_or_404(met_commitments, key=key).item)


def get_own_commitment(request: SignedInRequest, key: str) -> Commitment:
    own_commitments = Commitment.objects.for_user(request.user).select_related(
        "signatory__charter__authority", "signatory__organisation", "theme", "measure"
    )
    return get_object_or_404(own_commitments, key=key)


def signatory_from_request(request: SignedInRequest) -> Signatory | None:
    """Return the signatory named in the URL, or the only one; None if the user has to choose."""
    signatories = Signatory.objects.for_user(request.user).select_related("charter", "organisation")
    if key := request.GET.get("signatory"):
        return get_object_or_404(signatories, key=key)
    first_two = list(signatories[:2])
    if not first_two:
        raise Http404
    return first_two[0] if len(first_two) == 1 else None


def choose_signatory_page(
    request: SignedInRequest, signatories: SignatoryQuerySet, *, title: str, section: str
) -> HttpResponse:
    """Show a page to choose one of several signatories."""
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
        commitment = commitments.save_draft(
            draft, by=request.user, version=form.cleaned_data["version"], **form.values()
        )
    except ChangedSinceReadError as error:
        return _conflict_page(request, form, error.current)
    except WrongStateError as error:
        messages.info(request, str(error))
        return redirect("business:commitment", draft.key)
    return _redirect_after_save(request, commitment)


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
    *,
    differences: list[dict[str, str]] | None = None,
) -> HttpResponse:
    """Show the form; `differences` are those from a colleague's version saved meanwhile."""
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
            "differences": differences,
            "section": "business",
        },
        status=200 if differences is None else 409,
    )


def _conflict_page(
    request: SignedInRequest, form: CommitmentForm, current: Commitment
) -> HttpResponse:
    """Show a colleague's saved version beside this one. Saving again overwrites theirs."""
    differences = form.differences(current)
    form.data = {**request.POST.dict(), "area_codes": request.POST.getlist("area_codes")}
    form.data["version"] = str(current.version)
    return _form_page(request, form, current.signatory, current, differences=differences)
