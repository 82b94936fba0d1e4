"""What a person is asked before an act goes on, and the second press that answers.

An act calls `ask`. It goes on if the person's page has shown every question; otherwise it raises
and nothing is done. The page that shows the questions sends their digests in `SEEN_FIELD`.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import astuple, dataclass

from charter import acts
from charter.seen_digest import make_digest

SEEN_FIELD = "seen_questions"
DIGEST_LENGTH = 16
ASKED_CAUSES = (acts.Cause.PERSON, acts.Cause.LINK)


@dataclass(frozen=True)
class Question:
    """A question in words. One about a passage quotes it, with what was found in it."""

    text: str
    before: str = ""
    found: str = ""
    after: str = ""

    @property
    def digest(self) -> str:
        return make_digest(astuple(self))[:DIGEST_LENGTH]


class UnansweredError(Exception):
    """An act stopped for questions that its person has not seen. Nothing was done."""

    def __init__(self, questions: list[Question]) -> None:
        super().__init__("; ".join(question.text for question in questions))
        self.questions = questions


# Return the digests that the form under way sends; None goes on without any question.
_read_digests: ContextVar[Callable[[], str] | None] = ContextVar("digests", default=str)


def ask(questions: Iterable[Question]) -> None:
    """Raise UnansweredError if there are questions that the person has not seen.

    Nobody is asked in acts of the clock and the command line.
    """
    questions = list(questions)
    read = _read_digests.get()
    if not questions or read is None or acts.current_cause() not in ASKED_CAUSES:
        return
    seen = set(read().split())
    if unseen := [question for question in questions if question.digest not in seen]:
        raise UnansweredError(unseen)


def digests_of(questions: Iterable[Question]) -> str:
    """Return what a form sends that shows these questions."""
    return " ".join(question.digest for question in questions)


@contextmanager
def answering(read: Callable[[], str]) -> Iterator[None]:
    """Run the block for a form that sends these digests."""
    token = _read_digests.set(read)
    try:
        yield
    finally:
        _read_digests.reset(token)


@contextmanager
def already_read() -> Iterator[None]:
    """Run the block for a person who has read exactly what it publishes, questions included."""
    token = _read_digests.set(None)
    try:
        yield
    finally:
        _read_digests.reset(token)
