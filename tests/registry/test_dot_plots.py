"""The drawing of commitments of one measure beside each other: positions, words and the middle."""

from decimal import Decimal

import pytest

from registry.log.progress import Progress
from registry.website.charts.dots import DotFact, dot_plot, finding_text, median_strip, yes_text


def progress(start, now, target, direction="increase"):
    figures = (None if figure is None else Decimal(figure) for figure in (start, now, target))
    return Progress(*figures, direction)


def fact(key, start, now, target, direction="increase", unit="percent", is_backed=True):
    return DotFact(key, progress(start, now, target, direction), unit, True, is_backed)


def test_axis_has_round_numbers_and_holds_every_figure():
    plot = dot_plot([fact("C-1", 90, 97, 98), fact("C-2", 64, 69, 90), fact("C-3", 82, 97, 100)])
    assert [tick.text for tick in plot.ticks] == ["60%", "70%", "80%", "90%", "100%"]
    positions = [at for line in plot.lines.values() for at in (line.start_at, line.now_at)]
    assert all(0 <= at <= 100 for at in positions)
    assert plot.lines["C-1"].start_at < plot.lines["C-1"].now_at < plot.lines["C-1"].target_at


@pytest.mark.parametrize(
    ("start", "now", "target", "direction", "way"),
    [
        (90, 97, 98, "increase", "7 of 8 points, from 90%"),
        (88, 96, 95, "increase", "8 of 7 points, from 88%: beyond target"),
        ("17.1", "15.2", 10, "decrease", "1.9 of 7.1 points, from 17.1%"),
        (50, 40, 60, "increase", "moved away from the target, from 50%"),
        (50, None, 60, "increase", "from 50%"),
        (None, 40, 60, "increase", "Starting point not known"),
        (50, 50, 50, "maintain", "to keep 50%"),
    ],
)
def test_way_is_counted_in_points_from_the_start(start, now, target, direction, way):
    assert dot_plot([fact("C-1", start, now, target, direction)]).lines["C-1"].way == way


def test_less_is_better_runs_to_the_left_and_says_so():
    line = dot_plot([fact("C-1", 17, 15, 10, "decrease")]).lines["C-1"]
    assert line.start_at > line.now_at > line.target_at
    assert line.target == "10% or less"


@pytest.mark.parametrize(
    ("figures", "finding"),
    [
        ([(0, None, 5)], "No figures reported yet"),
        ([(0, 0, 5)], "The only figure reported is no closer to its target"),
        ([(0, 1, 5)], "The only figure reported is closer to its target"),
        ([(0, 5, 5)], "The only figure reported reaches its target"),
        (
            [(0, 0, 5), (0, 0, 5)],
            "None of 2 reported figures are closer to their targets than at the start",
        ),
        (
            [(0, 1, 5), (0, 0, 5)],
            "1 of 2 reported figures is closer to its target than at the start",
        ),
        (
            [(0, 1, 5), (0, 6, 5), (0, None, 5)],
            "Both reported figures are closer to their targets than at the start; 1 reaches it",
        ),
        (
            [(0, 5, 5), (0, 5, 5)],
            "Both reported figures are closer to their targets than at the start; all reach them",
        ),
    ],
)
def test_finding_says_what_one_sees(figures, finding):
    assert finding_text([progress(*each) for each in figures]) == finding


def test_median_is_of_shares_of_the_way_and_of_three_or_more():
    facts = [fact("C-1", 64, 69, 90), fact("C-2", 89, 95, 97), fact("C-3", 88, 96, 95)]
    assert median_strip(facts[:2]) is None
    strip = median_strip(facts)
    assert (strip.text, strip.of) == ("75%", 3)
    assert strip.dots[0].at < strip.median_at < strip.target_at < strip.dots[-1].at


def test_dots_at_one_place_are_put_on_each_other():
    facts = [fact(f"C-{n}", 0, 5, 10) for n in range(3)]
    assert [dot.level for dot in median_strip(facts).dots] == [0, 1, 2]


def test_yes_and_no_are_counted_and_not_drawn():
    facts = [
        fact("C-1", None, 1, 1, unit="yesno"),
        fact("C-2", None, 1, 1, unit="yesno", is_backed=False),
        fact("C-3", None, 0, 1, unit="yesno"),
    ]
    assert dot_plot(facts) is None
    assert yes_text(facts) == "3 commitments: 2 say yes, 1 of them backed"
