"""Errors of the API as problem details (RFC 9457), which name the wrong parameter."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions, status
from rest_framework.response import Response

from registry.log.publishing import Head

TITLES = {
    "invalid-parameter": "A parameter has a value that is not allowed",
    "unknown-parameter": "A parameter is not known here",
    "invalid-cursor": "The cursor is not one of ours, or belongs to another list or other filters",
    "beyond-head": "The log ends before this entry",
    "not-found": "There is nothing public at this address",
    "method-not-allowed": "This address can only be read",
    "not-acceptable": "This format is not offered here",
    "internal": "Something went wrong on our side",
    "unavailable": "The register cannot answer at the moment",
}
CONTENT_TYPE = "application/problem+json"


class ProblemError(exceptions.APIException):
    """A wrong request; `errors` names parameters, codes and details."""

    status_code = status.HTTP_400_BAD_REQUEST

    def __init__(self, type_: str, errors: list[dict[str, str]]) -> None:
        super().__init__(errors[0]["detail"])
        self.type = type_
        self.errors = errors


class BeyondHeadError(exceptions.APIException):
    """A reader has followed the log beyond its head: the register was restored from a backup."""

    status_code = status.HTTP_409_CONFLICT

    def __init__(self, head: Head) -> None:
        super().__init__(
            f"The log ends at entry {head.number}. If you have a later one, the register was "
            "restored from a backup: compare the hashes of your last entries with /entries."
        )
        self.head = {"number": head.number, "hash": head.hash}


def invalid_parameter(
    parameter: str, detail: str, type_: str = "invalid-parameter"
) -> ProblemError:
    """Return the error for one wrong parameter."""
    return ProblemError(type_, [{"parameter": parameter, "code": type_, "detail": detail}])


def problem_body(
    type_: str,
    code: int,
    detail: str,
    instance: str,
    **more: Any,
) -> dict[str, Any]:
    """Return the body of a problem, with more members that its type has."""
    return {
        "type": f"{settings.PUBLIC_URL}/data#{type_}",
        "title": TITLES[type_],
        "status": code,
        "detail": detail,
        "instance": instance,
        **more,
    }


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return a problem for an exception in a view, or None to let Django handle it."""
    instance = context["request"].get_full_path()
    headers = {}
    if isinstance(error, ProblemError):
        body = problem_body(
            error.type, error.status_code, str(error.detail), instance, errors=error.errors
        )
    elif isinstance(error, BeyondHeadError):
        body = problem_body("beyond-head", 409, str(error.detail), instance, head=error.head)
    elif isinstance(error, exceptions.NotFound):
        body = problem_body("not-found", 404, str(error.detail), instance)
    elif isinstance(error, Http404):
        body = problem_body("not-found", 404, "No record has this key.", instance)
    elif isinstance(error, exceptions.MethodNotAllowed):
        body = problem_body("method-not-allowed", 405, str(error.detail), instance)
        headers["Allow"] = "GET, HEAD, OPTIONS"
    elif isinstance(error, exceptions.NotAcceptable):
        body = problem_body("not-acceptable", 406, "Ask for JSON, or for CSV on a list.", instance)
    else:
        return None
    response = Response(body, status=body["status"], headers=headers, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    return response


@csrf_exempt  # It only reads: a form is as unknown here as any other request.
def not_found(request: HttpRequest, path: str = "") -> JsonResponse:
    """Return a 404 problem for an unknown address of the API."""
    body = problem_body("not-found", 404, "The API has no such address.", request.get_full_path())
    return JsonResponse(body, status=404, content_type=CONTENT_TYPE)
