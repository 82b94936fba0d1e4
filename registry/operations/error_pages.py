"""Responses to unexpected errors: 500 for our own, 503 for temporary ones, 403 for refused forms.

Temporary are a full disk, a database that is unavailable, full or read-only, and a register that
has stopped because its ledger does not fit.
"""

import errno
import sys
from http import HTTPStatus

import psycopg
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from registry.api import problems
from registry.log.publishing import FrozenError

TRY_AGAIN_SECONDS = "60"
FULL_DISK = (errno.ENOSPC, errno.EDQUOT)


# What Django itself would say names its settings.
REFUSED_FORM = (
    "This form was not accepted. Your browser may keep no cookies, or the page was open for too "
    "long. Open the page again and send the form from there."
)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return a 403 page in our own words to a form without a token of ours."""
    return render(None, "403.html", {"exception": REFUSED_FORM}, status=HTTPStatus.FORBIDDEN)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return a 503 page for temporary errors, or else a 500 page; JSON below /api/."""
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    if _is_temporary(sys.exception()):
        status = HTTPStatus.SERVICE_UNAVAILABLE
    response = _error_response(request, status)
    response["Cache-Control"] = "no-store"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        response["Retry-After"] = TRY_AGAIN_SECONDS
    return response


def _is_temporary(error: BaseException | None) -> bool:
    if isinstance(error, FrozenError):
        return True
    if isinstance(error, OSError):
        return error.errno in FULL_DISK
    return isinstance(error, OperationalError | InterfaceError) or (
        error is not None and isinstance(error.__cause__, psycopg.errors.ReadOnlySqlTransaction)
    )


def _error_response(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    if not request.path.startswith("/api/"):
        return render(None, f"{status}.html", status=status)
    type_ = "unavailable" if status == HTTPStatus.SERVICE_UNAVAILABLE else "internal"
    detail = "Try again in a minute."
    body = problems.problem_body(type_, status, detail, request.get_full_path())
    return JsonResponse(body, status=status, content_type=problems.CONTENT_TYPE)
