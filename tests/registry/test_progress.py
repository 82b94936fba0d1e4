"""Progress and headline agree with an independent oracle on ten thousand random commitments."""

import random
import re
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from registry.log.progress import Progress, measure_progress, parse_progress, published_progress
from registry.models import Record
from registry.schema import code_lists, measure_codes
from registry.schema.codes import Tone
from registry.wording.headline import build_headline
from registry.wording.titles import is_outgrown

TODAY = date(2026, 11, 30)
TYPES = ("quantity", "money", "percentage", "yes_no")
UNITS = {"quantity": "fte", "money": "gbp", "percentage": "percent", "yes_no": "yesno"}
COUNTS, DIRECTIONS = measure_codes.Counts.values, measure_codes.Direction.values
CHANGE = {"correction": None, "document": None}
LOWERED = CHANGE | {"entry": 7, "what": "target_lowered", "before": "20", "after": "16"}
WITHDRAWN = CHANGE | {"entry": 8, "what": "withdrawn", "before": "Apprenticeships", "after": None}
PEOPLE = {"unit": "count", "unit_label": "people"}
LABELS = {"fte": "FTE", "gbp": "£", "percent": "% of staff", "yesno": "yes/no"}


def random_commitment(chance: random.Random) -> tuple[dict, dict, str | None]:
    """Return a commitment's item, its measure's item and a value, as texts; many are extreme."""
    value_type = chance.choice(TYPES)

    def figure(low: int) -> str:
        if value_type == "yes_no":
            return str(chance.randint(0, 1))
        # Few different values, so that start, target and value are often equal.
        return chance.choice([str(chance.randint(low, 6)), f"{chance.randint(low, 100)}.5"])

    low = chance.choice([0, 0, -20])
    item = {"value_type": value_type}
    if chance.random() < 0.7 and value_type != "yes_no":
        item["baseline"] = {"value": figure(low)}
    if chance.random() < 0.9:
        item["target"] = {"value": figure(low), "by": random_day(chance)}
    measure = {"counts": chance.choice(COUNTS), "direction": chance.choice(DIRECTIONS)}
    return item, measure, figure(low) if chance.random() < 0.8 else None


def random_day(chance: random.Random) -> str:
    return (TODAY + timedelta(days=chance.randint(-400, 400))).isoformat()


def expected_progress(item: dict, measure: dict, value: str | None) -> dict:
    """Turn the scale over where less is better: then more is always better."""
    turn = -1 if measure["direction"] == "decrease" else 1
    marks: dict[str, Fraction | None] = {"start": None, "now": None, "target": None}
    if value is not None:
        marks["now"] = turn * Fraction(value)
    if "target" in item:
        marks["target"] = turn * Fraction(item["target"]["value"])
    if item["value_type"] != "yes_no":
        if measure["counts"] == "since_promise":
            marks["start"] = Fraction(0)
        elif "baseline" in item:
            marks["start"] = turn * Fraction(item["baseline"]["value"])
    start, now, target = marks.values()
    knows_way = None not in (start, now, target) and target > start
    return {
        "promised": None if None in (start, target) else target - start,
        "delivered": None if None in (start, now) else now - start,
        "way": Fraction(now - start, target - start) if knows_way else None,
        "is_met": None if None in (now, target) else not now < target,
    }


def test_progress_agrees_with_an_oracle_on_ten_thousand_commitments():
    chance = random.Random(6)
    seen = set()
    for _ in range(10_000):
        item, measure, value = random_commitment(chance)
        progress = measure_progress(item, measure, value)
        expected = expected_progress(item, measure, value)
        for name in ("promised", "delivered"):
            found = getattr(progress, name)
            assert (None if found is None else Fraction(found)) == expected[name], (item, measure)
        if expected["way"] is None:
            assert progress.way is None, (item, measure, value)
        else:
            assert abs(Fraction(progress.way) - expected["way"]) < Fraction(1, 10**20)
            seen |= {"overshoot"} if progress.way > 1 else set()
            seen |= {"behind the start"} if progress.way < 0 else set()
        assert progress.is_met is expected["is_met"], (item, measure, value)
        if progress.start is not None and progress.start == progress.target:
            seen.add("keep")
        seen |= {"not known"} if progress.start is None else set()
        assert parse_progress(published_progress(progress)) == progress
    assert seen == {"overshoot", "behind the start", "keep", "not known"}


