"""While eight writers publish without a pause, no answer holds an entry later than its stamp."""

import re
import time
from threading import Event, Thread

import pytest
from django.db import connections
from django.test import Client

from registry.log import publishing, verifying
from tests.registry import items
from tests.registry.test_snapshot import ANSWERS, stamp_of

WRITERS, SECONDS = 8, 60


@pytest.mark.django_db(transaction=True)
def test_no_answer_is_ahead_of_its_stamp_while_eight_writers_publish(capsys):
    commitments = [f"C-0000{number}" for number in range(1, WRITERS + 1)]
    publishing.publish([*items.small_register(), *map(items.commitment, commitments[1:])])
    first = publishing.head().number
    stop = Event()
    writers = [Thread(target=publish_until, args=(key, stop)) for key in commitments]
    for writer in writers:
        writer.start()
    try:
        asked = read_for(SECONDS)
    finally:
        stop.set()
        for writer in writers:
            writer.join(60)
    last = publishing.head().number
    assert last - first > SECONDS
    assert verifying.verify() == []
    with capsys.disabled():
        print(f"\n{asked} answers while {last - first} entries were published.")


def publish_until(key, stop):
    while not stop.is_set():
        publishing.publish([items.commitment(key, action="confirm")])
    connections.close_all()


def read_for(seconds):
    """Ask every address again and again; return the number of answers."""
    reader, asked, end = Client(), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        for address, numbers in ANSWERS.items():
            if address.startswith("/api/v1/entries"):
                address += f"?after={max(0, publishing.head().number - 3)}"
            response = reader.get(address)
            found = [int(number) for number in re.findall(numbers, response.text)]
            assert max(found, default=0) <= stamp_of(response), address
            asked += 1
        download = reader.get("/commitments.csv")
        rows = b"".join(download.streaming_content).decode().splitlines()
        column = rows[0].split(",").index("entry")
        assert max(int(row.split(",")[column]) for row in rows[1:]) <= stamp_of(download)
    return asked
