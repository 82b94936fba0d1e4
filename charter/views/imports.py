"""The council brings in a list of organisations: upload, look through it, save all or nothing."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from charter import importing, spreadsheets
from charter.actions import organisations, uploads
from charter.errors import CharterError
from charter.forms.imports import ApplyForm, UploadForm
from charter.models import Charter, Upload
from charter.spreadsheets import UnreadableError
from charter.views.access import SignedInRequest, council_required

PURPOSE = Upload.Purpose.ORGANISATIONS
SECTION = {"section": "import"}


@council_required
@require_http_methods(["GET", "POST"])
def upload(request: SignedInRequest) -> HttpResponse:
    """Take a file in; nothing of it is saved in the register yet."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        content = file.read()
        try:
            spreadsheets.read(content, importing.COLUMNS)
        except UnreadableError as error:
            form.add_error("file", str(error))
        else:
            kept = uploads.keep(by=request.user, purpose=PURPOSE, file=file, content=content)
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
    charter = Charter.objects.latest("valid_from")
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
        if form.is_valid() and not plan.problems:
            try:
                _apply(request, kept, charter, plan, form.cleaned_data.get("reason", ""))
            except CharterError as error:
                messages.info(request, f"Nothing was saved: {error}")
            return redirect("council:import_preview", number)
    context = {"upload": kept, "plan": plan, "form": form, **SECTION}
    return render(request, "council/import_preview.html", context)


@council_required
@require_safe
def problems(request: SignedInRequest, number: int) -> HttpResponse:
    """Give the file back with what is wrong in each row, to be mended and uploaded again."""
    kept = get_object_or_404(_mine(request), pk=number, applied_at=None)
    table = _table(kept)
    plan = importing.plan(table, importing.known(Charter.objects.latest("valid_from")))
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


@transaction.atomic
def _apply(
    request: SignedInRequest, kept: Upload, charter: Charter, plan: importing.Plan, reason: str
) -> None:
    """Save the plan and close the file; a second click finds it closed. Publishing comes last."""
    kept = Upload.objects.select_for_update().get(pk=kept.pk)
    if kept.applied_at:
        return
    uploads.close(kept, outcome=plan.outcome())
    organisations.bring_in(
        charter,
        by=request.user,
        admissions=plan.admissions,
        revisions=plan.revisions,
        reason=reason,
    )


def _table(kept: Upload) -> spreadsheets.Table:
    return spreadsheets.read(bytes(kept.content), importing.COLUMNS)


def _mine(request: SignedInRequest) -> Any:
    return Upload.objects.for_user(request.user).filter(purpose=PURPOSE)


def _own(request: SignedInRequest, number: int) -> Upload:
    return get_object_or_404(_mine(request), pk=number)
