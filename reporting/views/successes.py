"""A signatory tells a success by itself, or changes one that the council returned."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from charter import personal_data
from charter.errors import WrongStateError
from charter.models import Commitment
from charter.views.access import SignedInRequest, signatory_required
from registry import keys
from reporting import permissions
from reporting.actions import successes
from reporting.errors import NoRoomError
from reporting.forms.successes import StoryForm
from reporting.models import Success


@signatory_required
@require_http_methods(["GET", "POST"])
def begin(request: SignedInRequest, key: str) -> HttpResponse:
    """Tell a success of a promise; one that was begun goes on."""
    mine = Commitment.objects.for_user(request.user).public()
    promise = get_object_or_404(mine, key=keys.written_form(key))
    return _page(request, promise, successes.begun(promise))


@signatory_required
@require_http_methods(["GET", "POST"])
def change(request: SignedInRequest, key: str) -> HttpResponse:
    """Go on with a story, such as one that the council returned, and send it."""
    mine = Commitment.objects.for_user(request.user)
    story = get_object_or_404(Success.objects.filter(commitments__in=mine).distinct(), key=key)
    return _page(request, story.commitments.earliest("pk"), story)


def _page(request: SignedInRequest, promise: Commitment, story: Success | None) -> HttpResponse:
    permissions.check_may_report(request.user, promise)
    form = StoryForm(request.POST or None, request.FILES or None, promise=promise, story=story)
    if form.is_valid():
        try:
            return _take(request, form, promise)
        except NoRoomError as error:
            form.add_error("evidence_file", str(error))
        except WrongStateError as error:
            messages.info(request, str(error))
            return redirect("business:home")
    found = personal_data.found_in_acts(successes.acts(story)) if story else []
    context = {"form": form, "success": story, "promise": promise, "personal_data": found}
    return render(request, "reporting/success_form.html", context)


@transaction.atomic
def _take(request: SignedInRequest, form: StoryForm, promise: Commitment) -> HttpResponse:
    """Save what was told and send it; what may tell who a person is waits for a second look."""
    saved = successes.save(
        promise,
        by=request.user,
        success=Success.objects.filter(key=form.cleaned_data["story_key"]).first(),
        evidence=form.evidence(),
        without=form.removed(),
        beside=form.beside(),
        **form.success(),
    )
    if "later" in request.POST:
        messages.success(request, "Your draft is saved. Nobody outside your organisation sees it.")
        return redirect("business:home")
    found = personal_data.found_in_acts(successes.acts(saved))
    if found and request.POST.get("warned_of") != "; ".join(found):
        return redirect("business:success", saved.key)
    successes.submit(saved, by=request.user)
    messages.success(request, "Your success is with the council.")
    return redirect("business:home")
