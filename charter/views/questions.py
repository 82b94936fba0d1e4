"""The page with what a person is asked before a form goes on."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from charter.questions import SEEN_FIELD, Question, UnansweredError, digests_of

# Fields of the page itself.
OWN_FIELDS = {"csrfmiddlewaretoken", SEEN_FIELD}


@dataclass(frozen=True)
class SentField:
    """A field of the form as it was sent. A text that was asked about can be changed here."""

    name: str
    value: str
    is_asked_about: bool

    @property
    def label(self) -> str:
        return self.name.replace("_", " ").capitalize()


def question_page(request: HttpRequest, error: UnansweredError) -> HttpResponse:
    """Show the questions, with the form to send again as it is or with another text.

    Files are not kept: a form with files saves them before it asks.
    """
    seen_before = request.POST.get(SEEN_FIELD, "")
    fields = [
        SentField(name, value, _is_asked_about(value, error.questions))
        for name, values in request.POST.lists()
        for value in values
        if name not in OWN_FIELDS
    ]
    is_member = request.user.is_authenticated
    context = {
        "layout": "private.html" if is_member else "base.html",
        "personal_data": [question for question in error.questions if question.found],
        "other_questions": [question for question in error.questions if not question.found],
        "seen_questions": f"{seen_before} {digests_of(error.questions)}".strip(),
        "fields": fields,
        "address": request.get_full_path(),
        "section": "",
    }
    response = render(request, "charter/questions.html", context)
    add_never_cache_headers(response)
    return response


def _is_asked_about(value: str, questions: list[Question]) -> bool:
    return any(question.found and question.found in value for question in questions)
