"""Reminder preferences, unsubscribing and calendar feeds."""

from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from charter import permissions
from charter.models import Signatory
from charter.views.access import SignedInRequest, member_required
from registry import clock
from reporting.actions import preferences
from reporting.forms.reminders import ReminderForm
from reporting.models import CalendarAddress
from reporting.reminders import calendar_feed


@member_required("reminders.set")
@require_http_methods(["GET", "POST"])
def reminder_preferences(request: SignedInRequest) -> HttpResponse:
    """Show and save reminder preferences. The footer of every email links here."""
    memberships = request.user.memberships.current().select_related("organisation")
    member = memberships.latest("pk")
    until = member.nudges_paused_until
    paused_until = until if until and until >= clock.today() else None
    preference = ReminderForm.PAUSE if paused_until else ReminderForm.ASK
    form = ReminderForm(
        request.POST or None,
        initial={
            "asking": ReminderForm.STOP if member.nudges_stopped else preference,
            "until": paused_until,
        },
    )
    if request.method == "POST" and form.is_valid():
        preferences.set_reminder_preferences(by=request.user, **form.chosen_preferences())
        messages.success(request, "Your choice is saved.")
        return redirect("reporting:reminders")
    context = {
        "section": "reminders",
        "form": form,
        "memberships": memberships,
        "calendars": [_calendar_row(request, signatory) for signatory in _own_signatories(request)],
    }
    return render(request, "reporting/reminders.html", context)


# Email programs post here without a cookie; the signed address identifies the person.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop friendly emails from an email program's button.

    Opening the address changes nothing.
    """
    user = preferences.user_from_token(token)
    if user is None:
        raise Http404
    if request.method == "POST":
        preferences.unsubscribe(user)
    context = {"stopped": request.method == "POST"}
    return render(request, "reporting/unsubscribe.html", context)


@member_required("calendar.renew")
@require_POST
def renew_calendar(request: SignedInRequest, key: str) -> HttpResponse:
    """Create or replace the address of a calendar."""
    signatory = get_object_or_404(_own_signatories(request), key=key)
    preferences.renew_calendar(signatory, by=request.user)
    messages.success(request, "The calendar has a new address.")
    return redirect("reporting:reminders")


@never_cache
@require_safe
def serve_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """Serve a calendar to anyone who knows its address."""
    address = get_object_or_404(CalendarAddress, token=token)
    signatory = Signatory.objects.select_related("organisation").get(pk=address.signatory_id)
    return HttpResponse(
        calendar_feed.render_calendar(signatory),
        content_type="text/calendar; charset=utf-8",
        headers={
            "Content-Disposition": 'inline; filename="updates.ics"',
            "X-Robots-Tag": "noindex",
        },
    )


def _own_signatories(request: SignedInRequest) -> "QuerySet[Signatory]":
    own_signatories = Signatory.objects.for_user(request.user).filter(left_on=None)
    return own_signatories.select_related("organisation").order_by("pk")


def _calendar_row(request: SignedInRequest, signatory: Signatory) -> dict[str, object]:
    calendar_address = CalendarAddress.objects.filter(signatory=signatory).first()
    path = reverse("reporting:calendar", args=[calendar_address.token]) if calendar_address else ""
    return {
        "signatory": signatory,
        "address": path and f"{settings.PUBLIC_URL}{path}",
        "may_renew": permissions.can(request.user, "calendar.renew", signatory),
    }
