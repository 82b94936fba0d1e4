"""A table of changes to a commitment and the weakenings they are recorded as."""

from dataclasses import replace
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
    measure = items.measure(direction=direction)
    acts = [
        measure,
        replace(measure, key="M-00002", content=measure.content | {"code": "LE13"}),
        replace(measure, key=NEXT_EDITION),
    ]
    content = {}
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


def start(value, action="publish"):
    return action, {"baseline": {"value": value, "on": "2026-01-05"}}


FIRST = ("publish", {})  # 20 by 30 June 2027
NEXT_EDITION = "M-00003"
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
        [("measure_changed", "count", "weeks")],
    ),
    "new unit and later date": (
        "increase",
        [FIRST, ("amend", {"unit": "weeks", "target": target("2", "2027-12-31")})],
        [("date_later", "2027-06-30", "2027-12-31"), ("measure_changed", "count", "weeks")],
    ),
    "new measure": (
        "increase",
        [FIRST, ("amend", {"measure": "M-00002", "target": target("2")})],
        [("measure_changed", "M-00001", "M-00002")],
    ),
    "number replaced by text": (
        "increase",
        [FIRST, ("amend", WITHOUT_NUMBER)],
        [("target_lowered", "20", None), ("measure_changed", "M-00001", None)],
    ),
    "starting point moved towards the target": (
        "increase",
        [start("5"), ("amend", {"baseline": {"value": "15"}})],
        [("start_changed", "5", "15")],
    ),
    "starting point moved away, which delivers more at once": (
        "increase",
        [start("5"), ("amend", {"baseline": {"value": "0"}})],
        [("start_changed", "5", "0")],
    ),
    "starting point learnt later": ("increase", [FIRST, start("5", "amend")], []),
    "starting point removed, then another one learnt": (
        "increase",
        [
            start("5"),
            ("amend", {"baseline": None}),
            ("confirm", {}),
            ("amend", {"baseline": {"value": "15"}}),
        ],
        [("start_changed", "5", None), ("start_changed", "5", "15")],
    ),
    "starting point of another day": (
        "increase",
        [start("5"), ("amend", {"baseline": {"value": "5.0", "on": "2026-01-01"}})],
        [],
    ),
    "measure replaced by the council": (
        "increase",
        [start("5"), ("correct", {"measure": NEXT_EDITION, "unit": "hours", "baseline": None})],
        [],
    ),
    "target lowered with a measure replaced by the council": (
        "increase",
        [FIRST, ("correct", {"measure": NEXT_EDITION, "target": target("12")})],
        [("target_lowered", "20", "12")],
    ),
    "correction to a lower target": (
        "increase",
        [FIRST, ("correct", {"target": target("2")})],
        [("target_lowered", "20", "2")],
    ),
    "amendment compared with the correction before it": (
        "increase",
        [FIRST, ("correct", {"target": target("2")}), LOWER],
        [("target_lowered", "20", "2")],
    ),
    "correction after an amendment": (
        "increase",
        [FIRST, LOWER, ("correct", {"target": target("11")})],
        [("target_lowered", "20", "12"), ("target_lowered", "12", "11")],
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


@pytest.mark.parametrize("action", ["amend", "correct", "close"])
def test_original_is_always_the_first_version(action):
    versions = [FIRST, (action, {"target": target("2")}), LOWER]
    assert folded_record("increase", *versions).original["target"]["value"] == "20"


def test_correction_differs_from_a_change_by_its_ground():
    """A change that gives a ground, and a correction that gives none, are changes."""
    ground = {"correction_ground": "checked_against_document", "correction_document": "Payroll"}
    versions = [
        FIRST,
        ("correct", {"target": target("15")} | ground),
        ("amend", {"target": target("10")}),
        ("correct", {"target": target("5")} | dict.fromkeys(ground)),
    ]
    record = folded_record("increase", *versions)
    grounds = [(way["correction"], way["document"]) for way in record.weakenings]
    assert grounds == [("checked_against_document", "Payroll"), (None, None), (None, None)]
