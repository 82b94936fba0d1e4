"""Pages to import organisations: upload a file, preview it, save all or nothing."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any, cast

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from charter import acts, permissions, personal_data, questions
from charter.actions import organisations, uploads
from charter.errors import ChangedSinceReadError, CharterError
from charter.forms.imports import ConfirmImportForm, UploadForm
from charter.models import Charter, Upload
from charter.seen_digest import check_digest
from charter.spreadsheets import organisations as organisation_import
from charter.spreadsheets import tables
from charter.spreadsheets.tables import UnreadableError
from charter.views.access import SignedInRequest, staff_required
from charter.views.charter_choice import charter_from_request, choose_charter_page

PURPOSE = Upload.Purpose.ORGANISATIONS
SECTION = {"section": "signatories"}
PROGRESS = "<!-- progress -->"
PROGRESS_EVERY = 50


def receive_upload(
    request: SignedInRequest,
    columns: Mapping[str, Collection[str]],
    purpose: Upload.Purpose,
    *,
    charter: Charter | None = None,
) -> tuple[UploadForm, Upload | None]:
    """Return the upload form, and the stored upload if the file is readable."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method != "POST" or not form.is_valid():
        return form, None
    file = form.cleaned_data["file"]
    content = file.read()
    try:
        tables.read_table(content, columns)
    except UnreadableError as error:
        form.add_error("file", str(error))
        return form, None
    return form, uploads.store_upload(
        by=request.user, purpose=purpose, file=file, content=content, charter=charter
    )


@staff_required("organisations.import")
@require_http_methods(["GET", "POST"])
def import_upload(request: SignedInRequest) -> HttpResponse:
    """Upload a file. Nothing is saved in the register yet."""
    charters = permissions.charters_with(request.user, "organisations.import")
    charter = charter_from_request(request, charters)
    if charter is None:
        return choose_charter_page(
            request, charters, title="Which charter have they signed?", **SECTION
        )
    form, stored_upload = receive_upload(
        request, organisation_import.COLUMNS, PURPOSE, charter=charter
    )
    if stored_upload:
        return redirect("council:import_preview", stored_upload.pk)
    context = {
        "form": form,
        "fields": organisation_import.COLUMNS,
        "charter": charter,
        "has_several_charters": charters.count() > 1,
        **SECTION,
    }
    return render(request, "council/import.html", context)


@staff_required("organisations.import")
@require_http_methods(["GET", "POST"])
def import_preview(request: SignedInRequest, number: int) -> HttpResponse:
    """Show every addition, change and problem of a file, and save all of it on request."""
    stored_upload = _get_own_upload(request, number)
    if stored_upload.applied_at:
        return render(request, "council/import_done.html", {"upload": stored_upload, **SECTION})
    charter = _charter_of(stored_upload)
    plan = organisation_import.build_plan(
        _read_table(stored_upload), organisation_import.load_snapshot(charter)
    )
    form = ConfirmImportForm(
        request.POST or None,
        initial={"seen_digest": plan.digest()},
        needs_a_reason=plan.needs_a_reason,
    )
    if request.method == "POST":
        try:
            check_digest(plan.digest(), request.POST.get("seen_digest", ""))
        except ChangedSinceReadError as error:
            messages.info(request, str(error))
            return redirect("council:import_preview", number)
        if form.is_valid() and not (plan.problems or plan.changes_nothing):
            reason = form.cleaned_data.get("reason", "")
            # Before the page begins, since it cannot ask in the middle.
            with acts.acting("organisations.import", by=request.user):
                personal_data.ask_about_words(reason, *plan.public_words())
            page_parts = _stream_saving_page(
                request,
                stored_upload,
                plan,
                _save_plan(request, stored_upload, plan, charter=charter, reason=reason),
            )
            # Without this header a proxy may hold back the page until it is complete.
            headers = {"X-Accel-Buffering": "no"}
            return StreamingHttpResponse(page_parts, headers=headers)  # type: ignore[return-value]
    context = {
        "upload": stored_upload,
        "charter": charter,
        "has_several_charters": Charter.objects.for_staff(request.user).count() > 1,
        "plan": plan,
        "form": form,
        **SECTION,
    }
    return render(request, "council/import_preview.html", context)


