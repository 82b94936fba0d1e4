"""The page on which the council corrects a public commitment downwards."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from charter import permissions
from charter.actions import changes, corrections, second_person
from charter.errors import WrongStateError
from charter.forms.corrections import CouncilCorrectionForm
from charter.models import Commitment, Proposal
from charter.views.access import SignedInRequest, staff_required
from charter.workflow import CommitmentStatus
from registry import clock
from registry.website import commitment as page


@staff_required(corrections.NAME)
@require_http_methods(["GET", "POST"])
def correct_commitment(request: SignedInRequest, key: str) -> HttpResponse:
    """Write a downward correction, preview it, and publish or propose it."""
    commitment = _get_commitment(request, key)
    permissions.check(request.user, corrections.NAME, commitment.signatory)
    if commitment.status != CommitmentStatus.PUBLISHED:
        messages.info(request, "Only a commitment that is public can be changed.")
        return redirect("council:queue")
    form = CouncilCorrectionForm(request.POST or None, commitment=commitment)
    form.initial = CouncilCorrectionForm.initial_of(commitment, None)
    if not form.is_valid() or "edit" in request.POST:
        context = {"form": form, "commitment": commitment, "section": "signatories"}
        return render(request, "council/correction.html", context)
    if "confirmed" not in request.POST:
        return _preview_page(request, form, commitment)
    try:
        done = corrections.correct_or_propose(commitment, by=request.user, **form.submission())
    except WrongStateError as error:
        messages.info(request, str(error))
        return redirect("council:correct", key)
    if isinstance(done, Proposal):
        return redirect("council:proposal", done.pk)
    messages.success(request, f"Published: {commitment.title}")
    return redirect("council:record_activity", key)


def _preview_page(
    request: SignedInRequest, form: CouncilCorrectionForm, commitment: Commitment
) -> HttpResponse:
    change = changes.propose_correction(commitment, **form.submission())
    entry = changes.entry_to_append(change)
    signatory = commitment.signatory
    context = {
        "form": form,
        "key": commitment.key,
        "facts": corrections.correction_facts(change),
        "needs_second_person": second_person.is_needed(
            request.user, corrections.NAME, signatory.charter.authority, signatory.organisation
        ),
        "commitment": page.preview_page([entry], key=commitment.key, today=clock.today()),
        "section": "signatories",
    }
    return render(request, "council/correction_preview.html", context)


def _get_commitment(request: SignedInRequest, key: str) -> Commitment:
    commitments = Commitment.objects.for_staff(request.user).select_related(
        "signatory__charter__authority", "signatory__organisation", "theme", "measure"
    )
    return get_object_or_404(commitments, key=key)
