"""The registry of the kinds of email.

Each package declares its own kinds in its `mail_kinds.py`; its `AppConfig.ready` registers them.
The words of a kind are in one template, which `mail/checks.py` looks for.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.core.exceptions import ImproperlyConfigured

from charter.models import Message


def _still_wanted(message: Message) -> str:
    return ""


def _nothing_follows(messages: Sequence[Message]) -> None:
    pass


@dataclass(frozen=True)
class MessageKind:
    """A kind of email: its name for staff, and how one of its messages ends."""

    code: str
    label: str
    # (message) -> the reason to cancel it, or "". Called in the claim: it may complete the text
    # with facts that became known after queueing.
    cancellation_reason: Callable[[Message], str] = _still_wanted
    # The same of messages that are claimed together, by primary key, where reading once is cheaper.
    cancellation_reasons: Callable[[Sequence[Message]], Mapping[int, str]] | None = None
    # Called with messages that were sent together, in the transaction that records it.
    after_hand_over: Callable[[Sequence[Message]], None] = _nothing_follows
    # Queued again once after a sending was cut off in flight.
    resend: bool = False
    # Contains a one-time link or code: the text is deleted once the message has finished.
    secret: bool = False
    # Out of date after this time, unless the message says when.
    expires_after: timedelta = timedelta(days=7)
    # Sent even to an address that came back: a person waits for it, or it is the second look.
    ignores_refusals: bool = False
    # Tried even while sending has stopped.
    is_alarm: bool = False
    # False if another library has the words.
    has_template: bool = True

    def find_cancellation_reasons(self, messages: Sequence[Message]) -> Mapping[int, str]:
        """Return the reason to cancel each of some messages, or "", by its primary key."""
        if self.cancellation_reasons:
            return self.cancellation_reasons(messages)
        return {message.pk: self.cancellation_reason(message) for message in messages}


_kinds: dict[str, MessageKind] = {}


def register(kinds: Iterable[MessageKind]) -> None:
    """Make kinds known to the outbox. Raise ImproperlyConfigured if a code is taken."""
    for kind in kinds:
        if _kinds.setdefault(kind.code, kind) != kind:
            raise ImproperlyConfigured(f"Two kinds of email have the code {kind.code!r}.")


def registered_kinds() -> list[MessageKind]:
    """Return all kinds in the order of their labels."""
    return sorted(_kinds.values(), key=lambda kind: kind.label)


def check_registered(code: str) -> None:
    """Raise ImproperlyConfigured if no kind has a code."""
    if code not in _kinds:
        raise ImproperlyConfigured(
            f"No kind of email has the code {code!r}. Declare it in a mail_kinds.py."
        )


def kind_of(message: Message) -> MessageKind:
    """Return the kind of a stored message.

    A message that another release queued may have a kind that this one does not know. It fails in
    its claim and keeps no text; the queue goes on.
    """
    return _kinds.get(message.kind) or MessageKind(
        message.kind, message.kind, cancellation_reason=_fail_unknown, secret=True
    )


def _fail_unknown(message: Message) -> str:
    check_registered(message.kind)
    return ""
