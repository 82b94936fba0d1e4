"""Asks whether a link still works, at public addresses only. Nothing of the answer is kept.

Only the worker of the queue `links` asks: neither the web nor the email processes ever open an
address that somebody typed.
"""

import hashlib
import http.client
import ipaddress
import socket
import ssl
import time
from dataclasses import dataclass
from threading import Timer
from urllib.parse import SplitResult, urlsplit

TIMEOUT_SECONDS = 5
MAX_BYTES = 64 * 1024
PORTS = {"http": 80, "https": 443}
USER_AGENT = "CharterRegister-LinkCheck/1"
# Carriers of addresses of the older kind inside newer ones.
TRANSLATION_NETWORKS = [
    ipaddress.ip_network("64:ff9b::/96"),
    ipaddress.ip_network("64:ff9b:1::/48"),
]

Address = str

# The last part of names that lead somewhere only inside one house.
INTERNAL_SUFFIXES = {"localhost", "local", "internal", "lan", "home", "corp", "arpa"}


@dataclass(frozen=True)
class LinkResult:
    """What a link answered: `works` is None when it cannot be told."""

    works: bool | None
    why: str = ""
    # Of a document, for telling that it changed; web pages change with every visit.
    fingerprint: str = ""


class UnreachableError(Exception):
    """No answer came; the message says why."""


def is_public(address: Address) -> bool:
    """Say whether an address is one that everybody on the internet can reach."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if inner:
            return is_public(str(inner))
        if any(ip in network for network in TRANSLATION_NETWORKS):
            return False
    return ip.is_global and not ip.is_multicast


def may_be_public(url: str) -> bool:
    """Say whether a link may lead to a page that everybody can open, without asking anybody.

    It needs a name, with a dot: numbers stand for machines, and one word for a house's own.
    """
    try:
        parts = urlsplit(url)
        names = (parts.hostname or "").rstrip(".").split(".")
    except ValueError:
        return False
    last = names[-1]
    return len(names) > 1 and last[:1].isalpha() and last not in INTERNAL_SUFFIXES


def check_link(url: str) -> LinkResult:
    """Ask once for what a link leads to: 5 seconds, 64 KB, no redirect followed.

    The address is resolved once, examined, and then connected to: a name that answers differently
    the next time gains nothing by it.
    """
    try:
        parts = urlsplit(url)
        port = parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        return LinkResult(False, "It is not an address")
    if parts.scheme not in PORTS or not parts.hostname or port != PORTS[parts.scheme]:
        return LinkResult(None, "It is at an unusual port, where we do not look")
    try:
        return _request_link(parts, port, _resolve_host(parts.hostname, port))
    except UnreachableError as error:
        return LinkResult(False, str(error))
    except (OSError, http.client.HTTPException, ValueError) as error:
        return LinkResult(False, f"No answer: {type(error).__name__}")


def _resolve_host(host: str, port: int) -> Address:
    """Return the address to connect to; one that may not be reached refuses the whole name."""
    try:
        resolved = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise UnreachableError("The name leads nowhere") from error
    addresses = [str(entry[4][0]).partition("%")[0] for entry in resolved]
    if not addresses or not all(is_public(address) for address in addresses):
        raise UnreachableError("The name leads to no public address")
    return addresses[0]


def _request_link(parts: SplitResult, port: int, address: Address) -> LinkResult:
    host, started_at = str(parts.hostname), time.monotonic()
    connection = http.client.HTTPConnection(host, port, timeout=TIMEOUT_SECONDS)
    connection.sock = socket.create_connection((address, port), timeout=TIMEOUT_SECONDS)
    # A server that sends a byte now and then is hung up on all the same.
    hang_up = Timer(TIMEOUT_SECONDS, lambda: _hang_up(connection))
    hang_up.start()
    try:
        if parts.scheme == "https":
            secure = ssl.create_default_context().wrap_socket(
                connection.sock, server_hostname=host, do_handshake_on_connect=False
            )
            connection.sock = secure
            secure.do_handshake()
        path = parts.path or "/"
        target = f"{path}?{parts.query}" if parts.query else path
        connection.request("GET", target, headers={"User-Agent": USER_AGENT, "Connection": "close"})
        response = connection.getresponse()
        content = response.read(MAX_BYTES)
        return _judge_response(
            response, content, is_complete=time.monotonic() - started_at < TIMEOUT_SECONDS
        )
    finally:
        hang_up.cancel()
        connection.close()


def _hang_up(connection: http.client.HTTPConnection) -> None:
    try:
        socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
    except OSError:
        pass  # the other side was quicker


def _judge_response(
    response: http.client.HTTPResponse, content: bytes, *, is_complete: bool
) -> LinkResult:
    """Tell a link that works from one that is gone; a door that is shut to machines is neither."""
    status = response.status
    if not is_complete:
        return LinkResult(None, "It answers too slowly")
    if status in (401, 403, 405, 406, 429):
        return LinkResult(None, f"It answers {status} to machines")
    if status >= 400:
        return LinkResult(False, f"It answers {status}")
    is_page = "html" in (response.getheader("Content-Type") or "html")
    is_document = status == 200 and not is_page
    return LinkResult(True, fingerprint=hashlib.sha256(content).hexdigest() if is_document else "")