@pytest.mark.parametrize(
    ("start", "now", "target", "direction", "way", "is_met"),
    [
        ("0", "5", "20", "increase", "0.25", False),
        ("64", "69", "90", "increase", "0.192", False),
        ("17.1", "15.2", "10", "decrease", "0.268", False),
        ("-4", "-2.5", "-1", "increase", "0.5", False),
        ("10", "14", "12", "increase", "2", True),
        ("10", "9", "12", "increase", "-0.5", False),
        ("95", "96", "95", "maintain", None, True),
        ("95", "94", "95", "maintain", None, False),
        (None, "30", "50", "increase", None, False),
        ("3", "3", None, "increase", None, None),
        ("3", None, "5", "increase", None, None),
        # The target was reached before it was promised.
        ("10", "9", "8", "increase", None, True),
    ],
)
def test_way_and_result_of_typical_commitments(start, now, target, direction, way, is_met):
    numbers = [None if text is None else Decimal(text) for text in (start, now, target)]
    progress = Progress(*numbers, direction)
    assert published_progress(progress)["share"] == way
    assert progress.is_met is is_met


def test_published_progress_holds_the_facts_and_what_follows_from_them():
    progress = Progress(Decimal("64.0"), Decimal(69), Decimal(90), "increase")
    assert published_progress(progress) == {
        "start": "64", "value": "69", "target": "90", "direction": "increase",
        "promised": "26", "delivered": "5", "share": "0.192", "is_met": False,
    }  # fmt: skip


WAYS = ("target_lowered", "withdrawn")


def random_record(chance: random.Random) -> tuple[Record, dict]:
    """Return the record of a commitment as it is folded, and its item with typed values."""
    published, measure, value = random_commitment(chance)
    unit = UNITS[published["value_type"]]
    reported_on, latest_on = random_day(chance), random_day(chance)
    proof = {
        "level_of_proof": chance.choice(code_lists.LevelOfProof.values),
        "disputed": chance.random() < 0.2,
    }
    nothing = {"level_of_proof": None, "disputed": False, "reported_on": None}
    has_figure = value is not None
    record = Record(
        key="C-00001",
        status=chance.choice(["live", "live", "closed", "withdrawn"]),
        delivery=chance.choice(code_lists.Delivery.values),
        progress={
            "counts": measure["counts"],
            **published_progress(measure_progress(published, measure, value)),
            **({"reported_on": reported_on, **proof} if has_figure else nothing),
        },
        latest={"reported_on": latest_on, **proof} if has_figure or chance.random() < 0.5 else None,
        original=PEOPLE | {"target": {"value": "7", "by": "2026-01-31"}, "end_on": "2026-01-31"},
        weakenings=chance.choice([[], [LOWERED], [WITHDRAWN], [LOWERED, WITHDRAWN]]),
    )
    record.reporting = chance.choice(code_lists.Reporting.values)
    target = published.get("target")
    item = {
        "title": "Start apprenticeships",
        "unit": unit,
        "unit_label": LABELS[unit],
        "target": target
        and {"value": Decimal(target["value"]), "by": date.fromisoformat(target["by"])},
        "end_on": date.fromisoformat(random_day(chance)) if chance.random() < 0.5 else None,
    }
    return record, item


