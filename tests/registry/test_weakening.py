"""A table of changes to a commitment and the weakenings they are recorded as."""

from datetime import UTC, datetime, timedelta

import pytest

from registry.log import canonical, folding
from registry.models import Entry
from registry.schema import kinds
from tests.registry import items

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


def target(value, by="2027-06-30"):
    return {"value": value, "by": by}


def folded_record(direction, *versions):
    """Return the record of a commitment after these versions, each an action and its changes."""
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


def weakenings(direction, *versions):
    return [
        (way["what"], way["before"], way["after"])
        for way in folded_record(direction, *versions).weakenings
    ]


FIRST = ("publish", {})  # 20 by 30 June 2027
LOWER, HIGHER = ("amend", {"target": target("12")}), ("amend", {"target": target("30")})
LATER = ("amend", {"target": target("20", "2027-12-31"), "end_on": "2027-12-31"})
SOONER = ("amend", {"target": target("20", "2027-03-31"), "end_on": "2027-03-31"})
WITHOUT_NUMBER = {"measure": None, "unit": None, "target": None, "value_type": "narrative"}

CASES = {
    "target lowered where more is better": (
        "increase",
        [FIRST, LOWER],
        [("target_lowered", "20", "12")],
    ),
    "target raised where more is better": ("increase", [FIRST, HIGHER], []),
    "target raised where less is better": (
        "decrease",
        [FIRST, HIGHER],
        [("target_lowered", "20", "30")],
    ),
    "target lowered where less is better": ("decrease", [FIRST, LOWER], []),
    "target lowered for a figure to maintain": (
        "maintain",
        [FIRST, LOWER],
        [("target_lowered", "20", "12")],
    ),
    "later date for a result to achieve": (
        "achieve",
        [
            ("publish", {"target": None, "end_on": "2027-06-30"}),
            ("amend", {"end_on": "2027-12-31"}),
        ],
        [("date_later", "2027-06-30", "2027-12-31")],
    ),
    "earlier date for a result to achieve": (
        "achieve",
        [
            ("publish", {"target": None, "end_on": "2027-06-30"}),
            ("amend", {"end_on": "2027-03-31"}),
        ],
        [],
    ),
    "same number in another notation": (
        "increase",
        [FIRST, ("amend", {"target": target("20.000"), "title": "Twenty"})],
        [],
    ),
    "later date alone": (
        "increase",
        [FIRST, LATER],
        [("date_later", "2027-06-30", "2027-12-31")],
    ),
    "earlier date alone": ("increase", [FIRST, SOONER], []),
    "later date where less is better": (
        "decrease",
        [FIRST, LATER],
        [("date_later", "2027-06-30", "2027-12-31")],
    ),
    "higher target and later date": (
        "increase",
        [FIRST, ("amend", {"target": target("30", "2027-12-31")})],
        [("date_later", "2027-06-30", "2027-12-31")],
    ),
    "lower target and later date": (
        "increase",
        [FIRST, ("amend", {"target": target("12", "2027-12-31")})],
        [("target_lowered", "20", "12"), ("date_later", "2027-06-30", "2027-12-31")],
    ),
    "date removed": (
        "increase",
        [FIRST, ("amend", {"target": {"value": "20"}, "end_on": None})],
        [("date_later", "2027-06-30", None)],
    ),
    "date removed from the target but not from the commitment": (
        "increase",
        [FIRST, ("amend", {"target": {"value": "20"}})],
        [],
    ),
    "later start": ("increase", [FIRST, ("amend", {"start_on": "2026-09-01"})], []),
    "new title": ("increase", [FIRST, ("amend", {"title": "A few apprenticeships"})], []),
    "number removed": (
        "increase",
        [FIRST, ("amend", {"target": None})],
        [("target_lowered", "20", None)],
    ),
    "number added": (
        "increase",
        [("publish", {"target": None}), ("amend", {"target": target("5")})],
        [],
    ),
    "new unit without comparable numbers": (
        "increase",
        [FIRST, ("amend", {"unit": "weeks", "target": target("2")})],
        [],
    ),
    "new unit and later date": (
        "increase",
        [FIRST, ("amend", {"unit": "weeks", "target": target("2", "2027-12-31")})],
        [("date_later", "2027-06-30", "2027-12-31")],
    ),
    "new measure": (
        "increase",
        [FIRST, ("amend", {"measure": "M-00002", "target": target("2")})],
        [],
    ),
    "number replaced by text": (
        "increase",
        [FIRST, ("amend", WITHOUT_NUMBER)],
        [("target_lowered", "20", None)],
    ),
    "correction": ("increase", [FIRST, ("correct", {"target": target("2")})], []),
    "amendment compared with the correction before it": (
        "increase",
        [FIRST, ("correct", {"target": target("2")}), LOWER],
        [],
    ),
    "correction after an amendment": (
        "increase",
        [FIRST, LOWER, ("correct", {"target": target("11")})],
        [("target_lowered", "20", "12")],
    ),
    "several amendments, each compared with the one before": (
        "increase",
        [FIRST, LOWER, HIGHER, ("amend", {"target": target("25")})],
        [("target_lowered", "20", "12"), ("target_lowered", "30", "25")],
    ),
    "weakening that is reversed later": (
        "increase",
        [FIRST, LATER, ("amend", {"target": target("20"), "end_on": "2027-06-30"})],
        [("date_later", "2027-06-30", "2027-12-31")],
    ),
    "confirmation": ("increase", [FIRST, ("confirm", {})], []),
    "lower target in a routine publication": (
        "increase",
        [FIRST, ("publish", {"target": target("12")})],
        [("target_lowered", "20", "12")],
    ),
    "closing": ("increase", [FIRST, ("close", {"end_reason": "expired"})], []),
    "closing with a lower target": (
        "increase",
        [FIRST, ("close", {"end_reason": "achieved", "target": target("12")})],
        [("target_lowered", "20", "12")],
    ),
    "withdrawal": (
        "increase",
        [FIRST, ("withdraw", {"end_reason": "withdrawn"})],
        [("withdrawn", "Twenty apprenticeships", None)],
    ),
    "correction after a withdrawal": (
        "increase",
        [FIRST, ("withdraw", {}), ("correct", {"title": "Twenty"})],
        [("withdrawn", "Twenty apprenticeships", None)],
    ),
}


@pytest.mark.parametrize(("direction", "versions", "expected"), CASES.values(), ids=CASES)
def test_each_change_is_recorded_with_its_weakenings(direction, versions, expected):
    assert weakenings(direction, *versions) == expected


@pytest.mark.parametrize(
    ("versions", "original"),
    [
        ([FIRST, LOWER, LATER], "20"),
        ([FIRST, ("correct", {"target": target("2")})], "2"),
        ([FIRST, LOWER, ("correct", {"target": target("11")})], "20"),
        ([FIRST, ("close", {}), ("correct", {"target": target("2")})], "2"),
        ([FIRST, LOWER, ("close", {}), ("correct", {"target": target("11")})], "20"),
    ],
    ids=[
        "two amendments",
        "correction",
        "amendment and correction",
        "closing and correction",
        "amendment, closing and correction",
    ],
)
def test_original_is_the_version_before_the_first_amendment(versions, original):
    assert folded_record("increase", *versions).original["target"]["value"] == original
