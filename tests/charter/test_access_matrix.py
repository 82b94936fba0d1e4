"""Access of everyone to every private address, as the table of permissions says.

A new address fails until it stands in private_addresses.py; what it should answer to whom follows
from its permission, from whose record it names, and from EXCEPTIONS.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import lxml.html
import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve

from charter.models import Membership
from charter.roles import PERMISSIONS, MemberRole, StaffRole
from tests.charter import access_world
from tests.charter.access_people import OTHER_ADMINISTRATOR, PEOPLE, Person, client_of
from tests.charter.private_addresses import ADDRESSES, VIEWS, Address, Records
from tests.writes_after_lock import WRITE

Target = tuple[Address, dict[str, Any]]  # an address, and what its path names

pytestmark = pytest.mark.django_db


# Open to everyone: no session, or a token in the address. Each has tests of its own.
OPEN_TO_ALL = {
    "health",
    "website:evidence",
    "website:photograph",
    "invitation",
    "error_reports:report",
    "error_reports:report_sent",
    "following:follow",
    "following:confirmation_sent",
    "following:confirm",
    "following:stop",
    "joining:applies",
    "joining:apply",
    "joining:application_sent",
    "joining:sign",
    "joining:object",
    "links:confirm",
    "links:colleague",
    "reporting:unsubscribe",
    "reporting:calendar",
}
SIGNED_IN = {"account_home"}  # leads everyone to their own pages
# Public by design, of the development server, or of allauth and tested there.
NOT_GUARDED_HERE = ("registry.website", "registry.api", "registry.local", "allauth", "django")
CSRF_TOKEN = re.compile(rb'(?<=name="csrfmiddlewaretoken" value=")\w+')
# Sessions, and counts of forms that were kept while their authors sign in.
TABLES_OF_VISITS = {"django_session", "usersessions_usersession", "registry_counter"}
REFUSAL = re.compile(
    "Only .* can (do this|withdraw it)|You cannot act for|You (proposed|redacted) this"
)
UPLOADERS = {"spreadsheet": "owner", "list": "publisher"}
# Where the product answers otherwise than the rules below say, with the reason.
EXCEPTIONS = {
    ("publisher", "POST council:proposal signatory.remove"): (
        "403",
        "nobody agrees to their own proposal",
    ),
    ("administrator", "POST council:proposal proposal.withdraw"): (
        "403",
        "only the person who made a proposal withdraws it",
    ),
    ("administrator", "POST council:redaction"): ("403", "nobody confirms their own redaction"),
    (OTHER_ADMINISTRATOR.who, "GET council:record_activity"): (
        "in",
        "it lists what was done about a key at the own council: nothing",
    ),
    **{
        (OTHER_ADMINISTRATOR.who, f"POST council:{name}"): (
            "in",
            "an item that no longer waits leads back to the queue, as one that never was",
        )
        for name in ("publish", "return", "item_ask")
    },
}


def expected_access(person: Person, address: Address) -> str:
    """Return what the table of permissions says: "in", or why not."""
    if person.user is None:
        return "sign-in"
    if exception := EXCEPTIONS.get((person.who, str(address))):
        return exception[0]
    expected = expected_of_council if address.is_of_council else expected_of_business
    return expected(person, address)


def expected_of_council(person: Person, address: Address) -> str:
    if person.needs_factor:
        return "factor"
    if person.staff not in address.permission.staff:
        return "403"
    if is_hidden(person, address):
        return "404"
    # Staff read what concerns an organisation they belong to, and decide nothing about it.
    is_own = person.member and address.names_an_organisations_record
    return "403" if is_own and address.permission_name != "desk.read" else "in"


def expected_of_business(person: Person, address: Address) -> str:
    if person.member is None:
        return "council" if person.staff else "403"
    if is_hidden(person, address):
        return "404"
    return "in" if person.member in address.permission.members else "403"


def is_hidden(person: Person, address: Address) -> bool:
    """Return True if an address names another organisation's or authority's record.

    Nobody but its uploader may see a file before it is saved.
    """
    uploaders = {UPLOADERS[name] for name in address.records.values() if name in UPLOADERS}
    return person.is_elsewhere and address.names_a_record or not uploaders <= {person.who}


def access(response: HttpResponse, address: Address) -> str:
    """Return the access that a response shows."""
    location = response.headers.get("Location", "")
    if location.startswith("/account/login/"):
        return "sign-in"
    if location.startswith("/account/2fa/"):
        return "factor"
    if location == "/council" and not address.is_of_council:
        return "council"
    # 409: access was given, but the form lacks the digest of the reviewed item.
    return "in" if response.status_code in (200, 302, 409) else str(response.status_code)


@contextmanager
def written_tables() -> Iterator[set[str]]:
    """Collect the tables that are written inside the block, except those of visits."""
    tables: set[str] = set()

    def watch(execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if table := WRITE.match(sql if isinstance(sql, str) else ""):
            tables.update({table[1]} - TABLES_OF_VISITS)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(watch):
        yield tables


def visit(client: Client, address: Address, records: Records) -> HttpResponse:
    """Return the response of an address; what it did is undone."""
    before = transaction.savepoint()
    send = client.get if address.method == "GET" else client.post
    response = send(address.path(records), address.data)
    transaction.savepoint_rollback(before)
    return response


def surprises(person: Person, records: Records, missing: Records) -> Iterator[str]:
    """Yield what answers to a person are not as the table of permissions says."""
    client = client_of(person)
    for address in ADDRESSES:
        with written_tables() as tables:
            response = visit(client, address, records)
        found = [
            *wrong_access(person, address, response, tables),
            *dead_ends(person, response, address.path(records)),
        ]
        is_opened = person.is_elsewhere and expected_access(person, address) in {"in", "404"}
        if is_opened and address.names_a_record:
            nothing = visit(client, address, missing)
            if answer(response, address, records) != answer(nothing, address, missing):
                found.append("answers otherwise than for a record that does not exist")
        elif is_opened and b"brookfield" in response.getvalue().lower():
            found.append("names another organisation or its people")
        yield from (f"{person}, {address}: {surprise}" for surprise in found)


def answer(response: HttpResponse, address: Address, records: Records) -> tuple[int, bytes]:
    """Return status and bytes of an answer, without the key that the address names."""
    content = CSRF_TOKEN.sub(b"", response.getvalue())
    for name in address.records.values():
        if isinstance(key := records.get(name), str):
            content = content.replace(key.encode(), b"")
    return response.status_code, content


def wrong_access(
    person: Person, address: Address, response: HttpResponse, tables: set[str]
) -> Iterator[str]:
    expected, actual = expected_access(person, address), access(response, address)
    if actual != expected:
        yield f"{actual} instead of {expected}"
    if actual != "in" and tables:
        yield f"refused, but wrote {sorted(tables)}"
    if actual == "403" and not REFUSAL.search(response.text):
        yield "refused without saying who can do it"
    if response.status_code == 200 and "no-store" not in response.headers["Cache-Control"]:
        yield "may be cached"


def dead_ends(person: Person, response: HttpResponse, path: str) -> Iterator[str]:
    """Yield the links and buttons on a page that lead to a refusal."""
    if response.status_code != 200 or "text/html" not in response.headers["Content-Type"]:
        return
    for target, named in targets(response.content, path):
        # Elsewhere, a page leads to the records of that organisation or authority.
        seen = replace(target, records={}) if person.is_elsewhere else target
        if expected_access(person, seen) != "in" and not is_own_membership(person, named):
            yield f"leads to {target}, which refuses"


def is_own_membership(person: Person, named: dict[str, Any]) -> bool:
    """Return True if a path names the person's own membership, which everyone may end."""
    own = Membership.objects.filter(user=person.user())
    return "membership" in named and own.filter(pk=named["membership"]).exists()


