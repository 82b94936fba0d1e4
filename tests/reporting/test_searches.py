"""Readers find what they mean, in a register with all titles of the demonstration."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from django.test import Client

from charter import reference
from registry import clock
from registry.log import publishing
from registry.log.publishing import NewEntry
from registry.models import Record
from registry.reference_data import places
from reporting.demonstration import script
from tests.registry import items
from tests.registry.public_pages import day

pytestmark = pytest.mark.django_db
TODAY = "2026-06-01"
SEARCHES = [
    [part.strip() for part in line.split("|")]
    for line in Path("tests/data/searches.txt").read_text().splitlines()
    if "|" in line
]
MOST_NOT_FIRST, MOST_NOT_AMONG_THREE = 4, 1
SPELLINGS = {
    "[key]": str,
    "[key in small letters]": str.lower,
    "[key without hyphen]": lambda key: key.replace("-", ""),
    "[key with a space]": lambda key: key.replace("-", " "),
    "[key without letter]": lambda key: key[2:],
    "[key with O and I]": lambda key: key[:2] + key[2:].replace("0", "O").replace("1", "I"),
}
RESULT = re.compile(r'<h3 class="row__title[^"]*"><a class="govuk-link[^"]*" href="([^"?#]+)')
numbers = count(1)


def test_readers_find_first_what_they_mean(client):
    with clock.fixed_at(day("2026-01-05")):
        publishing.publish(list(demonstration_entries()))
    not_first, not_among_three = [], []
    with clock.fixed_at(day(TODAY)):
        for text, answer in SEARCHES:
            answers = answer.split(" / ")
            typed = SPELLINGS[text](key_of(answers[0])) if text in SPELLINGS else text
            found = find(client, typed)
            if not set(found[:1]) & set(answers):
                not_first.append((typed, answer, found[:4]))
            if not set(found[:3]) & set(answers):
                not_among_three.append((typed, answer, found[:4]))
    assert len(not_first) <= MOST_NOT_FIRST, not_first
    assert len(not_among_three) <= MOST_NOT_AMONG_THREE, not_among_three


def find(client: Client, text: str) -> list[str]:
    """Return the titles of what a search found, or of the page to which it led."""
    response = client.get("/search", {"q": text})
    while response.status_code in (302, 303):
        address = response["Location"]
        if not address.startswith("/id/"):
            return [title_at(address)]
        response = client.get(address)
    return [title_at(address) for address in RESULT.findall(response.text)]


def title_at(address: str) -> str:
    key = address.rpartition("/")[2]
    record = Record.objects.filter(pk=key).first()
    if record is None:
        return places.place_name(key)
    return record.name or f"Update: {record.item['narrative']}"


def key_of(title: str) -> str:
    words = title.removeprefix("Update: ")
    named = Record.objects.filter(name=title) | Record.objects.filter(item__narrative=words)
    return named.earliest("first_entry").key


def demonstration_entries() -> Iterator[NewEntry]:
    """Yield the charter of the demonstration, and all that becomes public under it."""
    yield items.charter()
    themes = {theme["code"]: f"T-{n:05}" for n, theme in enumerate(reference.themes(), 1)}
    for theme in reference.themes():
        own = {name: theme[name] for name in ("code", "title", "description", "position")}
        content = items.theme().content | own
        yield replace(items.theme(), key=themes[theme["code"]], content=content)
    measures = {}
    for measure in reference.measures():
        own = {name: measure[name] for name in ("code", "title", "definition", "unit_label")}
        entry = items.measure(**own, theme=themes[measure["theme"]])
        measures[measure["code"]] = f"M-{next(numbers):05}", themes[measure["theme"]]
        yield replace(entry, key=measures[measure["code"]][0])
    for seed in script.signatory_seeds():
        key = f"S-{next(numbers):05}"
        yield signatory_entry(key, seed)
        for commitment in seed.commitments:
            measure_key, theme_key = measures[commitment.measure]
            own = {"signatory": key, "measure": measure_key, "theme": theme_key}
            yield from commitment_entries(commitment, own)


def signatory_entry(key: str, seed: script.SignatorySeed) -> NewEntry:
    own = {"legal_name": seed.name}
    if seed.renamed:
        own["legal_name"] = seed.renamed[1]
        own["former_names"] = [{"name": seed.name, "to": "2026-01-01"}]
    if seed.number:
        own["identifiers"] = [dict(zip(("scheme", "id"), seed.number, strict=True))]
        own["primary_org_id"] = "-".join(seed.number)
    return items.signatory(key, **own)


def commitment_entries(seed: script.CommitmentSeed, own: dict[str, str]) -> Iterator[NewEntry]:
    """Yield a commitment, unless it is not public, with its updates in words and its successes."""
    if seed.stays:
        return
    key = f"C-{next(numbers):05}"
    evidence = seed.showing or script.EVIDENCE_TEXTS[seed.shows]
    areas = {"area_codes": script.area_codes(seed.wards)} if seed.wards else {}
    yield items.commitment(
        key,
        title=seed.title,
        description=seed.description,
        planned_evidence={"type": seed.shows, "text": evidence},
        **own,
        **areas,
    )
    for update in seed.updates:
        if update.narrative and not update.stays:
            entry = items.update(1, key, narrative=update.narrative)
            yield replace(entry, key=f"U-{next(numbers):05}")
    for _, title, story, *_ in seed.successes:
        words = {"title": title, "story": story, "signatory": own["signatory"]}
        yield items.success(f"W-{next(numbers):05}", commitments=[key], **words, **areas)
