"""A signatory works offline: its commitments and owed updates as a spreadsheet, out and in
again.
"""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from charter.actions import uploads
from charter.errors import CharterError
from charter.forms.imports import ConfirmImportForm
from charter.models import Upload
from charter.permissions import signatories_writable_by
from charter.spreadsheets import tables
from charter.views.access import SignedInRequest, signatory_required
from charter.views.imports import download_response, receive_upload
from registry import clock
from reporting.spreadsheets import update_rows
from reporting.spreadsheets import updates as spreadsheet_updates
from reporting.spreadsheets.update_rows import SpreadsheetScope

PURPOSE = Upload.Purpose.COMMITMENTS
READ_COLUMNS = dict.fromkeys(update_rows.COLUMNS, ())
SECTION = {"section": "business"}


@signatory_required
@require_http_methods(["GET", "POST"])
def upload_spreadsheet(request: SignedInRequest) -> HttpResponse:
    """Give the spreadsheet out, take it in; nothing of it is saved yet."""
    form, kept = receive_upload(request, READ_COLUMNS, PURPOSE)
    if kept:
        return redirect("business:spreadsheet_preview", kept.pk)
    context = {"form": form, "may_write": signatories_writable_by(request.user).exists(), **SECTION}
    return render(request, "reporting/spreadsheet.html", context)


@signatory_required
@require_safe
def download_spreadsheet(request: SignedInRequest, suffix: str) -> HttpResponse:
    """Give out the commitments of all organisations that a person acts for."""
    holdings = SpreadsheetScope(request.user, clock.today())
    rows = update_rows.spreadsheet_rows(holdings)
    match suffix:
        case "csv":
            content = tables.as_csv(update_rows.COLUMNS, rows)
        case "xlsx":
            content = tables.as_xlsx(
                update_rows.COLUMNS, rows, choices=update_rows.column_choices(holdings)
            )
        case _:
            raise Http404
    return download_response(content, name="commitments", suffix=suffix)


@signatory_required
@require_http_methods(["GET", "POST"])
def preview_spreadsheet(request: SignedInRequest, number: int) -> HttpResponse:
    """Show all that a file would change, and every problem; save all of it on request."""
    kept = get_object_or_404(Upload.objects.for_user(request.user), pk=number, purpose=PURPOSE)
    if kept.applied_at:
        return render(request, "reporting/spreadsheet_done.html", {"upload": kept, **SECTION})
    plan = spreadsheet_updates.build_plan(
        _read_table(kept), SpreadsheetScope(request.user, clock.today())
    )
    form = ConfirmImportForm(request.POST or None, initial={"seen_digest": plan.digest()})
    if request.method == "POST":
        if form["seen_digest"].value() != plan.digest():
            messages.info(request, "Something changed in the meantime. Look again before saving.")
        elif plan.steps and not plan.problems:
            try:
                _apply_plan(request, kept, plan)
            except CharterError as error:
                messages.info(request, f"Nothing was saved: {error}")
        return redirect("business:spreadsheet_preview", number)
    context = {"upload": kept, "plan": plan, "form": form, **SECTION}
    return render(request, "reporting/spreadsheet_preview.html", context)


@signatory_required
@require_safe
def download_problems(request: SignedInRequest, number: int) -> HttpResponse:
    """Give the file back with what is wrong in each row, to be mended and uploaded again."""
    mine = Upload.objects.for_user(request.user)
    kept = get_object_or_404(mine, pk=number, purpose=PURPOSE, applied_at=None)
    table = _read_table(kept)
    plan = spreadsheet_updates.build_plan(table, SpreadsheetScope(request.user, clock.today()))
    return download_response(
        tables.add_problem_column(table, plan.problems),
        name="commitments-to-mend",
        suffix="xlsx" if table.is_xlsx else "csv",
    )


@transaction.atomic
def _apply_plan(request: SignedInRequest, kept: Upload, plan: spreadsheet_updates.Plan) -> None:
    """Save the plan and close the file; a second click finds it closed. Publishing comes last."""
    kept = Upload.objects.select_for_update().get(pk=kept.pk)
    if kept.applied_at is None:
        uploads.mark_as_applied(kept, outcome=plan.outcome())
        spreadsheet_updates.apply_steps(plan.steps, by=request.user)


def _read_table(kept: Upload) -> tables.Table:
    return tables.read_table(bytes(kept.content), READ_COLUMNS)
