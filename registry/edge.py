"""Answer public pages and the API from memory, ahead of Django.

All that is sent from here was made by Django before: for the same address, format and compression,
the same head of the log, release and day. Only answers of public views with an ETag of the
register's present state are kept: pages and their 304, never an error.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from threading import Event, Lock
from typing import Any, NamedTuple
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings
from django.core.exceptions import TooManyFieldsSent
from django.core.handlers.wsgi import get_path_info
from django.urls import Resolver404, resolve

from registry import clock
from registry.api.negotiation import accepted_format
from registry.log.head_watch import ask_head
from registry.log.publishing import Head
from registry.log.replica import NEEDED_HEAD
from registry.website import pages, parameters
from registry.website.pages import ACCEPTS_GZIP, etag_state, register_state, weak_tag

KEPT_BYTES = 64 * 2**20
LARGEST_ANSWER = 4 * 2**20  # bytes
LONGEST_NAME = 2048  # characters of the headers and the address that name an answer
OVERHEAD = 1024  # bytes of an answer beside its texts, about
PATIENCE = 5.0  # seconds for which a request waits for another one's answer
# Ends the address in a receipt. Fewer digits than a column of numbers can hold.
ENTRY = re.compile(r"(?:^|&)entry=(\d{1,15})(?=&|$)", re.ASCII)
KEPT_STATUSES = ("200 OK", "304 Not Modified")

# The same few texts come again and again. They are short: see LONGEST_NAME.
canonical_query = lru_cache(maxsize=1024)(parameters.canonical_query)
known_tags = lru_cache(maxsize=1024)(pages.known_tags)


class Wanted(NamedTuple):
    """What a request asks for: the name of an answer, in the state of the register at a head.

    `tags` are those of answers that the reader has.
    """

    head: Head
    state: str
    name: tuple[str, ...]
    tags: list[str]


class Answer(NamedTuple):
    """An answer as Django made it; `tag` is its ETag."""

    status: str
    headers: list[tuple[str, str]]
    body: bytes
    tag: str

    def send(self, start_response: StartResponse) -> list[bytes]:
        start_response(self.status, [*self.headers])  # a copy: the server may change it
        return [self.body]


class KeptAnswers:
    """Answers for one state of the register, up to `limit` bytes; the least recently used leave."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._lock = Lock()
        self._empty("")

    def _empty(self, state: str) -> None:
        self.state = state
        self.size = 0
        self._answers: OrderedDict[tuple[str, ...], Answer] = OrderedDict()

    def find(self, wanted: Wanted) -> Answer | None:
        """Return the answer that is wanted, a 304 to a reader who has it, or None."""
        with self._lock:
            if wanted.state != self.state:
                self._empty(wanted.state)
            if not wanted.tags:
                return self._use(wanted.name)
            unchanged = self._use(_name_unchanged(wanted.name))
            if unchanged and unchanged.tag in wanted.tags:
                return unchanged
            answer = self._use(wanted.name)
            return None if answer and answer.tag in wanted.tags else answer

    def keep(self, wanted: Wanted, answer: Answer) -> None:
        """Keep an answer, unless the register has moved on since it was asked for."""
        name = wanted.name if answer.status == "200 OK" else _name_unchanged(wanted.name)
        with self._lock:
            if wanted.state != self.state or name in self._answers:
                return
            self._answers[name] = answer
            self.size += _size_in_memory(name, answer)
            while self.size > self.limit:
                self.size -= _size_in_memory(*self._answers.popitem(last=False))

    def _use(self, name: tuple[str, ...]) -> Answer | None:
        answer = self._answers.get(name)
        if answer:
            self._answers.move_to_end(name)
        return answer


