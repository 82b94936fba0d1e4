"""The conversation with the mail server, in phases: it matters where it broke off.

Before the final dot an email has certainly not been accepted. After it, a missing reply means that
the outcome is unknown.
"""

import re
import smtplib
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.header import Header
from email.headerregistry import BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from enum import StrEnum
from functools import cache
from typing import Any

import environ
from django.conf import settings

from charter.mail import rendering, return_addresses
from charter.mail.refusals import Verdict, judge_refusal
from charter.models import Message
from registry import clock

COMMAND_SECONDS = 60
# RFC 5321 asks for ten minutes after the dot: a client that gives up earlier makes duplicates.
AFTER_DOT_SECONDS = 600
NO_REPLY = 0
LONGEST_ENCODED_WORD = 75  # RFC 2047


class OneLineHeader(BaseHeader):
    """A header that is sent unchanged, on one line of any length.

    Python would break a long address into encoded words (python/cpython#85725), which RFC 2047
    forbids there.
    """

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, Any]) -> None:
        kwds.update(decoded=value, parse_tree=None)

    def fold(self, *, policy: Policy) -> str:
        return f"{self.name}: {self}{policy.linesep}"


class TextHeader(OneLineHeader):
    """A free-text header. Python's own folding loses spaces between encoded words."""

    def fold(self, *, policy: Policy) -> str:
        # A reader would decode a literal "=?" unless the header is encoded.
        is_plain = self.isascii() and "=?" not in self
        charset = "us-ascii" if is_plain else "utf-8"
        header = Header(str(self), charset, header_name=self.name, maxlinelen=LONGEST_ENCODED_WORD)
        return f"{self.name}: {header.encode(linesep=policy.linesep)}{policy.linesep}"


class KnownHeaders(HeaderRegistry):
    """A registry that makes the class of each header once, instead of for each email."""

    @cache  # noqa: B019 - there is one registry, and it knows a dozen names
    def __getitem__(self, name: str) -> Any:
        return super().__getitem__(name)


HEADERS = KnownHeaders()
# What we write into these is short and in ASCII. The library would parse it first, which takes
# longer than to send the email.
for one_line in (
    *("from", "to", "reply-to", "date", "message-id", "auto-submitted"),
    *("list-unsubscribe", "list-unsubscribe-post"),
):
    HEADERS.map_to_type(one_line, OneLineHeader)
HEADERS.map_to_type("subject", TextHeader)
POLICY = SMTP.clone(header_factory=HEADERS)


class Phase(StrEnum):
    CONNECT = "connect"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    AFTER_DOT = "after_dot"


@dataclass(frozen=True)
class ServerReply:
    """The last phase that was reached, with the server's last code (0: none) and text."""

    phase: Phase
    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code or 'No answer'} {self.text}"[:300]

    @property
    def was_accepted(self) -> bool:
        return self.phase == Phase.AFTER_DOT and self.code // 100 == 2

    @property
    def outcome_unknown(self) -> bool:
        """Return True if the email may or may not have been accepted."""
        return self.phase == Phase.AFTER_DOT and self.code // 100 not in (2, 4, 5)

    @property
    def server_unavailable(self) -> bool:
        """Return True if the next email would fail too: no connection, no sign-in, shutdown."""
        return self.phase == Phase.CONNECT or self.code in (NO_REPLY, 421, 530, 535)

    @property
    def verdict(self) -> Verdict | None:
        """Return what a refusal says; None for all else, and for what another attempt may undo.

        Only a reply to the recipient or to the whole email can be about the mailbox.
        """
        if self.code // 100 not in (4, 5) or self.server_unavailable:
            return None
        may_be_proof = self.code // 100 == 5 and self.phase in (Phase.RCPT, Phase.AFTER_DOT)
        verdict = judge_refusal(f"{self.code} {self.text}", is_permanent=may_be_proof)
        is_final = self.code // 100 == 5 or verdict == Verdict.OURS
        return verdict if is_final else None

    @property
    def proves_gone(self) -> bool:
        return self.verdict == Verdict.GONE

    @property
    def refused_for_good(self) -> bool:
        """Return True if another attempt is in vain. What is our own fault can be corrected."""
        return self.code // 100 == 5 and self.verdict not in (None, Verdict.OURS)


