"""The council brings in a list of organisations: upload, look through it, save all or nothing."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from charter import importing, spreadsheets
from charter.actions import organisations, uploads
from charter.errors import CharterError
from charter.forms.imports import ApplyForm, UploadForm
from charter.models import Charter, Upload
from charter.spreadsheets import UnreadableError
from charter.views.access import SignedInRequest, council_required

PURPOSE = Upload.Purpose.ORGANISATIONS
SECTION = {"section": "signatories"}
PROGRESS = "<!-- progress -->"
TOLD_EVERY = 50


def taken_in(
    request: SignedInRequest, columns: Mapping[str, Collection[str]], purpose: Upload.Purpose
) -> tuple[UploadForm, Upload | None]:
    """Return the form of a file, and the file once it can be read and was kept."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return form, None
    file = form.cleaned_data["file"]
    content = file.read()
    try:
        spreadsheets.read(content, columns)
    except UnreadableError as error:
        form.add_error("file", str(error))
        return form, None
    return form, uploads.keep(by=request.user, purpose=purpose, file=file, content=content)


@council_required
@require_http_methods(["GET", "POST"])
def upload(request: SignedInRequest) -> HttpResponse:
    """Take a file in; nothing of it is saved in the register yet."""
    form, kept = taken_in(request, importing.COLUMNS, PURPOSE)
    if kept:
        return redirect("council:import_preview", kept.pk)
    context = {"form": form, "fields": importing.COLUMNS, **SECTION}
    return render(request, "council/import.html", context)


@council_required
@require_http_methods(["GET", "POST"])
def preview(request: SignedInRequest, number: int) -> HttpResponse:
    """Show all that a file would make and change, and every problem; save all of it on request."""
    kept = _own(request, number)
    if kept.applied_at:
        return render(request, "council/import_done.html", {"upload": kept, **SECTION})
    charter = Charter.objects.current()
    plan = importing.plan(_table(kept), importing.known(charter))
    form = ApplyForm(
        request.POST or None,
        initial={"shown": plan.digest()},
        needs_a_reason=plan.needs_a_reason,
    )
    if request.method == "POST":
        if form["shown"].value() != plan.digest():
            messages.info(request, "Something changed in the meantime. Look again before saving.")
            return redirect("council:import_preview", number)
        if form.is_valid() and not (plan.problems or plan.changes_nothing):
            reason = form.cleaned_data.get("reason", "")
            told = _told(request, kept, plan, _apply(request, kept, charter, plan, reason))
            # Without this header a proxy may keep the page back until all of it is there.
            headers = {"X-Accel-Buffering": "no"}
            return StreamingHttpResponse(told, headers=headers)  # type: ignore[return-value]
    context = {"upload": kept, "plan": plan, "form": form, **SECTION}
    return render(request, "council/import_preview.html", context)


@council_required
@require_safe
def problems(request: SignedInRequest, number: int) -> HttpResponse:
    """Give the file back with what is wrong in each row, to be mended and uploaded again."""
    kept = get_object_or_404(_mine(request), pk=number, applied_at=None)
    table = _table(kept)
    plan = importing.plan(table, importing.known(Charter.objects.current()))
    return as_download(
        spreadsheets.with_problems(table, plan.problems),
        name="organisations-to-mend",
        suffix="xlsx" if table.is_xlsx else "csv",
    )


@council_required
@require_safe
def empty_file(request: SignedInRequest) -> HttpResponse:
    """Give a file that has our columns and nothing else."""
    content = spreadsheets.as_xlsx(list(importing.FIELDS), [], choices=importing.choices())
    return as_download(content, name="organisations", suffix="xlsx")


def as_download(content: bytes, *, name: str, suffix: str) -> HttpResponse:
    """Answer with a file that the browser saves."""
    return HttpResponse(
        content,
        content_type=spreadsheets.TYPES[suffix],
        headers={"Content-Disposition": f'attachment; filename="{name}.{suffix}"'},
    )


def _told(
    request: SignedInRequest, kept: Upload, plan: importing.Plan, saving: Iterator[int]
) -> Iterator[str]:
    """Send the page that tells how far the saving is, piece by piece, while it goes on."""
    context = {"upload": kept, "plan": plan, "progress": PROGRESS, **SECTION}
    before, after = render_to_string("council/import_saving.html", context, request).split(PROGRESS)
    yield before
    try:
        for done in saving:
            if done % TOLD_EVERY == 0:
                yield _line(f"{done:,} of {plan.total:,} prepared")
        yield _line(f"All saved and published. {plan.outcome()}")
    except CharterError as error:
        yield _line(f"Nothing was saved: {error}")
    yield after


def _apply(
    request: SignedInRequest, kept: Upload, charter: Charter, plan: importing.Plan, reason: str
) -> Iterator[int]:
    """Save the plan and close the file; a second click finds it closed. Publishing comes last."""
    with transaction.atomic():
        kept = Upload.objects.select_for_update().get(pk=kept.pk)
        if kept.applied_at:
            return
        uploads.close(kept, outcome=plan.outcome())
        yield from organisations.bring_in(
            charter,
            by=request.user,
            admissions=plan.admissions,
            revisions=plan.revisions,
            reason=reason,
        )


def _line(words: str) -> str:
    return format_html("<li>{}</li>\n", words)


def _table(kept: Upload) -> spreadsheets.Table:
    return spreadsheets.read(bytes(kept.content), importing.COLUMNS)


def _mine(request: SignedInRequest) -> Any:
    return Upload.objects.for_user(request.user).filter(purpose=PURPOSE)


def _own(request: SignedInRequest, number: int) -> Upload:
    return get_object_or_404(_mine(request), pk=number)
