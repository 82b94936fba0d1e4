"""The addresses of the plain peers."""

from functools import partial

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from tests.bench.peers import ninja_api, plain

router = SimpleRouter(trailing_slash=False)
router.register("commitments", plain.CommitmentViewSet, basename="commitment")

urlpatterns = [
    path("plain/commitments", partial(plain.list_page, filters=plain.CommitmentFilter)),
    path("full-text/commitments", partial(plain.list_page, filters=plain.FullTextFilter)),
    path("plain/commitments/<slug:key>", plain.commitment_page),
    path("plain/commitments.csv", plain.csv_file),
    path("plain/commitments.jsonl", plain.json_lines),
    path("drf/", include(router.urls)),
    path("ninja/", ninja_api.api.urls),
]