def test_headline_agrees_with_an_oracle_on_ten_thousand_commitments():
    chance = random.Random(7)
    for _ in range(10_000):
        record, item = random_record(chance)
        last_day = (item["target"] or {}).get("by") or item["end_on"]
        has_passed = last_day is not None and last_day < TODAY
        if record.delivery == "withdrawn":
            record.ending = "settled"
        elif record.status != "live":
            record.ending = chance.choice(["settled", "left_unsettled"])
        else:
            due = "final_update_due" if has_passed else "open"
            passed = ["ended_before"] if has_passed else []
            record.ending = chance.choice([due, "final_update_sent", *passed])
        headline = build_headline(record, item, "Brookfield Catering", TODAY)
        sentence = headline.sentence
        has_figure = record.progress["value"] is not None
        source = record.progress if has_figure else record.latest
        # A figure never stands without its target, its day and its level of proof.
        assert bool(headline.figure) is has_figure
        if has_figure:
            number = record.progress["value"].replace("-", "−")
            is_yes_or_no = item["unit"] == "yesno"
            assert is_yes_or_no or number in headline.figure.replace("£", "")
            assert headline.figure in sentence
            if item["target"]:
                assert is_yes_or_no or "target" in headline.figure or " of " in headline.figure
        if source:
            day = date.fromisoformat(source["reported_on"])
            label = code_lists.LevelOfProof(source["level_of_proof"]).label.lower()
            assert re.search(rf"reported (as [\w ]+ )?on {day.day} {day:%B %Y}", sentence)
            assert f", {label}" in sentence
            assessed_on = date.fromisoformat(record.latest["reported_on"])
            # The word of an older report never stands without its day.
            has_aged = record.reporting != "up_to_date" or (TODAY - assessed_on).days > 183
            if record.status == "live" and has_aged and record.delivery != "withdrawn":
                label = code_lists.Delivery(record.delivery).label
                as_reported = f"{label}, as reported on"
                if record.ending in code_lists.Ending.without_result():
                    as_reported = f"Last reported as {label.lower()} on"
                else:
                    assert headline.tone == Tone.PLAIN
                assert f"{as_reported} {assessed_on.day} {assessed_on:%B %Y}" in sentence
            assert ("disputed" in sentence) is source["disputed"]
        else:
            assert "reported on" not in sentence
        is_weaker = record.weakenings and record.weakenings[0]["what"] != "withdrawn"
        assert ("Originally promised: " in sentence) is bool(is_weaker)
        assert ("Weakened" in sentence) is bool(record.weakenings)
        is_late = record.reporting in code_lists.Reporting.late_states()
        assert ("Reporting: " in sentence) is (not is_late and record.reporting != "up_to_date")
        reporting = code_lists.Reporting(record.reporting).label
        assert sentence.startswith(f"{reporting}. ") is is_late
        waits = record.ending in ("final_update_due", "final_update_sent")
        assert ("Deadline passed on " in sentence) is (has_passed and waits)
        assert ("No final update yet" in sentence) is (record.ending == "final_update_due")
        is_from_before = record.ending == "ended_before"
        assert ("Ended before this register, on " in sentence) is is_from_before
        lacks_result = record.ending in code_lists.Ending.without_result()
        label = code_lists.Delivery(record.delivery).label
        assert (label in sentence) is not lacks_result
        assert ("No progress was reported" in sentence) is (lacks_result and not record.latest)


def headline_of(deadline=date(2027, 6, 30), **changes):
    record = Record(
        key="C-00001",
        status="live",
        delivery="on_track",
        weakenings=[],
        original=PEOPLE | {"target": {"value": "20", "by": "2026-06-30"}},
        latest={"reported_on": "2026-10-06", "level_of_proof": "self_reported"},
        progress={
            **published_progress(Progress(Decimal(0), Decimal(14), Decimal(16))),
            "reported_on": "2026-10-06",
            "level_of_proof": "self_reported",
            "disputed": False,
        },
    )
    record.reporting = "up_to_date"
    record.ending = "final_update_due" if deadline < TODAY else "open"
    for name, value in changes.items():
        setattr(record, name, value)
    item = {
        "title": "Start apprenticeships",
        "unit": "count",
        "unit_label": "people",
        "target": {"value": Decimal(16), "by": deadline},
        "end_on": None,
    }
    return build_headline(record, item, "Brookfield Catering", TODAY)


