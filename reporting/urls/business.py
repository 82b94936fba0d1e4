"""What a signatory owes, at /business."""

from django.urls import path

from reporting.views import business

urlpatterns = [
    path("", business.home, name="home"),
    path("/successes/<key>", business.success, name="success"),
]
