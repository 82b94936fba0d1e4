"""Readers of a real web server with two processes, while an officer publishes."""

import os
import sys
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from time import monotonic, sleep
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction

from registry.local.processes import Child
from registry.local.supervisor import compose_commands
from registry.log import publishing
from tests.conftest import free_port
from tests.registry import items

PAGE = "/commitments/C-00001"
READERS = 40  # each by a connection of its own, so that both processes answer some


@pytest.fixture
def web(transactional_db, tmp_path):
    """Run the web server of compose on the test's database; return its port."""
    address = urlsplit(os.environ["DATABASE_URL"])
    database = address._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    settings = [f"{name}={database}" for name in ("DATABASE_URL", "DATABASE_PUBLIC_URL")]
    settings.append(f"PATH={Path(sys.executable).parent}:{os.environ['PATH']}")
    port = free_port()
    place = ["--host", "127.0.0.1", "--port", str(port)]
    server = Child(
        ["env", *settings, *compose_commands()["web"], *place], log=Path(tmp_path) / "web.log"
    )
    server.start()
    try:
        yield port
    finally:
        server.stop(patience=10)


def visit(port: int, **headers: str) -> tuple[int, str]:
    """Return the status and the ETag of the page."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=30)) as line:
        line.request("GET", PAGE, headers=headers)
        reply: HTTPResponse = line.getresponse()
        reply.read()
        return reply.status, reply.headers.get("ETag", "")


def visits(port: int, **headers: str) -> set[tuple[int, str]]:
    return {visit(port, **headers) for _ in range(READERS)}


def wait_until(is_true) -> None:
    deadline = monotonic() + 60
    while not is_true():
        assert monotonic() < deadline
        sleep(0.05)


def answers(port: int) -> bool:
    try:
        return visit(port)[0] == 200
    except OSError:
        return False


def test_both_processes_answer_from_memory_and_show_each_publication(web):
    publishing.publish(items.small_register())
    wait_until(lambda: answers(web))
    ((status, etag),) = visits(web)
    assert status == 200
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE registry_record")  # nobody can make a page
        assert visits(web) == {(200, etag)}
        assert visits(web, **{"If-None-Match": etag}) == {(304, etag)}
    publishing.publish([items.commitment(action="confirm")])
    # Who is signed in may be the one who has published, and sees it at once.
    ((status, seen),) = visits(web, Cookie="sessionid=abc")
    assert seen != etag
    wait_until(lambda: visits(web) == {(200, seen)})