@staff_required("organisations.import")
@require_safe
def import_problems(request: SignedInRequest, number: int) -> HttpResponse:
    """Download the file with a column of problems, to correct and upload again."""
    stored_upload = get_object_or_404(_own_uploads(request), pk=number, applied_at=None)
    table = _read_table(stored_upload)
    plan = organisation_import.build_plan(
        table,
        organisation_import.load_snapshot(_charter_of(stored_upload)),
    )
    return download_response(
        tables.add_problem_column(table, plan.problems),
        name="organisations-to-mend",
        suffix="xlsx" if table.is_xlsx else "csv",
    )


@staff_required("organisations.import")
@require_safe
def empty_file(request: SignedInRequest) -> HttpResponse:
    """Download an empty file with our columns."""
    content = tables.as_xlsx(
        list(organisation_import.FIELDS), [], choices=organisation_import.column_choices()
    )
    return download_response(content, name="organisations", suffix="xlsx")


def download_response(content: bytes, *, name: str, suffix: str) -> HttpResponse:
    """Return a file as a download."""
    return HttpResponse(
        content,
        content_type=tables.TYPES[suffix],
        headers={"Content-Disposition": f'attachment; filename="{name}.{suffix}"'},
    )


def _stream_saving_page(
    request: SignedInRequest,
    stored_upload: Upload,
    plan: organisation_import.Plan,
    row_counts: Iterator[int],
) -> Iterator[str]:
    """Yield the page in parts, with a line of progress for every PROGRESS_EVERY rows."""
    context = {"upload": stored_upload, "plan": plan, "progress": PROGRESS, **SECTION}
    before, after = render_to_string("council/import_saving.html", context, request).split(PROGRESS)
    yield before
    try:
        for count in row_counts:
            if count % PROGRESS_EVERY == 0:
                yield _progress_line(f"{count:,} of {plan.total:,} prepared")
        yield _progress_line(f"All saved. {plan.outcome()}")
    except CharterError as error:
        yield _progress_line(f"Nothing was saved: {error}")
    yield after


def _save_plan(
    request: SignedInRequest,
    stored_upload: Upload,
    plan: organisation_import.Plan,
    *,
    charter: Charter,
    reason: str,
) -> Iterator[int]:
    """Apply the plan and yield its progress. Idempotent: an applied upload is skipped.

    Publishing comes last, because the log's lock is always taken last.
    """
    with acts.acting("organisations.import", by=request.user), questions.already_read():
        stored_upload = Upload.objects.select_for_update().get(pk=stored_upload.pk)
        if stored_upload.applied_at:
            return
        uploads.mark_as_applied(stored_upload, outcome=plan.outcome())
        yield from organisations.import_organisations(
            charter,
            by=request.user,
            admissions=plan.admissions,
            revisions=plan.revisions,
            reason=reason,
        )


def _progress_line(text: str) -> str:
    return format_html("<li>{}</li>\n", text)


def _read_table(stored_upload: Upload) -> tables.Table:
    return tables.read_table(bytes(stored_upload.content), organisation_import.COLUMNS)


def _charter_of(stored_upload: Upload) -> Charter:
    """Return the charter that the organisations of an upload are to sign."""
    return cast(Charter, stored_upload.charter)


def _own_uploads(request: SignedInRequest) -> Any:
    return Upload.objects.for_user(request.user).filter(purpose=PURPOSE).select_related("charter")


def _get_own_upload(request: SignedInRequest, number: int) -> Upload:
    return get_object_or_404(_own_uploads(request), pk=number)
