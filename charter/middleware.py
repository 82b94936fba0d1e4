"""Lets a form answer what its act asks, and shows the questions that are left."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from charter import questions
from charter.questions import UnansweredError
from charter.views.questions import question_page

View = Callable[[HttpRequest], HttpResponse]


class QuestionsMiddleware:
    """Any form of any page may be sent a second time with the questions that its person saw."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with questions.answering(lambda: request.POST.get(questions.SEEN_FIELD, "")):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, UnansweredError):
            return question_page(request, exception)
        return None
