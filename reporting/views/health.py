"""System health for officers: the checks of /health, and others that need a person's judgement."""

import shutil
from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.db.models import Min
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe
from kombu.exceptions import OperationalError
from redis import RedisError

from charter.actions import clock_jumps
from charter.models import Message
from charter.views.access import SignedInRequest, staff_required
from registry import clock, working_days
from registry.log import publishing
from registry.models import Verification
from registry.operations.health import (
    clock_jump_problems,
    late_ticks,
    standing_problems,
    tick_ages,
    verification_progress,
)
from registry.operations.ticks import ScheduledTask, scheduled_ticks
from registry.wording.formatting import format_day, time_ago
from reporting.models import ReminderStop

GIGABYTE = 10**9
# Below these limits someone must act in time.
FREE_DISK, HOLIDAYS_AHEAD = GIGABYTE, timedelta(days=365)
LONGEST_WAIT = timedelta(minutes=15)


@staff_required("desk.read")
@require_safe
def health_page(request: SignedInRequest) -> HttpResponse:
    jump_problems = clock_jump_problems()
    problems = [*jump_problems, *standing_problems()]
    ages: dict[str, int] = {}
    verifying = ""
    try:
        ages, verifying = tick_ages(), verification_progress()
        problems += [_late_task_problem(task, age) for task, age in late_ticks(ages).items()]
    except (OperationalError, RedisError):
        problems.append("The broker (Redis or Valkey) does not answer. Email waits meanwhile.")
    waiting_messages = Message.objects.ready_to_send(clock.now())
    oldest = waiting_messages.aggregate(oldest=Min("not_before"))["oldest"]
    if oldest and clock.now() - oldest > LONGEST_WAIT:
        problems.append("Email has waited for more than 15 minutes.")
    for stop in ReminderStop.objects.for_staff(request.user).current():
        problems.append(f"Reminders were stopped on {format_day(clock.local_date(stop.began_at))}.")
    free_bytes = shutil.disk_usage(settings.REGISTER_HOME).free
    if free_bytes < FREE_DISK:
        problems.append("Less than one gigabyte of disk is free.")
    holidays_to = working_days.last_known_holiday()
    if holidays_to < clock.today() + HOLIDAYS_AHEAD:
        problems.append(
            "Bank holidays are known for less than a year ahead: bring the software up to date."
        )
    context = {
        "section": "health",
        "problems": problems,
        "clock_jumped": bool(jump_problems),
        "now": clock.now(),
        "ticks": sorted(
            (task.says, time_ago(ages[task.name]))
            for task in scheduled_ticks()
            if task.name in ages
        ),
        "verification": Verification.get_latest(),
        "verifying": verifying,
        "waiting": waiting_messages.count(),
        "oldest": oldest,
        "free": round(free_bytes / GIGABYTE, 1),
        "holidays_to": holidays_to,
        "head": publishing.head(),
    }
    return render(request, "council/health.html", context)


@staff_required("clock.trust")
@require_POST
def trust_clock(request: SignedInRequest) -> HttpResponse:
    clock_jumps.trust_clock(by=request.user)
    messages.success(request, "The clock drives the register again.")
    return redirect("council:health")


def _late_task_problem(task: ScheduledTask, age: int | None) -> str:
    last_run = "has not run yet" if age is None else f"last went well {time_ago(age)}"
    return f"{task.says}: this {last_run}."
