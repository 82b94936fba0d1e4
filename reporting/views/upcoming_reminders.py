"""Upcoming reminders for officers: preview, stop, invite first updates, and extend due dates."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from charter.models import Message, User
from charter.views.access import SignedInRequest, staff_required
from charter.workflow import MessageState
from registry import clock
from registry.wording.formatting import count_noun, format_day
from reporting.actions import first_update_invitations, periods, reminder_stops
from reporting.forms.council import ExtendForm, FirstUpdateInvitationForm, ReminderStopForm
from reporting.models import Reminder, ReminderStop
from reporting.reminders import sending


@staff_required("desk.read")
@require_safe
def upcoming_reminders(request: SignedInRequest) -> HttpResponse:
    """Show the next emails, the reasons for them, and the skipped people."""
    return _upcoming_page(request, ReminderStopForm())


@staff_required("reminders.stop")
@require_POST
def stop_reminders(request: SignedInRequest) -> HttpResponse:
    form = ReminderStopForm(request.POST)
    if not form.is_valid():
        return _upcoming_page(request, form)
    reminder_stops.stop_reminders(by=request.user, reason=form.cleaned_data["reason"])
    messages.success(request, "No reminder goes out until someone lets them go again.")
    return redirect("council:reminders")


@staff_required("reminders.resume")
@require_POST
def resume_reminders(request: SignedInRequest) -> HttpResponse:
    reminder_stops.resume_reminders(by=request.user)
    messages.success(request, "Reminders go out again.")
    return redirect("council:reminders")


def _upcoming_page(request: SignedInRequest, form: ReminderStopForm) -> HttpResponse:
    now = clock.now()
    batches = [
        (day, [_person_row(reminders) for reminders in batch])
        for day, batch in sending.next_batches(now, by=request.user)
    ]
    context = {
        "section": "messages",
        "batches": batches,
        "day": batches[0][0],
        "email_count": sum(1 for person in batches[0][1] if person["asked"]),
        "waiting": Message.objects.for_staff(request.user)
        .filter(kind="reminder", state__in=[MessageState.QUEUED, MessageState.DEFERRED])
        .count(),
        "stops": ReminderStop.objects.for_staff(request.user)
        .current()
        .select_related("began_by", "authority"),
        "form": form,
    }
    return render(request, "council/reminders.html", context)


@staff_required("reminders.test")
@require_POST
def send_test_reminder(request: SignedInRequest, person: int) -> HttpResponse:
    """Send the officer the email that a person would get on a day."""
    user = get_object_or_404(User.objects.for_staff(request.user), pk=person)
    if sending.send_test_email(user, request.POST.get("day", ""), by=request.user):
        messages.success(request, f"The email for {user.email} goes to you, as a test.")
    else:
        messages.info(request, f"Nothing would be sent to {user.email} on that day.")
    return redirect("council:reminders")


@staff_required("first_update.invite")
@require_http_methods(["GET", "POST"])
def invite_first_updates(request: SignedInRequest) -> HttpResponse:
    """Select signatories without any update and send them an invitation."""
    silent_signatories = first_update_invitations.silent_signatories().for_staff(request.user)
    invitees = first_update_invitations.find_invitees(silent_signatories)
    form = FirstUpdateInvitationForm(invitees, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        email_count = first_update_invitations.invite_signatories(
            form.cleaned_data["signatories"], by=request.user
        )
        messages.success(request, f"{count_noun(email_count, 'email')} will go out now.")
        return redirect("council:reminders")
    context = {
        "section": "messages",
        "form": form,
        "example": first_update_invitations.render_email(*next(iter(invitees.items())))
        if invitees
        else None,
    }
    return render(request, "council/first_update_invitations.html", context)


@staff_required("period.extend")
@require_http_methods(["GET", "POST"])
def extend_due_dates(request: SignedInRequest) -> HttpResponse:
    """Move some or all due dates with a public reason, after a preview."""
    form = ExtendForm(periods.extendable_periods().for_staff(request.user), request.POST or None)
    context = {"section": "behind", "form": form}
    if not form.is_valid():
        return render(request, "council/extend.html", context)
    selected_periods, days = form.periods_to_extend(), form.cleaned_data["days"]
    if "preview" in request.POST:
        context["moves"] = [
            (period, period.due_on + timedelta(days=days)) for period in selected_periods
        ]
        return render(request, "council/extend_preview.html", context)
    moved_periods = periods.extend_due_dates(
        selected_periods, by=request.user, days=days, reason=form.cleaned_data["reason"]
    )
    summary = count_noun(len(moved_periods), "due date was moved", "due dates were moved")
    messages.success(request, f"{summary}, with your reason in public.")
    return redirect("council:late_updates")


def _person_row(reminders: list[Reminder]) -> dict[str, Any]:
    """Return a person's sent and skipped reminders of a day, with the reasons."""
    return {
        "person": reminders[0].membership.user,
        "asked": [_reminder_text(reminder) for reminder in reminders if not reminder.reason],
        "skipped": [
            (_reminder_text(reminder), reminder.reason) for reminder in reminders if reminder.reason
        ],
    }


def _reminder_text(reminder: Reminder) -> str:
    """Return "7 days before 1 June 2026: Start 20 apprenticeships (Brookfield Catering)"."""
    days, due_on = abs(reminder.step), format_day(reminder.due_on)
    when = f"{days} days {'before' if reminder.step < 0 else 'after'} {due_on}"
    commitment = reminder.period.commitment
    return f"{when}: {commitment.title} ({commitment.signatory})"
