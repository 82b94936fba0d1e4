"""Drawings: where each mark of a bar is, and parts that add up to the whole."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from registry.log.progress import measure_progress, published_progress
from registry.models import Record
from registry.schema.code_lists import COUNTED_DELIVERIES, PeriodState
from registry.website.charts.bars import commitment_bar
from registry.website.charts.outcomes import outcome_bar
from registry.website.charts.records import record_strip
from registry.wording.headline import build_headline

TODAY = date(2026, 11, 30)


def bar(now, start="0", target="20", *, first=None, direction="increase", **options):
    """Return the bar of a commitment that began on 30 November 2025 and runs for two years."""
    facts = {"reporting": "up_to_date", "delivery": "on_track", "status": "live", "ending": "open"}
    facts |= {"proof": "self_reported", "unit": "count", "end_on": date(2027, 11, 30)} | options
    yes_no = facts["unit"] == "yesno"
    typed = {"baseline": {"value": start}} if start else {}
    typed |= {"target": {"value": target}} if target else {}
    typed["value_type"] = "yes_no" if yes_no else "quantity"
    counts = {"counts": "on_a_day", "direction": direction}
    progress = published_progress(measure_progress(typed, counts, now))
    published = {"unit": facts["unit"], "unit_label": "people"}
    item = published | {
        "title": "Twenty people", "end_on": facts["end_on"],
        "target": {"value": Decimal(target), "by": facts["end_on"]} if target else None,
        "start_on": date(2025, 11, 30), "end_reason": None,
    }  # fmt: skip
    report = {"reported_on": "2026-10-06", "level_of_proof": facts["proof"]}
    record = Record(
        key="C-00001", status=facts["status"], delivery=facts["delivery"], progress=progress,
        published_at=datetime(2025, 11, 30, tzinfo=UTC), weakenings=[],
        original=published | {"title": "Twenty people", "target": {"value": first or target}},
        latest=report if now else None, signatory_standing="accredited",
    )  # fmt: skip
    if now:
        record.progress |= report
    record.reporting, record.ending = facts["reporting"], facts["ending"]
    headline = build_headline(record, item, "Brookfield", TODAY)
    return commitment_bar(record, item, headline, TODAY)


def places(drawn):
    return drawn.start_at, drawn.target_at, drawn.now_at, drawn.first_at


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"now": "5"}, (0, 100, 25, None)),
        ({"now": "15", "start": "10"}, (0, 100, 50, None)),
        ({"now": "15", "start": "20", "target": "10", "direction": "decrease"},
         (0, 100, 50, None)),
        ({"now": "25"}, (0, 80, 100, None)),
        ({"now": "5", "start": "10"}, (33.3, 100, 0, None)),
        ({"now": "14", "start": "2", "target": "16", "first": "20"}, (0, 77.8, 66.7, 100)),
        # Promised first where less is better: more was to be cut.
        ({"now": "15", "start": "20", "target": "12", "first": "10", "direction": "decrease"},
         (0, 80, 50, 100)),
        # Raised since: nothing was given up.
        ({"now": "5", "first": "10"}, (0, 100, 25, None)),
        ({"now": None}, (0, 100, None, None)),
    ],
)  # fmt: skip
def test_bar_runs_from_start_to_target(facts, expected):
    assert places(bar(**facts)) == expected


def test_target_to_keep_what_is_there_has_a_dot_on_the_flag():
    kept, lost = bar("95", "95", "95"), bar("90", "95", "95")
    assert (kept.keeps, kept.now_at, kept.is_loss) == (True, 100, False)
    assert (lost.now_at, lost.is_loss) == (94.7, True)
    assert bar("2", "0", "0", direction="decrease").now_at == 0


def test_yes_or_no_has_an_answer():
    answers = [bar(now, None, "1", unit="yesno").is_yes for now in ("1", "0", None)]
    assert answers == [True, False, None]


def test_without_number_start_or_way_there_is_no_bar():
    assert bar("5", None) is None
    assert bar("5", target=None) is None
    assert bar("25", "30") is None, "The target was reached before it was promised"


@pytest.mark.parametrize(
    ("facts", "tone", "is_recent"),
    [
        ({}, "on_track", True),
        ({"reporting": "silent"}, "on_track", False),
        ({"reporting": "paused"}, "on_track", False),
        ({"delivery": "at_risk"}, "at_risk", True),
        ({"end_on": date(2026, 10, 28)}, "ended", False),
        ({"status": "withdrawn", "delivery": "withdrawn", "reporting": "closed"}, "ended", False),
        ({"status": "closed", "delivery": "met", "reporting": "closed"}, "met", True),
        ({"status": "closed", "delivery": "on_track", "reporting": "closed"}, "ended", False),
    ],
)
def test_what_is_not_recent_is_striped_and_has_no_even_pace(facts, tone, is_recent):
    drawn = bar("5", **facts)
    assert (drawn.tone, drawn.is_recent) == (tone, is_recent)
    is_open = is_recent and tone != "met"
    assert (drawn.pace_at is not None) is is_open
    assert drawn.now_label.text == ("5 now" if is_open else "5")


def test_even_pace_is_a_straight_line_to_the_deadline():
    drawn = bar("5")
    assert drawn.pace_at == 50
    assert drawn.pace == "An even pace would be 10 by now (▲)."


def test_dot_is_filled_only_if_its_figure_is_backed():
    assert not bar("5").is_backed
    assert bar("5", proof="evidence_provided").is_backed


def test_description_says_the_finding():
    assert bar("14", "2", "16", first="20").description == (
        "From 2 at the start to the target 16. Reported: 14, 86% of the way. First promised: 20."
    )
    assert bar("12", "10", "5", direction="decrease").description == (
        "From 10 at the start to the target 5 or less. Reported: 12, moved away from the target."
    )
    assert "No figure yet" in bar(None).description


@pytest.mark.parametrize("first", ["20", "24", "500", "2000000"])
@pytest.mark.parametrize("target", ["12", "20", "1000000"])
def test_labels_in_one_line_never_touch_on_a_phone(first, target):
    labels = bar("11", "10", target, first=first).labels
    for line in {label.line for label in labels}:
        extents = sorted(label.extent for label in labels if label.line == line)
        assert all(left[1] <= right[0] for left, right in zip(extents, extents[1:], strict=False))


def test_outcomes_exclude_each_other_and_add_up_to_the_total():
    counts = {code: number for number, code in enumerate(COUNTED_DELIVERIES, start=1)}
    drawn = outcome_bar(counts | {"unknown": 5}, lambda code: f"?counted_as={code}")
    assert [part.code for part in drawn.parts] == list(COUNTED_DELIVERIES)
    assert sum(part.count for part in drawn.parts) == drawn.total == sum(counts.values())
    assert sum(part.width for part in drawn.parts) == pytest.approx(100)
    for part, after in zip(drawn.parts, drawn.parts[1:], strict=False):
        assert part.at + part.width == pytest.approx(after.at)
    assert outcome_bar({}, str).parts == []
    one = outcome_bar({"met": 1}, str)
    assert one.description == "1 commitment: 1 met"


@pytest.mark.parametrize(
    ("states", "sentence"),
    [
        ("", "No update has been due yet."),
        ("scheduled", "No update has been due yet."),
        ("received", "1 update received."),
        ("received_late", "1 update received late."),
        ("received_late received_late", "2 updates received, all of them late."),
        ("received received_late silent overdue due scheduled",
         "2 updates received, 1 of them late; 2 not received and 1 due now."),
        ("paused", "1 not required, or nobody could be contacted."),
    ],
)  # fmt: skip
def test_reporting_record_has_a_square_for_each_period_and_a_sentence(states, sentence):
    drawn = record_strip(states.split())
    assert len(drawn.squares) == len(states.split())
    assert drawn.sentence == sentence


def test_every_state_of_a_period_has_a_square():
    drawn = record_strip(PeriodState.values)
    assert len({square.shape for square in drawn.squares}) == len(drawn.legend) == 6
