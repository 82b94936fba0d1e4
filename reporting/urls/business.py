"""What a signatory owes, at /business."""

from django.urls import path

from reporting.views import business, capabilities, checks, evidence

urlpatterns = [
    path("", business.home, name="home"),
    path("/checks/<key>", checks.reply, name="check"),
    path("/confirmations/<key>", capabilities.ask_beneficiary, name="confirmations"),
    path("/evidence/<uuid:reference>", evidence.own_file, name="evidence"),
    path("/successes/<key>", business.success, name="success"),
]
