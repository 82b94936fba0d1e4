"""Helpers for tests of public pages: publish on a day, read on another."""

import re
from datetime import UTC, datetime

from django.test import Client

from registry import clock
from registry.log import publishing


def day(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T09:00:00").replace(tzinfo=UTC)


def publish(on: str, *acts: publishing.NewEntry) -> None:
    with clock.fixed_at(day(on)):
        publishing.publish(list(acts))


def read(reader: Client, address: str, on: str = "2026-01-06") -> str:
    """Return the main text of a page on a day, in reading order and without markup."""
    with clock.fixed_at(day(on)):
        response = reader.get(address)
    assert response.status_code == 200
    body = response.content.decode()
    body = body[body.index("<main") : body.index("</main>")]
    return " ".join(re.sub(r"<[^>]+>", " ", body).split())


def section(reader: Client, name: str, on: str, address: str = "/commitments/C-00001") -> str:
    with clock.fixed_at(day(on)):
        body = reader.get(address).content.decode()
    part = body[body.index(f'id="{name}"') :]
    return " ".join(re.sub(r"<[^>]+>", " ", part[: part.index("</section>")]).split())
