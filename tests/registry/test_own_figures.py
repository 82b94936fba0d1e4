"""Figures on pages and in files are those that follow from the items of the log, by own code."""

import random
from typing import Any

import pytest

from registry import clock
from registry.log.publishing import NewEntry
from registry.schema import code_lists
from tests.registry import items
from tests.registry.figure_checks import assert_figures_agree
from tests.registry.own_figures import OwnFigures
from tests.registry.public_pages import day, publish

pytestmark = pytest.mark.django_db

TODAY = "2026-07-20"
# By measure: unit, type of value, what it counts, direction.
MEASURES = {
    "M-00001": ("count", "quantity", "since_promise", "increase"),
    "M-00002": ("fte", "quantity", "on_a_day", "maintain"),
    "M-00003": ("percent", "percentage", "on_a_day", "decrease"),
    "M-00004": ("gbp", "money", "in_a_year", "increase"),
    "M-00005": ("kwh", "quantity", "since_promise", "increase"),
    "M-00006": ("yesno", "yes_no", "on_a_day", "achieve"),
    "M-00007": ("percent", "percentage", "on_a_day", "increase"),
    "M-00008": ("tco2e", "quantity", "in_a_year", "decrease"),
    "M-00009": ("text", "narrative", "since_promise", "achieve"),
}
EACH = 5  # Commitments of each measure.
# In turn: two wards, one of them, the city, no place.
PLACES = (["E05011121", "E05011118"], ["E05011121"], ["E08000025"], [])


def random_figure(chance: random.Random, unit: str) -> str:
    """Return a figure, often below zero or equal to others, so that every case comes up."""
    if unit == "yesno":
        return str(chance.randint(0, 1))
    return str(chance.choice([chance.randint(-4, 8), chance.randint(0, 99) + 0.5]))


def measure(key: str) -> NewEntry:
    unit, value_type, counts, direction = MEASURES[key]
    fields = {"unit": unit, "value_type": value_type, "counts": counts, "direction": direction}
    return NewEntry("measure", key, "publish", items.measure(code=key, **fields).content)


def commitment(chance: random.Random, number: int, key: str) -> NewEntry:
    unit, value_type, counts, _ = MEASURES[key]
    fields: dict[str, Any] = {"measure": key, "unit": unit, "value_type": value_type}
    fields["signatory"] = f"S-0000{chance.randint(1, 4)}"
    fields["title"] = f"Commitment {number}"
    if codes := PLACES[number % len(PLACES)]:
        fields["area_codes"] = codes
    if unit != "text":
        fields["target"] = {"value": random_figure(chance, unit), "by": "2027-06-30"}
    if counts != "since_promise" and unit not in ("text", "yesno") and chance.random() < 0.8:
        fields["baseline"] = {"value": random_figure(chance, unit)}
    content = items.commitment(f"C-{number:05}", **fields).content
    if unit == "text":
        del content["target"]
    return NewEntry("commitment", f"C-{number:05}", "publish", content)


def update(chance: random.Random, number: int, about: NewEntry) -> NewEntry:
    content = items.update(1, about.key, unit=about.content["unit"]).content
    content |= {"level_of_proof": chance.choice(code_lists.LevelOfProof.values)}
    content |= {"cumulative_value": random_figure(chance, about.content["unit"])}
    if about.content["unit"] == "text" or chance.random() < 0.15:
        del content["cumulative_value"]
    del content["period"]
    return NewEntry("update", f"U-{number:05}", "publish", content)


def changed(about: NewEntry, action: str, **changes: Any) -> NewEntry:
    content = about.content | {"change_reason": "It went otherwise."} | changes
    return NewEntry("commitment", about.key, action, content)


def random_register(seed: int) -> None:
    chance = random.Random(seed)
    numbered = enumerate([key for key in MEASURES for _ in range(EACH)], start=1)
    commitments = [commitment(chance, number, key) for number, key in numbered]
    sizes = ("small", "small", "small", "large")
    publish(
        "2026-01-05",
        items.charter(),
        items.theme(),
        *map(measure, MEASURES),
        *[
            items.signatory(f"S-0000{number}", legal_name=f"Organisation {number}", size=size)
            for number, size in enumerate(sizes, start=1)
        ],
        *commitments,
    )
    publish(
        "2026-02-02",
        *[
            changed(about, "amend", target={"value": random_figure(chance, about.content["unit"])})
            for about in commitments[::4]
            if "target" in about.content
        ],
    )
    publish(
        "2026-02-03",
        *[
            changed(
                about, "correct", correction_ground="council_error",
                target={"value": random_figure(chance, about.content["unit"])},
            )
            for about in commitments[2::8]
            if "target" in about.content
        ],
    )  # fmt: skip
    reports = [about for about in commitments if chance.random() < 0.9]
    publish("2026-04-03", *[update(chance, n, about) for n, about in enumerate(reports, start=1)])
    withdrawn, replaced = commitments[5::8], commitments[3::11]
    publish("2026-05-04", *[changed(about, "withdraw") for about in withdrawn])
    publish(
        "2026-06-01",
        *[
            NewEntry("commitment", f"C-9{number:04}", "publish",
                     about.content | {"supersedes": about.key, "title": f"Successor {number}"})
            for number, about in enumerate(replaced)
            if about not in withdrawn
        ],
    )  # fmt: skip


def test_figures_of_a_random_register_are_the_same_everywhere(reader):
    random_register(seed=1)
    with clock.fixed_at(day(TODAY)):
        figures = OwnFigures(reader.get)
        ways = [case.way for case in figures.cases if case.way is not None]
        assert max(ways) > 1
        assert min(ways) < 0
        assert any(case.promised == 0 for case in figures.cases)
        assert any(case.start is None and case.has_way for case in figures.cases)
        assert any(figures.median_of(case) for case in figures.cases)
        # A few pages; tests/proof reads them all.
        assert_figures_agree(figures, pages_of=figures.cases[::5])
