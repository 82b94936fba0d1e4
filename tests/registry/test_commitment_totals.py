"""The sentences on the register's totals, for no, one, two and many commitments."""

import pytest

from registry.open_data.figures import kept_figures
from registry.website.commitment_totals import open_summary, register_summary
from tests.registry import items
from tests.registry.public_pages import day, publish

pytestmark = pytest.mark.django_db

ON = day("2026-01-06").date()
REPORTING = "Reporting on 6 January 2026:"
CLOSING = {"action": "close", "end_reason": "achieved", "change_reason": "Done."}


def summary(*, closed: int, made: int) -> str:
    """Return the summary after `made` commitments, of which the first ones were closed."""
    keys = [f"C-0000{number}" for number in range(1, made + 1)]
    publish("2026-01-05", *(items.commitment(key) for key in keys[1:]))
    publish("2026-01-05", *(items.commitment(key, **CLOSING) for key in keys[:closed]))
    figures = kept_figures("", ON)
    return f"{register_summary(figures)} {open_summary(figures, ON)}".strip()


def test_register_without_commitments_says_so():
    assert summary(closed=0, made=0) == "No commitments have been published yet."


@pytest.mark.parametrize(
    ("made", "closed", "expected"),
    [
        (1, 0, f"1 signatory has made 1 commitment. It is open. {REPORTING} 1 up to date."),
        (1, 1, "1 signatory has made 1 commitment. It is closed."),
        (2, 0, f"1 signatory has made 2 commitments. Both are open. {REPORTING} 2 up to date."),
        (2, 2, "1 signatory has made 2 commitments. None of them is open."),
        (3, 0, f"1 signatory has made 3 commitments. All are open. {REPORTING} 3 up to date."),
        (3, 1, f"1 signatory has made 3 commitments. 2 are open. {REPORTING} 2 up to date."),
        (3, 2, f"1 signatory has made 3 commitments. 1 is open. {REPORTING} 1 up to date."),
    ],
)
def test_totals_of_the_register_are_in_plain_sentences(commitment, made, closed, expected):
    assert summary(closed=closed, made=made) == expected
