"""Three years on, no commitment of the demonstration is still as it was last reported.

What is past its deadline without a result says so on every surface, and is counted as that.
"""

import csv
import re
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from registry import clock
from registry.schema import code_lists
from reporting.demonstration.seeder import DemonstrationSeeder
from tests.charter.test_surfaces import words_of

pytestmark = pytest.mark.django_db(transaction=True)

LATER = timedelta(days=3 * 365)
LABELS = {code: str(code.label).lower() for code in code_lists.Delivery.ongoing()}
PRESENT = re.compile(rf"(?<!last reported as )\b({'|'.join(LABELS.values())})\b")


@pytest.fixture
def reader():
    DemonstrationSeeder(clock.today()).run()
    with clock.fixed_at(clock.now() + LATER):
        yield Client()


def is_unsettled(commitment: dict[str, Any], today: date) -> bool:
    """Return True for a commitment past its deadline without a result, or left without one."""
    deadline = (commitment["target"] or {}).get("by") or commitment["end_on"]
    if commitment["record_status"] == "live":
        return bool(deadline and deadline < today.isoformat()) or (
            commitment["ending"] == "final_update_sent"
        )
    return commitment["ending"] == "left_unsettled"


def own_surfaces(reader: Client, key: str) -> dict[str, str]:
    """Return the words of all that shows a commitment alone, without its past."""
    page = reader.get(f"/commitments/{key}").text
    [card] = re.findall(r'property="og:description" content="([^"]*)"', page)
    statement = reader.get(f"/commitments/{key}/statement").text
    return {
        "page": page.partition('id="delivery"')[2].partition("</section>")[0],
        "card": card,
        "badge": reader.get(f"/badges/{key}.svg").text,
        "block": reader.get(f"/embedded/{key}").text,
        "statement": statement.partition('id="delivery-title"')[2].partition("</section>")[0],
    }


def listed(reader: Client, address: str) -> list[tuple[str, str]]:
    """Return the rows of commitments in a list of any number of pages: key and markup."""
    rows: list[tuple[str, str]] = []
    while address:
        body = reader.get(address).text
        for part in re.split(r"<li\b|<tr\b", body.partition("<main")[2]):
            rows += [(key, part) for key in re.findall(r'href="/commitments/(C-\w+)"', part)[:1]]
        following = re.search(r'href="([^"]+)" rel="next"', body)
        address = following[1].replace("&amp;", "&") if following else ""
    return rows


def counted(commitments: list[dict[str, Any]], today: date) -> Counter[str]:
    return Counter(c["delivery"] for c in commitments if not is_unsettled(c, today))


def test_nothing_past_its_deadline_is_on_track_three_years_on(reader):
    today = clock.today()
    commitments = []
    address = "/api/v1/commitments?limit=500"
    while address:
        answer = reader.get(address).json()
        commitments += answer["data"]
        address = (answer["links"]["next"] or "").replace("http://testserver", "")
    public = [c for c in commitments if c["record_status"] != "redacted"]
    unsettled = {c["key"] for c in public if is_unsettled(c, today)}
    assert len(unsettled) > 100

    for key in sorted(unsettled):
        for surface, markup in own_surfaces(reader, key).items():
            assert not PRESENT.search(words_of(markup)), (key, surface)
    signatories = sorted({c["signatory"] for c in public})
    themes = sorted({c["theme"] for c in public})
    measures = sorted({c["measure"] for c in public if c["measure"]})
    lists = [
        "/", "/commitments", "/report", "/places/E08000025",
        *(f"/themes/{key}" for key in themes),
        *(f"/signatories/{key}" for key in signatories),
        *(f"/signatories/{key}/statement" for key in signatories),
        *(f"/measures/{key}" for key in measures),
        *(f"/compare?measure={key}" for key in measures),
    ]  # fmt: skip
    for address in lists:
        for key, markup in listed(reader, address):
            assert key not in unsettled or not PRESENT.search(words_of(markup)), (address, key)

    own = counted(public, today)
    table = reader.get("/statistics/delivery.csv").getvalue().decode()
    counts = {row["code"]: row["value"] for row in csv.DictReader(table.splitlines())}
    groups = {f"/themes/{key}": [c for c in public if c["theme"] == key] for key in themes}
    groups |= {
        f"/signatories/{key}": [c for c in public if c["signatory"] == key] for key in signatories
    }
    words = {address: words_of(reader.get(address).text) for address in groups}
    badges = {
        f"/badges/{key}.svg": [c for c in public if c["signatory"] == key] for key in signatories
    }
    words |= {address: words_of(reader.get(address).text) for address in badges}
    for code, label in LABELS.items():
        assert int(counts.get(code, 0)) == own[code], label
        found = reader.get(f"/commitments.csv?counted_as={code}").getvalue().decode()
        assert len(list(csv.DictReader(found.splitlines()))) == own[code], label
        for address, members in (groups | badges).items():
            number = counted(members, today)[code]
            shown = re.findall(rf"([\d,]+) {label}\b", words[address])
            assert shown in ([], [str(number)] * len(shown)), (address, label)
