"""A client that costs little: kept connections, plain sockets, several threads."""

import socket
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock

RECEIVED_AT_ONCE = 1 << 18  # bytes
TIMEOUT = 120  # seconds
LAST_CHUNK = b"\r\n0\r\n\r\n"


class ClosedError(Exception):
    """The server closed the connection, as it may after a while without a request."""


@dataclass(frozen=True)
class Answer:
    """One answer; times are seconds since the request was sent."""

    status: int
    headers: str
    length: int
    first_byte: float
    seconds: float
    body: bytes

    @property
    def is_error(self) -> bool:
        return self.status not in (200, 304)

    def header(self, name: str) -> str:
        """Return a header of the answer, or ""."""
        lines = (line.partition(": ") for line in self.headers.split("\r\n"))
        return next((value for given, _, value in lines if given.lower() == name), "")


class Connection:
    """One kept connection."""

    def __init__(self, port: int, headers: Iterable[str] = ()) -> None:
        self.port = port
        self.lines = "".join(f"{line}\r\n" for line in headers)
        self.socket = self._connect()

    def ask(self, address: str, *, keep_body: bool = False) -> Answer:
        """Ask for an address; the answer may be an error page."""
        request = f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n{self.lines}\r\n".encode()
        start = time.perf_counter()
        try:
            head, body = self._send(request)
        except (ClosedError, ConnectionError):
            self.socket = self._connect()
            head, body = self._send(request)
        first_byte = time.perf_counter() - start
        status = int(head[9:12])
        kept, length = self._receive_body(head.lower(), body, status, keep_body=keep_body)
        return Answer(status, head, length, first_byte, time.perf_counter() - start, kept)

    def _connect(self) -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self.port), timeout=TIMEOUT)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened

    def _receive(self) -> bytes:
        received = self.socket.recv(RECEIVED_AT_ONCE)
        if not received:
            raise ClosedError
        return received

    def _send(self, request: bytes) -> tuple[str, bytes]:
        """Send a request; return the head of the answer, and what came of its body with it."""
        self.socket.sendall(request)
        received = self._receive()
        while b"\r\n\r\n" not in received:
            received += self._receive()
        head, _, body = received.partition(b"\r\n\r\n")
        return head.decode("latin-1"), body

    def _receive_body(
        self, head: str, body: bytes, status: int, *, keep_body: bool
    ) -> tuple[bytes, int]:
        """Return the body if it is to be kept, and its length on the wire."""
        if status == 304:
            return b"", 0
        parts, length, tail = [body], len(body), body[-8:]
        expected = -1
        if "content-length: " in head:
            expected = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        while length < expected or (expected < 0 and not tail.endswith(LAST_CHUNK)):
            received = self._receive()
            length += len(received)
            tail = (tail + received)[-8:]
            if keep_body:
                parts.append(received)
        return b"".join(parts) if keep_body else b"", length


def ask_all(
    connections: Sequence[Connection], addresses: Iterator[str], *, most: int, seconds: float
) -> list[Answer]:
    """Ask for up to `most` addresses by all connections at once, until the time is over.

    Each address is asked once; the answers come in no order.
    """
    deadline = time.perf_counter() + seconds
    lock = Lock()
    left = iter(range(most))

    def next_address() -> str | None:
        with lock:
            return next(addresses, None) if next(left, None) is not None else None

    def ask_some(connection: Connection) -> list[Answer]:
        answers = []
        while (address := next_address()) is not None:
            answers.append(connection.ask(address))
            if time.perf_counter() > deadline:
                break
        return answers

    with ThreadPoolExecutor(len(connections)) as pool:
        return [answer for some in pool.map(ask_some, connections) for answer in some]
