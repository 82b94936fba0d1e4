"""The API's root, its code lists and its OpenAPI description."""

from django.conf import settings
from django.http import HttpResponse, HttpResponseBase
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.exceptions import NotFound
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from registry.api import filters, schema
from registry.api.problems import invalid_parameter
from registry.api.public import PublicView
from registry.open_data import csv_cells
from registry.schema import kinds
from registry.schema.codes import published_lists


class RootView(PublicView):
    @extend_schema(responses=schema.Root, operation_id="root")
    def get(self, request: Request) -> Response:
        """Name, version, licence, head, and where all else is."""
        base = f"{settings.PUBLIC_URL}/api/v1"
        return Response(
            {
                "name": "Charter Register",
                "version": "1",
                "openapi_url": f"{base}/openapi.json",
                "docs_url": f"{settings.PUBLIC_URL}/data",
                **{f"{plural}_url": f"{base}/{plural}" for plural in kinds.KINDS_BY_PLURAL},
                "changes_url": f"{base}/changes",
                "entries_url": f"{base}/entries",
                "codelists_url": f"{base}/codelists",
                **self.provenance_fields(),
            }
        )


class CodelistList(PublicView):
    @extend_schema(operation_id="codelists", responses=schema.Codelists)
    def get(self, request: Request) -> Response:
        """The names of the closed lists of codes."""
        filters.validated_query(request, set())
        return Response({"data": list(published_lists()), "meta": self.provenance_fields()})


class CodelistDetail(PublicView):
    @extend_schema(operation_id="codelist", responses=schema.Codelist)
    def get(self, request: Request, name: str) -> Response:
        """The codes of a list with their labels."""
        filters.validated_query(request, set())
        if name not in published_lists():
            raise invalid_parameter("name", f"Known lists: {', '.join(published_lists())}.")
        codes = [
            {"code": code.value, "label": code.label, "description": code.description or None}
            for code in published_lists()[name]
        ]
        return Response({"data": codes, "meta": self.provenance_fields()})


class CodelistFile(PublicView):
    """The codes of a list as CSV."""

    @extend_schema(exclude=True)
    def get(self, request: Request, name: str) -> HttpResponseBase:
        filters.validated_query(request, set())
        if name not in published_lists():
            raise NotFound(f"Known lists: {', '.join(published_lists())}.")
        codes = [(code.value, code.label, code.description) for code in published_lists()[name]]
        rows = csv_cells.csv_lines([["code", "label", "description"], *codes])
        return HttpResponse("".join(rows), content_type="text/csv; charset=utf-8")


class OpenAPIView(SpectacularAPIView):
    """The OpenAPI description, generated from the declarations in kinds.py."""

    renderer_classes = [JSONRenderer]
