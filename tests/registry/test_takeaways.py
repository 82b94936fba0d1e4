"""Titles of charts are full sentences for none, one, two and many, and name ties."""

import pytest

from registry.wording import takeaways
from registry.wording.takeaways import Then


@pytest.mark.parametrize(
    ("ended", "met", "others", "on_track", "title"),
    [
        (0, 0, 0, 0, "No commitments have been published yet"),
        (0, 0, 1, 1, "No commitment has ended yet; the only other one is on track"),
        (0, 0, 1, 0, "No commitment has ended yet; the only other one is not on track"),
        (0, 0, 4, 0, "No commitment has ended yet; none of 4 others is on track"),
        (1, 1, 0, 0, "The only commitment that has ended was met in full; no other is left"),
        (
            1,
            0,
            2,
            1,
            "The only commitment that has ended was not met in full; 1 of 2 others is on track",
        ),
        (
            2,
            2,
            2,
            2,
            "Both commitments that have ended were met in full; 2 of 2 others are on track",
        ),
        (
            2,
            0,
            3,
            2,
            "None of the 2 commitments that have ended were met in full; "
            "2 of 3 others are on track",
        ),
        (
            24,
            17,
            228,
            193,
            "17 of the 24 commitments that have ended were met in full; "
            "193 of 228 others are on track",
        ),
        (
            3,
            3,
            0,
            0,
            "All of the 3 commitments that have ended were met in full; no other is left",
        ),
        (3, 1, 0, 0, "1 of the 3 commitments that have ended was met in full; no other is left"),
    ],
)
def test_outcome_title(ended, met, others, on_track, title):
    assert takeaways.outcome_title(ended=ended, met=met, others=others, on_track=on_track) == title


@pytest.mark.parametrize(
    ("late", "open_", "title"),
    [
        (0, 0, "No commitment is open"),
        (0, 5, "Every update that was due has been received"),
        (1, 1, "The update of the only open commitment has not been received"),
        (1, 5, "1 of 5 open commitments has an update we have not received"),
        (27, 230, "27 of 230 open commitments have an update we have not received"),
    ],
)
def test_late_title(late, open_, title):
    assert takeaways.late_title(late=late, open_=open_) == title


@pytest.mark.parametrize(
    ("backed", "total", "title"),
    [
        (0, 0, "No figure has been reported yet"),
        (0, 1, "The only figure is self-reported"),
        (1, 1, "The only figure is backed by evidence or a check"),
        (0, 2, "None of the 2 latest figures is backed by evidence or a check"),
        (1, 2, "1 of 2 latest figures is backed by evidence or a check"),
        (3, 3, "All 3 latest figures are backed by evidence or a check"),
    ],
)
def test_proof_title(backed, total, title):
    assert takeaways.proof_title(backed=backed, total=total) == title


@pytest.mark.parametrize(
    ("late", "title"),
    [
        ({}, "No theme has a commitment yet"),
        ({"Jobs": 0}, "Every update that was due has been received, in every theme"),
        ({"Jobs": 1, "Green": 0}, "Jobs has the most updates not received, 1"),
        (
            {"Jobs": 7, "Green": 7, "Buy": 2},
            "Jobs and Green have the most updates not received, 7 each",
        ),
        (dict.fromkeys("ABCD", 2), "4 themes have the most updates not received, 2 each"),
    ],
)
def test_themes_title(late, title):
    assert takeaways.themes_title(late) == title


@pytest.mark.parametrize(
    ("met", "late", "title"),
    [
        (
            Then(17, 5),
            Then(27, 1),
            "17 commitments have been met, up from 5 a year ago, "
            "but 27 have an update missing, up from 1 a year ago",
        ),
        (
            Then(17, 5),
            Then(1, 27),
            "17 commitments have been met, up from 5 a year ago, "
            "and 1 has an update missing, down from 27 a year ago",
        ),
        (
            Then(1, 1),
            Then(0, 0),
            "1 commitment has been met, as a year ago, "
            "and none has an update missing, as a year ago",
        ),
        (
            Then(0, 1),
            Then(0, 2),
            "No commitments have been met, down from 1 a year ago, "
            "but none has an update missing, down from 2 a year ago",
        ),
        (
            Then(0, 1),
            Then(2, 0),
            "No commitments have been met, down from 1 a year ago, "
            "and 2 have an update missing, up from 0 a year ago",
        ),
    ],
)
def test_year_title(met, late, title):
    assert takeaways.year_title(met=met, late=late, is_a_year_old=True) == title


def test_year_title_of_a_young_register():
    title = takeaways.year_title(met=Then(1, 0), late=Then(0, 0), is_a_year_old=False)
    assert title.startswith("A year ago the register had no commitments")


@pytest.mark.parametrize(
    ("registered", "met", "weakened", "title"),
    [
        (0, 0, 0, "Nothing was registered, met or weakened in 24 months"),
        (0, 1, 0, "In 24 months no commitment was registered, 1 met and none weakened"),
        (1, 0, 1, "In 24 months 1 commitment was registered, none met and 1 weakened"),
        (133, 12, 7, "In 24 months 133 commitments were registered, 12 met and 7 weakened"),
    ],
)
def test_months_title(registered, met, weakened, title):
    found = takeaways.months_title(months=24, registered=registered, met=met, weakened=weakened)
    assert found == title


@pytest.mark.parametrize(
    ("weakened", "total", "title"),
    [
        (0, 0, "No commitments have been published yet"),
        (0, 1, "No commitment has been weakened"),
        (1, 2, "1 of 2 commitments has been weakened"),
        (10, 252, "10 of 252 commitments have been weakened"),
    ],
)
def test_weakened_title(weakened, total, title):
    assert takeaways.weakened_title(weakened=weakened, total=total) == title
