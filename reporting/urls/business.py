"""Updates, checks, letters and spreadsheets of a signatory, at /business."""

from django.urls import path

from reporting.views import (
    business,
    checks,
    evidence,
    letters,
    replies,
    spreadsheet,
    successes,
    token_links,
)

urlpatterns = [
    path("", business.signatory_home, name="home"),
    path("/checks/<key>", checks.reply_to_check, name="check"),
    path("/confirmations/<key>", token_links.ask_beneficiary, name="confirmations"),
    path("/evidence/<uuid:reference>", evidence.own_file, name="evidence"),
    path("/letters/<key>", letters.answer_letter, name="letter"),
    path("/replies/<key>", replies.edit_reply, name="reply"),
    path("/replies/<key>/preview", replies.reply_preview, name="reply_preview"),
    path("/spreadsheet", spreadsheet.upload_spreadsheet, name="spreadsheet"),
    path("/spreadsheet.<suffix>", spreadsheet.download_spreadsheet, name="spreadsheet_download"),
    path("/spreadsheet/<int:number>", spreadsheet.preview_spreadsheet, name="spreadsheet_preview"),
    path(
        "/spreadsheet/<int:number>/problems",
        spreadsheet.download_problems,
        name="spreadsheet_problems",
    ),
    path("/successes/<key>", successes.edit_success, name="success"),
]
