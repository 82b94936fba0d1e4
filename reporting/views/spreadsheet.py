"""A signatory's spreadsheet of commitments and owed updates: download, upload and save."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from charter import acts, permissions
from charter.actions import uploads
from charter.errors import CharterError
from charter.forms.imports import ConfirmImportForm
from charter.models import Upload
from charter.questions import Question, UnansweredError
from charter.seen_digest import check_digest
from charter.spreadsheets import tables
from charter.views.access import SignedInRequest, member_required
from charter.views.imports import download_response, receive_upload
from registry import clock
from reporting.spreadsheets import update_rows
from reporting.spreadsheets import updates as spreadsheet_updates
from reporting.spreadsheets.update_rows import SpreadsheetScope

PURPOSE = Upload.Purpose.COMMITMENTS
READ_COLUMNS = dict.fromkeys(update_rows.COLUMNS, ())
SECTION = {"section": "business"}


@member_required("business.read")
@require_http_methods(["GET", "POST"])
def upload_spreadsheet(request: SignedInRequest) -> HttpResponse:
    """Link to the download and store an upload; saves no commitment or update."""
    if request.method == "POST":
        permissions.check_anywhere(request.user, "spreadsheet.upload")
    form, upload = receive_upload(request, READ_COLUMNS, PURPOSE)
    if upload:
        return redirect("business:spreadsheet_preview", upload.pk)
    context = {
        "form": form,
        "may_write": permissions.memberships_with(request.user, "spreadsheet.apply").exists(),
        **SECTION,
    }
    return render(request, "reporting/spreadsheet.html", context)


@member_required("business.read")
@require_safe
def download_spreadsheet(request: SignedInRequest, suffix: str) -> HttpResponse:
    """Serve the commitments of all organisations of the user."""
    scope = SpreadsheetScope(request.user, clock.today())
    rows = update_rows.spreadsheet_rows(scope)
    match suffix:
        case "csv":
            content = tables.as_csv(update_rows.COLUMNS, rows)
        case "xlsx":
            content = tables.as_xlsx(
                update_rows.COLUMNS, rows, choices=update_rows.column_choices(scope)
            )
        case _:
            raise Http404
    return download_response(content, name="commitments", suffix=suffix)


@member_required("spreadsheet.apply")
@require_http_methods(["GET", "POST"])
def preview_spreadsheet(request: SignedInRequest, number: int) -> HttpResponse:
    """Show all changes and problems of an upload; save all changes on request."""
    upload = get_object_or_404(Upload.objects.for_user(request.user), pk=number, purpose=PURPOSE)
    if upload.applied_at:
        return render(request, "reporting/spreadsheet_done.html", {"upload": upload, **SECTION})
    plan = spreadsheet_updates.build_plan(
        _read_table(upload), SpreadsheetScope(request.user, clock.today())
    )
    form = ConfirmImportForm(request.POST or None, initial={"seen_digest": plan.digest()})
    questions: list[Question] = []
    if request.method == "POST":
        try:
            check_digest(plan.digest(), request.POST.get("seen_digest", ""))
            if plan.steps and not plan.problems:
                _apply_plan(request, upload, plan)
        except UnansweredError as error:
            questions = error.questions
        except CharterError as error:
            messages.info(request, f"Nothing was saved. {error}")
        if not questions:
            return redirect("business:spreadsheet_preview", number)
    context = {"upload": upload, "plan": plan, "form": form, "questions": questions, **SECTION}
    return render(request, "reporting/spreadsheet_preview.html", context)


@member_required("spreadsheet.apply")
@require_safe
def download_problems(request: SignedInRequest, number: int) -> HttpResponse:
    """Serve the uploaded file with the problems of each row, to correct and upload again."""
    own_uploads = Upload.objects.for_user(request.user)
    upload = get_object_or_404(own_uploads, pk=number, purpose=PURPOSE, applied_at=None)
    table = _read_table(upload)
    plan = spreadsheet_updates.build_plan(table, SpreadsheetScope(request.user, clock.today()))
    return download_response(
        tables.add_problem_column(table, plan.problems),
        name="commitments-to-mend",
        suffix="xlsx" if table.is_xlsx else "csv",
    )


def _apply_plan(request: SignedInRequest, upload: Upload, plan: spreadsheet_updates.Plan) -> None:
    """Save the plan and close the upload. Idempotent.

    Publication comes last.
    """
    with acts.acting("spreadsheet.apply", by=request.user):
        upload = Upload.objects.select_for_update().get(pk=upload.pk)
        if upload.applied_at is None:
            uploads.mark_as_applied(upload, outcome=plan.outcome())
            spreadsheet_updates.apply_steps(plan.steps, by=request.user)


def _read_table(upload: Upload) -> tables.Table:
    return tables.read_table(bytes(upload.content), READ_COLUMNS)
