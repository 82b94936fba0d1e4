"""Pages to sign a charter, and the council's list of the organisations it has invited."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from charter import permissions, pledge
from charter.actions import acceptances, invited_signatories
from charter.errors import AddressError, AlreadyExistsError, ChangedSinceReadError, WrongStateError
from charter.forms.acceptances import AcceptanceForm
from charter.models import Charter, Signatory, StatedSignature
from charter.models.organisations import SignatoryQuerySet
from charter.views.access import SignedInRequest, member_required, staff_required
from charter.views.paging import page_context

PLEDGE = {"what_is_public": pledge.WHAT_IS_PUBLIC, "what_is_private": pledge.WHAT_IS_PRIVATE}
SECTION = {"section": "signatories"}
# Of the list of invited organisations.
ANSWERS = {
    "none": "No answer yet",
    "declined": "Declined or objected",
    "stated": "Emailed about a signature in our files",
    "signed": "Signed",
}


@member_required("business.read")
@require_http_methods(["GET", "POST"])
def sign_charter(request: SignedInRequest, key: str) -> HttpResponse:
    """Show what an organisation is to sign; an owner or sponsor signs or declines."""
    own_signatories = Signatory.objects.for_user(request.user).filter(left_on=None)
    signatory = get_object_or_404(
        own_signatories.select_related("organisation", "charter__authority", "acceptance"), key=key
    )
    if "decline" in request.POST:
        return _decline(request, signatory)
    if request.method == "POST":
        permissions.check(request.user, "charter.accept", signatory)
    if signatory.accepted_at:
        context = {"signatory": signatory, "section": "business"}
        return render(request, "charter/signed.html", context)
    form = AcceptanceForm(
        request.POST or None,
        charter=signatory.charter,
        organisation=signatory.organisation.legal_name,
    )
    if form.is_valid():
        try:
            acceptances.accept(signatory, by=request.user, **form.values())
        except (ChangedSinceReadError, WrongStateError) as error:
            messages.info(request, str(error))
            return redirect("business:sign", key)
        messages.success(request, f"{signatory} has signed the charter and is public.")
        return redirect("business:home")
    context = {
        "signatory": signatory,
        "stated": StatedSignature.objects.open().filter(signatory=signatory).first(),
        "may_correct": permissions.can(request.user, "details.request", signatory),
        "may_sign": permissions.can(request.user, "charter.accept", signatory),
        "form": form,
        "section": "business",
    }
    return render(request, "charter/sign.html", context | PLEDGE)


def _decline(request: SignedInRequest, signatory: Signatory) -> HttpResponse:
    try:
        acceptances.decline(signatory, by=request.user)
    except WrongStateError as error:
        messages.info(request, str(error))
    else:
        messages.success(request, "We have told the council. Nothing is public.")
    return redirect("business:home")


@staff_required("desk.read")
@require_safe
def invited_list(request: SignedInRequest) -> HttpResponse:
    """List the organisations that were invited to sign, by their answer, newest first."""
    answer = request.GET.get("answer", "")
    signatories = Signatory.objects.for_staff(request.user).exclude(invited_at=None)
    rows = _answered(signatories, answer).select_related(
        "organisation", "charter", "stated_signature"
    )
    context = page_context(request, rows.order_by("-invited_at", "-pk"))
    context |= {
        "answer": answer,
        "choices": [
            (code, label, _answered(signatories, code).count()) for code, label in ANSWERS.items()
        ],
        "deletable": set(invited_signatories.deletable().values_list("pk", flat=True)),
        "has_several_charters": Charter.objects.for_staff(request.user).count() > 1,
    }
    return render(request, "council/invited.html", context | SECTION)


@staff_required("signatory.invite_again")
@require_POST
def invite_again(request: SignedInRequest, key: str) -> HttpResponse:
    signatory = _get_signatory(request, key)
    try:
        invited_signatories.invite_again(signatory, by=request.user)
    except (AddressError, AlreadyExistsError, WrongStateError) as error:
        messages.info(request, str(error))
    else:
        messages.success(request, f"We have written to {signatory} again.")
    return redirect("council:invited")


@staff_required("signatory.delete_invited")
@require_POST
def delete_invited(request: SignedInRequest, key: str) -> HttpResponse:
    signatory = _get_signatory(request, key)
    try:
        invited_signatories.delete_invited(signatory, by=request.user)
    except WrongStateError as error:
        messages.info(request, str(error))
    else:
        messages.success(request, f"{signatory} is deleted. Nothing about it was public.")
    return redirect("council:invited")


def _get_signatory(request: SignedInRequest, key: str) -> Signatory:
    signatories = Signatory.objects.for_staff(request.user)
    return get_object_or_404(signatories.select_related("organisation"), key=key)


def _answered(signatories: SignatoryQuerySet, answer: str) -> SignatoryQuerySet:
    """Filter to organisations with an answer, by its code in ANSWERS, or to all."""
    is_stated = Q(stated_signature__in=StatedSignature.objects.open())
    is_declined = Q(declined_at__isnull=False) | Q(stated_signature__objected_at__isnull=False)
    match answer:
        case "none":
            return signatories.private().exclude(is_stated | is_declined)
        case "declined":
            return signatories.private().filter(is_declined)
        case "stated":
            return signatories.private().filter(is_stated)
        case "signed":
            return signatories.public()
    return signatories
