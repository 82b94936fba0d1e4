"""Pages for a signatory's charter status and the steps that change it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from charter import departures, permissions
from charter.actions import retractions, second_person, signatories, standing
from charter.departures import Departure
from charter.errors import AlreadyExistsError, WrongStateError
from charter.forms.standing import (
    AccreditForm,
    EndForm,
    PauseForm,
    ReasonForm,
    ResumeForm,
    RetractForm,
    SuspendForm,
)
from charter.models import Proposal, Signatory
from charter.views.access import SignedInRequest, staff_required
from charter.workflow import STANDING_MOVES
from registry import clock
from registry.schema.code_lists import Standing
from registry.wording.formatting import format_day


@dataclass(frozen=True)
class StandingStep:
    """A step: its permission, texts, form, and the action that takes the form's fields."""

    permission: str
    title: str
    about: str
    form: type[ReasonForm]
    action: Callable[..., Any]
    is_emailed: bool = True  # To everyone who acts for the signatory.


STEPS = {
    "accredit": StandingStep(
        "signatory.accredit",
        "Accept the action plan",
        "It gets a certificate with a number, and a period of {months} months.",
        AccreditForm,
        standing.accredit,
    ),
    "renew": StandingStep(
        "signatory.accredit",
        "Renew the accreditation",
        "Another period of {months} months begins.",
        AccreditForm,
        standing.accredit,
    ),
    "suspend": StandingStep(
        "signatory.suspend",
        "Suspend it",
        "Its page says so, why, and what has to happen before it is reinstated.",
        SuspendForm,
        standing.suspend,
    ),
    "reinstate": StandingStep(
        "signatory.reinstate",
        "Reinstate it",
        "It is accredited again while its period runs; otherwise it has a plan to make.",
        ReasonForm,
        standing.reinstate,
    ),
    "pause": StandingStep(
        "signatory.pause",
        "Agree on a pause",
        "Nothing is asked until the pause is over, and its page says so.",
        PauseForm,
        signatories.pause,
        is_emailed=False,
    ),
    "resume": StandingStep(
        "signatory.resume",
        "End the pause",
        "From today on it is asked again.",
        ResumeForm,
        signatories.resume,
        is_emailed=False,
    ),
    "retract": StandingStep(
        "signatory.retract_unreachable",
        "Take back that it was unreachable",
        "Use this if its emails came back through our fault. Its page will say “This was our "
        "fault”, with your reason. Its people get email again.",
        RetractForm,
        retractions.retract_unreachable,
        is_emailed=False,
    ),
    "end": StandingStep(
        "signatory.leave",
        "End its membership",
        "It left, was removed or ceased: its page stays with all its history, and nothing more "
        "is asked.",
        EndForm,
        standing.end_membership,
    ),
}


@staff_required("desk.read")
@require_safe
def standing_overview(request: SignedInRequest, key: str) -> HttpResponse:
    """Show a signatory's charter status and the possible steps."""
    signatory = _get_signatory(request, key)
    steps = {name: STEPS[name] for name in open_steps(signatory)}
    context = {
        "is_over": not steps,
        "may_record_contact": permissions.can(request.user, "contact.record", signatory),
        "steps": [
            (name, step)
            for name, step in steps.items()
            if permissions.can(request.user, step.permission, signatory)
        ],
    }
    return _render_page(request, "council/standing.html", signatory, **context)


@staff_required("desk.read")
@require_http_methods(["GET", "POST"])
def standing_step(request: SignedInRequest, key: str, name: str) -> HttpResponse:
    """Carry out a step, with its public reason."""
    signatory = _get_signatory(request, key)
    if name not in open_steps(signatory):
        if request.method == "POST":
            messages.info(request, f"{signatory} is in another standing by now.")
            return redirect("council:standing", key)
        raise Http404("This does not follow from where it stands.")
    step = STEPS[name]
    permissions.check(request.user, step.permission, signatory)
    form = step.form(
        request.POST or None, signatory=signatory, initial=AccreditForm.initial_for(signatory)
    )
    if form.is_valid():
        if "confirmed" not in request.POST:
            if name == "end":
                return _preview_end(request, signatory, form)
            return _preview_step(request, signatory, form, name)
        try:
            done = step.action(signatory, by=request.user, **form.cleaned_data)
        except AlreadyExistsError as error:
            form.add_error("certificate_number", str(error))
        except WrongStateError as error:
            messages.info(request, str(error))
            return redirect("council:standing", key)
        else:
            if isinstance(done, Proposal):
                return redirect("council:proposal", done.pk)
            messages.success(request, "The public page says so now.")
            return redirect("council:standing", key)
    about = step.about.format(months=signatory.charter.accreditation_months)
    context = {"step": step, "about": about, "form": form}
    return _render_page(request, "council/standing_step.html", signatory, **context)


def _preview_step(
    request: SignedInRequest, signatory: Signatory, form: ReasonForm, name: str
) -> HttpResponse:
    """Show what will be public, before anything is done."""
    facts = [
        (field.label, _shown_value(form.cleaned_data[field.name]))
        for field in form.visible_fields()
    ]
    return _render_page(
        request,
        "council/standing_step_preview.html",
        signatory,
        form=form,
        step=STEPS[name],
        facts=facts,
        marked_commitments=signatory.commitments.open().count() if name == "suspend" else 0,
    )


def _shown_value(value: object) -> str:
    return format_day(value) if isinstance(value, date) else str(value or "Not given")


def _preview_end(request: SignedInRequest, signatory: Signatory, form: ReasonForm) -> HttpResponse:
    """Show what the page of every commitment will say afterwards, before anything is done."""
    typed = form.cleaned_data
    departure = Departure(**typed | {"on": typed["on"] or clock.today()})
    outlooks = departures.outlook(signatory, departure)
    name = standing.end_act(departure.standing)
    authority, organisation = signatory.charter.authority, signatory.organisation
    return _render_page(
        request,
        "council/standing_preview.html",
        signatory,
        form=form,
        departure=departure,
        how=Standing.from_code(departure.standing).description,
        commitments=outlooks,
        unanswered=sum(outlook.ends_unanswered for outlook in outlooks),
        needs_second_person=second_person.is_needed(request.user, name, authority, organisation),
    )


def open_steps(signatory: Signatory) -> list[str]:
    """Return the names of the steps possible for a signatory."""
    next_standings = STANDING_MOVES[signatory.standing or Standing.PLAN_IN_PROGRESS]
    if signatory.left_on or not next_standings:
        return []
    is_suspended = signatory.standing == Standing.SUSPENDED
    is_open = {
        "accredit": Standing.ACCREDITED in next_standings and not is_suspended,
        "renew": signatory.standing == Standing.ACCREDITED,
        "suspend": Standing.SUSPENDED in next_standings,
        "reinstate": is_suspended,
        "pause": signatory.pause_from is None,
        "resume": signatory.pause_from is not None,
        "retract": retractions.unreachable_to_retract(signatory) is not None,
        "end": True,
    }
    return [name for name in STEPS if is_open[name]]


def _get_signatory(request: SignedInRequest, key: str) -> Signatory:
    signatories = Signatory.objects.for_staff(request.user)
    with_relations = signatories.select_related("organisation", "charter__authority")
    return get_object_or_404(with_relations, key=key)


def _render_page(
    request: SignedInRequest, template: str, signatory: Signatory, **context: Any
) -> HttpResponse:
    frame = {"signatory": signatory, "section": "signatories"}
    return render(request, template, frame | context)
