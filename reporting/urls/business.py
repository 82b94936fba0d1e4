"""What a signatory owes, at /business."""

from django.urls import path

from reporting.views import (
    business,
    capabilities,
    checks,
    evidence,
    letters,
    spreadsheet,
    successes,
)

urlpatterns = [
    path("", business.home, name="home"),
    path("/checks/<key>", checks.reply, name="check"),
    path("/confirmations/<key>", capabilities.ask_beneficiary, name="confirmations"),
    path("/evidence/<uuid:reference>", evidence.own_file, name="evidence"),
    path("/letters/<key>", letters.answer, name="letter"),
    path("/spreadsheet", spreadsheet.upload, name="spreadsheet"),
    path("/spreadsheet.<suffix>", spreadsheet.download, name="spreadsheet_download"),
    path("/spreadsheet/<int:number>", spreadsheet.preview, name="spreadsheet_preview"),
    path("/spreadsheet/<int:number>/problems", spreadsheet.problems, name="spreadsheet_problems"),
    path("/successes/<key>", successes.change, name="success"),
]
