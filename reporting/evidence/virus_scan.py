"""Virus scanning of files by the council's scanner, if one is set."""

import socket
from urllib.parse import urlsplit

from django.conf import settings

from reporting.evidence.rules import RefusedFileError

TIMEOUT_SECONDS = 20
CHUNK_BYTES = 64 * 1024
CLEAN, FOUND = b"stream: OK", b" FOUND"


def scan_file(content: bytes) -> None:
    """Reject a file if the scanner detects a virus or does not respond.

    The scanner is clamd with the command INSTREAM; it stores nothing.
    """
    if not settings.CLAMD_ADDRESS:
        return
    try:
        response = _query_scanner(content)
    except OSError as error:
        raise RefusedFileError("Files cannot be examined now. Try again in an hour.") from error
    if response.endswith(FOUND):
        raise RefusedFileError("The virus scanner refuses this file.")
    if response != CLEAN:
        raise RefusedFileError("The virus scanner could not examine this file.")


def _query_scanner(content: bytes) -> bytes:
    parts = urlsplit(f"//{settings.CLAMD_ADDRESS}")
    address = (parts.hostname or "", parts.port or 3310)
    with socket.create_connection(address, timeout=TIMEOUT_SECONDS) as scanner:
        scanner.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), CHUNK_BYTES):
            chunk = content[start : start + CHUNK_BYTES]
            scanner.sendall(len(chunk).to_bytes(4) + chunk)
        scanner.sendall(bytes(4))
        response = b""
        while not response.endswith(b"\0") and (chunk := scanner.recv(CHUNK_BYTES)):
            response += chunk
    return response.rstrip(b"\0")
