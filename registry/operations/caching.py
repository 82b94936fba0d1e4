"""Keeps answers out of caches, unless they say themselves that they may be kept."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

View = Callable[[HttpRequest], HttpResponseBase]


def forbid_keeping(get_response: View) -> View:
    """Let no cache keep an answer without a word about it: private pages, errors, redirects."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return answer