class MailServer:
    """A connection that opens with the first email and again after any failure."""

    def __init__(self, url: str) -> None:
        self.config = environ.Env.email_url_config(url)
        self.smtp: smtplib.SMTP | None = None
        # Read once for each authority: a connection lasts for seconds.
        self.senders: dict[int | None, dict[str, str]] = {}

    def hand_over(self, message: Message) -> ServerReply:
        """Send one email to one recipient. Never raises for failures of server or network."""
        try:
            message.recipient.encode("ascii")
            content = serialise_message(message, self._sender_of(message))
        except Exception as error:  # queue() refuses such a message; it must not stop the others
            return ServerReply(Phase.DATA, 554, f"5.6.0 It cannot be written as an email: {error}")
        phase = Phase.CONNECT
        try:
            smtp = self.smtp or self._open_connection()
            for phase, command in [
                (Phase.MAIL, f"MAIL FROM:<{return_addresses.return_path(message)}>"),
                (Phase.RCPT, f"RCPT TO:<{message.recipient}>"),
                (Phase.DATA, "DATA"),
            ]:
                code, text = smtp.docmd(command)
                if code not in (250, 251, 354):
                    self.close()
                    return ServerReply(phase, code, text.decode(errors="replace"))
            smtp.send(re.sub(rb"(?m)^\.", b"..", content))
            phase = Phase.AFTER_DOT
            wait_at_most(AFTER_DOT_SECONDS, smtp)
            smtp.send(b".\r\n")
            code, text = smtp.getreply()
            wait_at_most(COMMAND_SECONDS, smtp)
            reply = ServerReply(phase, code, text.decode(errors="replace"))
        except smtplib.SMTPResponseException as error:
            text = (
                error.smtp_error
                if isinstance(error.smtp_error, bytes)
                else error.smtp_error.encode()
            )
            reply = ServerReply(phase, error.smtp_code, text.decode(errors="replace"))
        except (smtplib.SMTPException, OSError) as error:
            reply = ServerReply(phase, NO_REPLY, f"{type(error).__name__}: {error}")
        if not reply.was_accepted:
            self.close()
        return reply

    def _sender_of(self, message: Message) -> dict[str, str]:
        if message.authority_id not in self.senders:
            self.senders[message.authority_id] = rendering.sender_details(message.authority)
        return self.senders[message.authority_id]

    def close(self) -> None:
        if self.smtp:
            try:
                self.smtp.quit()
            except (smtplib.SMTPException, OSError):
                self.smtp.close()  # the connection was already dead
            self.smtp = None

    def _open_connection(self) -> smtplib.SMTP:
        host, port = self.config["EMAIL_HOST"], self.config["EMAIL_PORT"] or 0
        name = settings.PUBLIC_HOST
        tls = ssl.create_default_context()
        smtp: smtplib.SMTP
        if self.config.get("EMAIL_USE_SSL"):
            smtp = smtplib.SMTP_SSL(host, port, name, timeout=COMMAND_SECONDS, context=tls)
        else:
            smtp = smtplib.SMTP(host, port, name, timeout=COMMAND_SECONDS)
        self.smtp = smtp  # from here on close() ends the connection, even if sign-in fails
        if smtp.sock:  # The final dot is a packet of its own, which must not wait for others.
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        smtp.ehlo_or_helo_if_needed()
        if self.config.get("EMAIL_USE_TLS"):
            smtp.starttls(context=tls)
            smtp.ehlo()
        if self.config["EMAIL_HOST_USER"]:
            smtp.login(self.config["EMAIL_HOST_USER"], self.config["EMAIL_HOST_PASSWORD"])
        return smtp


def wait_at_most(seconds: int, smtp: smtplib.SMTP) -> None:
    if smtp.sock:
        smtp.sock.settimeout(seconds)


def serialise_message(message: Message, sender: Mapping[str, str]) -> bytes:
    """Return the email as it is sent, with CRLF line ends; dots are not yet doubled."""
    email = EmailMessage(policy=POLICY)
    email["From"] = f"Charter Register <{sender['sender_address']}>"
    email["To"] = message.recipient
    email["Reply-To"] = sender["reply_address"]
    email["Subject"] = message.subject
    email["Date"] = format_datetime(clock.now())
    email["Message-ID"] = message.message_id
    email["Auto-Submitted"] = "auto-generated"
    if message.unsubscribe_address:
        email["List-Unsubscribe"] = f"<{message.unsubscribe_address}>"
        email["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    email.set_content(message.text, cte="quoted-printable")
    if message.html:
        email.add_alternative(message.html, subtype="html", cte="quoted-printable")
    return email.as_bytes()
