"""Check evidence links, at public addresses only. No content is stored.

Only the worker of the queue `links` sends these requests: the web and email processes never open an
address that someone entered.
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
# IPv6 networks that embed IPv4 addresses.
TRANSLATION_NETWORKS = [
    ipaddress.ip_network("64:ff9b::/96"),
    ipaddress.ip_network("64:ff9b:1::/48"),
]

Address = str

# Top-level names that resolve only inside an organisation.
INTERNAL_SUFFIXES = {"localhost", "local", "internal", "lan", "home", "corp", "arpa"}


@dataclass(frozen=True)
class LinkResult:
    """The result for a link; `works` is None if it is unknown."""

    works: bool | None
    why: str = ""
    # Of a document, to detect changes; web pages change with every visit.
    fingerprint: str = ""


class UnreachableError(Exception):
    """There was no response; the message says why."""


def is_public(address: Address) -> bool:
    """Return True if an address is reachable for everyone on the internet."""
    ip = ipaddress.ip_address(address)
    if isinstance(ip, ipaddress.IPv6Address):
        embedded = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if embedded:
            return is_public(str(embedded))
        if any(ip in network for network in TRANSLATION_NETWORKS):
            return False
    return ip.is_global and not ip.is_multicast


def may_be_public(url: str) -> bool:
    """Return True if a link may lead to a page open to everyone, without any request.

    It needs a name with a dot: numbers are single machines, and single words are internal names.
    """
    try:
        parts = urlsplit(url)
        names = (parts.hostname or "").rstrip(".").split(".")
    except ValueError:
        return False
    top_level = names[-1]
    return len(names) > 1 and top_level[:1].isalpha() and top_level not in INTERNAL_SUFFIXES


def check_link(url: str) -> LinkResult:
    """Request a link once: 5 seconds, 64 KB, no redirects.

    The address is resolved once, checked and then connected to, so a name that resolves differently
    the next time gains nothing.
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
    """Return the address to connect to; one private address rejects the whole name."""
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
    # The socket timeout alone would not stop a server that sends a byte now and then.
    hang_up = Timer(TIMEOUT_SECONDS, lambda: _hang_up(connection))
    hang_up.start()
    try:
        if parts.scheme == "https":
            secure_socket = ssl.create_default_context().wrap_socket(
                connection.sock, server_hostname=host, do_handshake_on_connect=False
            )
            connection.sock = secure_socket
            secure_socket.do_handshake()
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
        # SSLSocket.shutdown would drop the TLS state while the other thread still reads.
        socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)
    except OSError:
        pass  # The server closed the connection first.


def _judge_response(
    response: http.client.HTTPResponse, content: bytes, *, is_complete: bool
) -> LinkResult:
    """Return the result for a response.

    A page that rejects machines counts as unknown, not as broken.
    """
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
