"""Hints for writers: optional advice and warnings about personal data."""

import csv
import re
from pathlib import Path

import pytest

from charter import personal_data, writing_hints
from charter.models import Commitment, Measure
from tests import factories
from tests.visitors import signed_in, with_second_factor

PERSONAL = [
    (
        "Write to asha.khan@brookfield.example now",
        "an email address (asha.khan@brookfield.example)",
    ),
    ("Ring 0121 303 1234", "a telephone number (0121 303 1234)"),
    ("Ring (0121) 303 1234", "a telephone number ((0121) 303 1234)"),
    ("Ring +44 7700 900123.", "a telephone number (+44 7700 900123)"),
    ("Ring 07700900123", "a telephone number (07700900123)"),
    ("Her number is QQ 12 34 56 C", ""),  # QQ is never issued
    ("Her number is AB 12 34 56 C", "a National Insurance number (AB 12 34 56 C)"),
    ("He lives at 4 High Street, B15 2TT", "a postcode (B15 2TT)"),
    ("in b15 2tt", "a postcode (b15 2tt)"),
    ("Kim, born on 3 March 2001, joined us", "a date of birth (born on 3 March 2001)"),
    ("DOB: 03/03/2001", "a date of birth (DOB: 03/03/2001)"),
    ("date of birth 3.3.01", "a date of birth (date of birth 3.3.01)"),
    ("Ring ０７７００ ９００１２３", "a telephone number (07700 900123)"),
    ("Ring 0770\u200d0 900\u200c123", "a telephone number (07700 900123)"),
]
HARMLESS = [
    "Start 20 apprenticeships for care leavers by 30 June 2027",
    "Spend £1,250,000 with 120 local suppliers in 2026/27",
    "Cut CO2 by 40 per cent and get the M6 depot to level 3",
    "10,000 hours, 0800 to 1700 on weekdays, since 2014",
    "Contract P0123-2026, C-7F3K2 and company 06445363",
    "The organisation was founded on 3 March 2001",
    "Our CO2 2nd audit",
]


@pytest.mark.parametrize(("text", "finding"), PERSONAL)
def test_personal_data_is_recognised(text, finding):
    found = [question.text for question in personal_data.find_personal_data(text)]
    assert found == ([finding] if finding else [])


@pytest.mark.parametrize("text", HARMLESS)
def test_other_numbers_are_not_taken_for_personal_data(text):
    assert personal_data.find_personal_data(text) == []


def test_charters_measures_are_not_taken_for_personal_data():
    reference = Path(writing_hints.__file__).parent / "reference" / "measures.csv"
    with reference.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            assert personal_data.find_personal_data(" ".join(row.values())) == []


def commitment(**fields) -> Commitment:
    defaults = {
        "title": "Start 20 apprenticeships for care leavers",
        "description": "We train care leavers as cooks, so that they have a trade and a wage.",
        "measure": Measure(unit="fte", nature="output", counts="on_a_day"),
        "baseline_value": 2,
        "end_on": factories.in_days(365),
        "area_codes": ["E08000025"],
        "evidence_kind": "payroll",
        "evidence_text": "Payroll records and college letters",
    }
    return Commitment(**defaults | fields)


def test_complete_commitment_gets_no_advice():
    assert writing_hints.hints_for(commitment()) == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"title": "More orchids", "description": "word " * 20}, "Who is it for?"),
        ({"measure": None, "title": "Some apprentices"}, "How many"),
        ({"title": "We aim to start apprenticeships"}, "“aim to” is an intention"),
        ({"title": "For people " * 15}, "Your sentence is long"),
        ({"end_on": None}, "By when?"),
        ({"end_on": factories.in_days(2000)}, "A nearer step"),
        ({"area_codes": []}, "Where?"),
        ({"baseline_value": None}, "Where do you start?"),
        ({"description": "We train people."}, "what will change"),
        ({"evidence_text": "Records"}, "How will it be shown?"),
        ({"evidence_kind": "other"}, "How will it be shown?"),
    ],
)
def test_each_gap_gets_advice_in_plain_words(fields, words):
    assert any(words in sentence for sentence in writing_hints.hints_for(commitment(**fields)))


@pytest.mark.django_db
def test_author_and_reviewer_are_warned_but_can_continue():
    draft = factories.draft(description="Ring Kim on 0121 303 1234, who lives in B15 2TT.")
    asha = signed_in(factories.asha())
    preview = asha.get(f"/business/commitments/{draft.key}/preview").text
    assert "a telephone number (0121 303 1234)" in preview
    assert "Where? Name the ward" in preview
    assert "Where? Name the ward" in asha.get(f"/business/commitments/{draft.key}/edit").text
    send = f"/business/commitments/{draft.key}/send"
    asked = asha.post(send).text  # as if another tab had sent it
    assert "Ring Kim on <mark>0121 303 1234</mark>, who lives" in asked
    seen = re.search(r'name="seen_questions" value="([^"]+)"', asked)[1]
    asha.post(send, {"seen_questions": seen})
    dev = signed_in(with_second_factor(factories.officer()))
    assert "a postcode (B15 2TT)" in dev.get(f"/council/items/{draft.key}").text


@pytest.mark.django_db
def test_text_without_personal_data_raises_no_warning():
    draft = factories.draft(area_codes=["E08000025"])
    asha = signed_in(factories.asha())
    page = asha.get(f"/business/commitments/{draft.key}/preview").text
    assert "may identify a person" not in page


@pytest.mark.django_db
def test_reason_for_a_change_is_checked_too():
    commitment = factories.published_commitment()
    factories.draft_change(commitment, reason="Ask kim@brookfield.example")
    asha = signed_in(factories.asha())
    page = asha.get(f"/business/commitments/{commitment.key}/change/preview").text
    assert "an email address (kim@brookfield.example)" in page
