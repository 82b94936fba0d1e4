"""Asks the virus scanner of the council about a file, where one is named in the settings."""

import socket
from urllib.parse import urlsplit

from django.conf import settings

from reporting.evidence_rules import RefusedFileError

SECONDS = 20
CHUNK = 64 * 1024
CLEAN, FOUND = b"stream: OK", b" FOUND"


def examine(content: bytes) -> None:
    """Refuse a file that the scanner knows, and every file while it does not answer.

    It is clamd, asked by its command INSTREAM; it keeps nothing of what it is sent.
    """
    if not settings.CLAMD_ADDRESS:
        return
    try:
        answer = _ask(content)
    except OSError as error:
        raise RefusedFileError("Files cannot be examined now. Try again in an hour.") from error
    if answer.endswith(FOUND):
        raise RefusedFileError("The virus scanner refuses this file.")
    if answer != CLEAN:
        raise RefusedFileError("The virus scanner could not examine this file.")


def _ask(content: bytes) -> bytes:
    parts = urlsplit(f"//{settings.CLAMD_ADDRESS}")
    address = (parts.hostname or "", parts.port or 3310)
    with socket.create_connection(address, timeout=SECONDS) as scanner:
        scanner.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), CHUNK):
            chunk = content[start : start + CHUNK]
            scanner.sendall(len(chunk).to_bytes(4) + chunk)
        scanner.sendall(bytes(4))
        answer = b""
        while not answer.endswith(b"\0") and (more := scanner.recv(CHUNK)):
            answer += more
    return answer.rstrip(b"\0")
