"""What a signatory owes, at /business."""

from django.urls import path

from reporting.views import business, evidence

urlpatterns = [
    path("", business.home, name="home"),
    path("/evidence/<uuid:reference>", evidence.own_file, name="evidence"),
    path("/successes/<key>", business.success, name="success"),
]
