"""Which versions of a commitment are weaker than the one before: a table of cases."""

from datetime import UTC, datetime, timedelta

import pytest

from registry.log import canonical, folding
from registry.models import Entry
from registry.schema import kinds
from tests.registry import items

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


def target(value, by="2027-06-30"):
    return {"value": value, "by": by}


def folded(direction, *versions):
    """Return the record of a commitment after these versions, each an action and what it alters."""
    content, acts = {}, [items.measure(direction=direction)]
    for action, changes in versions:
        content = content | changes
        acts.append(items.commitment(action=action, **content))
    entries = [
        Entry(
            number=number,
            at=AT + timedelta(days=number),
            kind=act.kind,
            key=act.key,
            action=act.action,
            item=canonical.canonical(kinds.clean_item(act.kind, act.content)),
        )
        for number, act in enumerate(acts, start=1)
    ]
    return folding.fold(entries)["C-00001"]


def weakened(direction, *versions):
    return [
        (way["what"], way["before"], way["after"])
        for way in folded(direction, *versions).weakenings
    ]


FIRST = ("publish", {})  # 20 by 30 June 2027
LOWER, HIGHER = ("amend", {"target": target("12")}), ("amend", {"target": target("30")})
LATER = ("amend", {"target": target("20", "2027-12-31"), "end_on": "2027-12-31"})
SOONER = ("amend", {"target": target("20", "2027-03-31"), "end_on": "2027-03-31"})
IN_WORDS = {"measure": None, "unit": None, "target": None, "value_type": "narrative"}