def targets(content: bytes, path: str) -> Iterator[Target]:
    """Yield the private addresses that the links and forms of a page lead to."""
    body = lxml.html.fromstring(content)
    for link in body.iter("a"):
        yield from private_targets("GET", link.get("href", ""), {})
    for sent_form in body.iter("form"):
        fields = {field.get("name"): field.get("value") for field in sent_form.iter("button")}
        method = sent_form.get("method", "get").upper()
        yield from private_targets(method, sent_form.get("action", path), fields)


def private_targets(method: str, path: str, fields: dict[str, str]) -> Iterator[Target]:
    """Yield the private address of a path, with the act of the button if several are possible."""
    name, named = view_of(urlsplit(path).path)
    candidates = [
        address
        for address in ADDRESSES
        if (address.name, address.method) == (name, method)
        and address.data.items() <= fields.items()
    ]
    for address in sorted(candidates, key=lambda address: len(address.data))[-1:]:
        yield address, named


@cache
def view_of(path: str) -> tuple[str, dict[str, Any]]:
    """Return the name of the view at a path, and what the path names."""
    try:
        match = resolve(path)
    except Resolver404:
        return "", {}
    return match.view_name, match.kwargs


def test_everyone_meets_what_the_table_of_permissions_says():
    records = access_world.build_world()
    missing = access_world.missing_records(records)
    found = [surprise for person in PEOPLE for surprise in surprises(person, records, missing)]
    assert not found, "\n".join(found)


def test_every_role_and_every_address_is_walked():
    assert {person.member for person in PEOPLE} >= set(MemberRole)
    assert {person.staff for person in PEOPLE} >= set(StaffRole)
    ours = {
        name for name, view in VIEWS.items() if not view.__module__.startswith(NOT_GUARDED_HERE)
    }
    assert ours == {address.name for address in ADDRESSES} | OPEN_TO_ALL | SIGNED_IN


def test_every_private_address_names_the_permission_it_needs():
    private = {address.name for address in ADDRESSES}
    assert {name for name, view in VIEWS.items() if hasattr(view, "permission")} == private
    for address in ADDRESSES:  # a form of its own permission stands on a page that more may open
        opens, needs = PERMISSIONS[VIEWS[address.name].permission], address.permission
        assert opens.staff >= needs.staff or opens.members >= needs.members, address