class Edge:
    """The WSGI application of the register: its public answers from memory, all else from Django.

    `heard_head` returns the head of the log without asking the database, or None if it cannot.
    """

    def __init__(
        self,
        application: WSGIApplication,
        heard_head: Callable[[], Head | None],
        *,
        limit: int = KEPT_BYTES,
    ) -> None:
        self.application = application
        self.heard_head = heard_head
        self.answers = KeptAnswers(limit)
        self._flights: dict[tuple[str, ...], Event] = {}
        self._lock = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environ, entry = _split_entry(environ)
        name = _name_answer(environ)
        head = self._current_head(environ, entry) if name else None
        if name is None or head is None:
            return self.application(environ, start_response)
        tags = known_tags(environ.get("HTTP_IF_NONE_MATCH", ""))
        wanted = Wanted(head, _state_at(head), name, tags)
        if answer := self.answers.find(wanted):
            return answer.send(start_response)
        if not _is_public(environ):
            return self.application(environ, start_response)
        with self._flight(wanted):
            head = self._current_head(environ, entry) or head
            wanted = wanted._replace(head=head, state=_state_at(head))
            if answer := self.answers.find(wanted):
                return answer.send(start_response)
            return self._ask_django(wanted, environ, start_response)

    def _current_head(self, environ: WSGIEnvironment, entry: int) -> Head | None:
        """Return the head that a public page has to show; None if it is not known.

        Someone with a cookie of ours may just have published: they never see an older state, nor
        does a reader whose link names an entry.
        """
        cookies = environ.get("HTTP_COOKIE", "")
        may_write = cookies and (
            settings.SESSION_COOKIE_NAME in cookies or settings.CSRF_COOKIE_NAME in cookies
        )
        head = None if may_write else self.heard_head()
        if (head is None or head.number < entry) and _is_public(environ):
            head = ask_head()
        return head

    @contextmanager
    def _flight(self, wanted: Wanted) -> Iterator[None]:
        """Let one request make an answer in the block, and others wait before it: not for ever."""
        name = (*wanted.name, "conditional" if wanted.tags else "")
        with self._lock:
            earlier = self._flights.get(name)
            if earlier is None:
                landed = self._flights[name] = Event()
        if earlier is not None:
            earlier.wait(PATIENCE)
            yield
            return
        try:
            yield
        finally:
            with self._lock:
                del self._flights[name]
            landed.set()

    def _ask_django(
        self, wanted: Wanted, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Return Django's answer, and keep it if it may be kept."""
        begun: list[Any] = []

        def begin_response(*begin: Any) -> Callable[[bytes], object]:
            begun[:] = begin
            return start_response(*begin)

        # The same for every reader: without cookies, and for HEAD that to GET, whose body the
        # server leaves out.
        anonymous = {
            **environ,
            "REQUEST_METHOD": "GET",
            "HTTP_COOKIE": "",
            NEEDED_HEAD: wanted.head,
        }
        body = self.application(anonymous, begin_response)
        status, headers = begun[:2]
        values = dict(headers)
        if not _may_keep(status, values, wanted.state):
            return body
        content = b"".join(body)
        body.close()  # type: ignore[attr-defined]
        tag = weak_tag(values["ETag"])
        self.answers.keep(wanted, Answer(status, [*headers], content, tag))
        return [content]


def _state_at(head: Head) -> str:
    return register_state(head, clock.today())


def _split_entry(environ: WSGIEnvironment) -> tuple[WSGIEnvironment, int]:
    """Return a request without `entry=NUMBER` in its query, and the number; 0 without one.

    The page at that address is the same as without it.
    """
    query = environ.get("QUERY_STRING", "")
    found = ENTRY.search(query) if "entry=" in query else None
    if found is None or not _is_public(environ):
        return environ, 0
    rest = ENTRY.sub("", query, count=1).removeprefix("&")
    return {**environ, "QUERY_STRING": rest}, int(found[1])


def _name_answer(environ: WSGIEnvironment) -> tuple[str, ...] | None:
    """Return all that an answer depends on beside the state of the register.

    None for what is not read, for a query that Django refuses to read, and for a name so long that
    strangers could fill the memory with it.
    """
    if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
        return None
    place = (
        environ.get("HTTP_X_FORWARDED_PROTO", ""),
        environ.get("HTTP_HOST", ""),
        environ.get("PATH_INFO", ""),
    )
    query = environ.get("QUERY_STRING", "")
    accept = environ.get("HTTP_ACCEPT", "*/*")
    tags = environ.get("HTTP_IF_NONE_MATCH", "")
    if sum(map(len, (*place, query, accept, tags))) > LONGEST_NAME:
        return None
    gzip = "gzip" if ACCEPTS_GZIP.search(environ.get("HTTP_ACCEPT_ENCODING", "")) else ""
    try:
        return (*place, canonical_query(query), accepted_format(accept), gzip)
    except TooManyFieldsSent:
        return None


def _may_keep(status: str, headers: dict[str, str], state: str) -> bool:
    """Return whether an answer is a page, or its 304, of this state; a stream has no length."""
    return (
        status in KEPT_STATUSES
        and state != ""
        and etag_state(headers.get("ETag", "")) == state
        and "Set-Cookie" not in headers
        and int(headers.get("Content-Length", LARGEST_ANSWER + 1)) <= LARGEST_ANSWER
    )


def _name_unchanged(name: tuple[str, ...]) -> tuple[str, ...]:
    """Return the name of the 304 of an answer."""
    return (*name, "304")


def _size_in_memory(name: tuple[str, ...], answer: Answer) -> int:
    """Return about how many bytes an answer takes, with its name and headers."""
    headers = sum(len(header) + len(value) for header, value in answer.headers)
    return len(answer.body) + headers + sum(map(len, name)) + OVERHEAD


def _is_public(environ: WSGIEnvironment) -> bool:
    """Return whether an address has a view whose answers are the same for all readers."""
    try:
        match = resolve(get_path_info(environ))
    except Resolver404:
        return False
    return getattr(match.func, "is_public", False)
