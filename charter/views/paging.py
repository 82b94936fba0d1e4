"""Pagination of long lists on private pages."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

PAGE_SIZE = 50


def page_context(request: HttpRequest, rows: QuerySet[Any] | Sequence[Any]) -> dict[str, Any]:
    """Return the requested page's rows, the total, and the URLs of the pages beside it.

    A page number out of range means the nearest page. Other query parameters are kept.
    """
    page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
    return {
        "rows": page.object_list,
        "total": page.paginator.count,
        "previous": _page_url(request, page.number - 1) if page.has_previous() else "",
        "next": _page_url(request, page.number + 1) if page.has_next() else "",
    }


def _page_url(request: HttpRequest, number: int) -> str:
    query = request.GET.copy()
    query["page"] = str(number)
    return f"?{query.urlencode()}"