CASES = {
    "more is better and the target sinks": (
        "increase",
        [FIRST, LOWER],
        [("target_lowered", "20", "12")],
    ),
    "more is better and the target rises": ("increase", [FIRST, HIGHER], []),
    "less is better and the target rises": (
        "decrease",
        [FIRST, HIGHER],
        [("target_lowered", "20", "30")],
    ),
    "less is better and the target sinks": ("decrease", [FIRST, LOWER], []),
    "what is to be kept sinks": ("maintain", [FIRST, LOWER], [("target_lowered", "20", "12")]),
    "what is to be achieved comes later": (
        "achieve",
        [
            ("publish", {"target": None, "end_on": "2027-06-30"}),
            ("amend", {"end_on": "2027-12-31"}),
        ],
        [("date_later", "2027-06-30", "2027-12-31")],
    ),
    "what is to be achieved comes sooner": (
        "achieve",
        [
            ("publish", {"target": None, "end_on": "2027-06-30"}),
            ("amend", {"end_on": "2027-03-31"}),
        ],
        [],
    ),
    "the same number written otherwise": (
        "increase",
        [FIRST, ("amend", {"target": target("20.000"), "title": "Twenty"})],
        [],
    ),
    "only the date moves back": (
        "increase",
        [FIRST, LATER],
        [("date_later", "2027-06-30", "2027-12-31")],
    ),
    "only the date moves forward": ("increase", [FIRST, SOONER], []),
    "the date moves back where less is better": (
        "decrease",
        [FIRST, LATER],
        [("date_later", "2027-06-30", "2027-12-31")],
    ),
    "more, but later": (
        "increase",
        [FIRST, ("amend", {"target": target("30", "2027-12-31")})],
        [("date_later", "2027-06-30", "2027-12-31")],
    ),
    "less and later": (
        "increase",
        [FIRST, ("amend", {"target": target("12", "2027-12-31")})],
        [("target_lowered", "20", "12"), ("date_later", "2027-06-30", "2027-12-31")],
    ),
    "the date is dropped": (
        "increase",
        [FIRST, ("amend", {"target": {"value": "20"}, "end_on": None})],
        [("date_later", "2027-06-30", None)],
    ),
    "the date stands without the number": (
        "increase",
        [FIRST, ("amend", {"target": {"value": "20"}})],
        [],
    ),
    "the start alone moves": ("increase", [FIRST, ("amend", {"start_on": "2026-09-01"})], []),
    "words alone change": ("increase", [FIRST, ("amend", {"title": "A few apprenticeships"})], []),
    "the number is dropped": (
        "increase",
        [FIRST, ("amend", {"target": None})],
        [("target_lowered", "20", None)],
    ),
    "a number is added": (
        "increase",
        [("publish", {"target": None}), ("amend", {"target": target("5")})],
        [],
    ),
    "the unit changes, so that numbers cannot be compared": (
        "increase",
        [FIRST, ("amend", {"unit": "weeks", "target": target("2")})],
        [],
    ),
    "the unit changes and the date moves back": (
        "increase",
        [FIRST, ("amend", {"unit": "weeks", "target": target("2", "2027-12-31")})],
        [("date_later", "2027-06-30", "2027-12-31")],
    ),
    "another measure counts something else": (
        "increase",
        [FIRST, ("amend", {"measure": "M-00002", "target": target("2")})],
        [],
    ),
    "a number becomes words": (
        "increase",
        [FIRST, ("amend", IN_WORDS)],
        [("target_lowered", "20", None)],
    ),
    "a correction is none": ("increase", [FIRST, ("correct", {"target": target("2")})], []),
    "an amendment after a correction is read against what was meant": (
        "increase",
        [FIRST, ("correct", {"target": target("2")}), LOWER],
        [],
    ),
    "a correction after an amendment is none": (
        "increase",
        [FIRST, LOWER, ("correct", {"target": target("11")})],
        [("target_lowered", "20", "12")],
    ),
    "each of several amendments is read against the one before": (
        "increase",
        [FIRST, LOWER, HIGHER, ("amend", {"target": target("25")})],
        [("target_lowered", "20", "12"), ("target_lowered", "30", "25")],
    ),
    "a commitment that is put right again was weakened all the same": (
        "increase",
        [FIRST, LATER, ("amend", {"target": target("20"), "end_on": "2027-06-30"})],
        [("date_later", "2027-06-30", "2027-12-31")],
    ),
    "a confirmation is none": ("increase", [FIRST, ("confirm", {})], []),
    "a routine publishing that promises less is no way around": (
        "increase",
        [FIRST, ("publish", {"target": target("12")})],
        [("target_lowered", "20", "12")],
    ),
    "closing is none": ("increase", [FIRST, ("close", {"end_reason": "expired"})], []),
    "closing with a lower target is no way around": (
        "increase",
        [FIRST, ("close", {"end_reason": "achieved", "target": target("12")})],
        [("target_lowered", "20", "12")],
    ),
    "taking it back": (
        "increase",
        [FIRST, ("withdraw", {"end_reason": "withdrawn"})],
        [("withdrawn", "Twenty apprenticeships", None)],
    ),
    "a correction of what was taken back": (
        "increase",
        [FIRST, ("withdraw", {}), ("correct", {"title": "Twenty"})],
        [("withdrawn", "Twenty apprenticeships", None)],
    ),
}


@pytest.mark.parametrize(("direction", "versions", "ways"), CASES.values(), ids=CASES)
def test_weakening(direction, versions, ways):
    assert weakened(direction, *versions) == ways


@pytest.mark.parametrize(
    ("versions", "original"),
    [
        ([FIRST, LOWER, LATER], "20"),
        ([FIRST, ("correct", {"target": target("2")})], "2"),
        ([FIRST, LOWER, ("correct", {"target": target("11")})], "20"),
        ([FIRST, ("close", {}), ("correct", {"target": target("2")})], "2"),
        ([FIRST, LOWER, ("close", {}), ("correct", {"target": target("11")})], "20"),
    ],
    ids=["amended twice", "corrected", "corrected after", "closed, corrected", "all of it"],
)
def test_the_original_is_what_was_meant_before_the_first_amendment(versions, original):
    assert folded("increase", *versions).original["target"]["value"] == original