def test_headline_of_a_weakened_silent_commitment_hides_nothing():
    headline = headline_of(weakenings=[LOWERED], reporting="silent")
    assert headline.sentence == (
        "Silent. On track, as reported on 6 October 2026: 14 of 16 people, self-reported. "
        "Weakened: target lowered from 20 to 16 people. "
        "Originally promised: 20 people by 30 June 2026."
    )


def test_headline_names_a_downward_correction_beside_a_weakening():
    corrected = LOWERED | {"entry": 6, "correction": "council_error"}
    headline = headline_of(weakenings=[corrected])
    words = "Corrected downwards, the council’s error: target lowered from 20 to 16 people"
    assert headline.marks == ["Corrected downwards"]
    assert f"{words}. Originally promised: 20 people" in headline.sentence
    both = headline_of(weakenings=[corrected, LOWERED])
    assert both.marks == ["Weakened", "Corrected downwards"]
    assert f"Weakened: target lowered from 20 to 16 people. {words}." in both.sentence


def test_headline_of_a_commitment_weakened_often_says_how_often():
    again = LOWERED | {"entry": 9, "before": "16", "after": "14"}
    sentence = headline_of(weakenings=[LOWERED, again]).sentence
    assert "Weakened twice, most recently: target lowered from 16 to 14 people." in sentence


def test_word_of_an_old_report_has_its_day_even_if_no_newer_one_is_due():
    latest = {"reported_on": "2026-05-31", "level_of_proof": "self_reported"}
    assert headline_of().tag_text == "On track"
    assert headline_of(latest=latest).tag_text == "On track, as reported on 31 May 2026"


def test_figure_older_than_the_latest_report_has_its_own_day():
    latest = {"reported_on": "2026-11-20", "level_of_proof": "self_reported"}
    assert headline_of(latest=latest).status == (
        "On track, as reported on 20 November 2026: "
        "14 of 16 people, reported on 6 October 2026, self-reported"
    )


def test_headline_of_a_closed_commitment_has_the_final_figure():
    headline = headline_of(status="closed", delivery="partly_met", reporting="closed")
    assert headline.sentence == (
        "Partly met. Final figure: 14 of 16 people, reported on 6 October 2026, self-reported. "
        "Reporting: closed."
    )


@pytest.mark.parametrize(
    ("title", "target", "deadline", "is_shown"),
    [
        ("20 apprenticeships by 30 June 2026", 16, date(2026, 6, 30), True),
        ("Twenty apprenticeships", 16, date(2026, 6, 30), True),
        ("Start apprenticeships", 16, date(2026, 6, 30), False),
        ("20 apprenticeships", 20, date(2027, 6, 30), False),
        ("Start apprenticeships by June 2026", 20, date(2027, 6, 30), True),
        ("16 of 20 apprenticeships", 16, date(2026, 6, 30), False),
    ],
)
def test_title_that_no_longer_holds_is_found(title, target, deadline, is_shown):
    item = {"title": title, "target": {"value": Decimal(target), "by": deadline}, "end_on": None}
    original = {"target": {"value": "20", "by": "2026-06-30"}}
    assert is_outgrown(item, original) is is_shown


def test_headline_of_a_passed_deadline_says_so_until_the_result_is_known():
    passed = date(2026, 10, 28)
    assert headline_of(passed).sentence.startswith(
        "Deadline passed on 28 October 2026. No final update yet. "
        "Last reported as on track on 6 October 2026: 14 of 16 people, self-reported"
    )
    assert headline_of(TODAY).ending_text == ""
    assert headline_of(passed, ending="final_update_sent").ending_text == (
        "Deadline passed on 28 October 2026. "
        "Final update received, not yet published by the council"
    )
    assert headline_of(passed, ending="settled", status="closed").ending_text == ""
    left = headline_of(passed, ending="left_unsettled", status="closed")
    assert left.ending_text == "Left unsettled: no final update"


def test_headline_before_the_first_update_is_the_state_alone():
    headline = headline_of(progress=None, latest=None, delivery="not_started")
    expected = "Not started: no progress reported yet (target 16 people by 30 June 2027)."
    assert headline.sentence == expected
