"""Organisation numbers: refused if impossible, with a warning if unusual."""

import csv
from pathlib import Path

import pytest

from charter import identifiers
from charter.identifiers import Scheme

EMPLOYERS = Path(__file__).parents[1] / "data" / "employers_birmingham.csv"

REAL = {
    Scheme.COMPANIES_HOUSE: ["09506232", "07444723", "SC123456", "OC312345", "R0000123"],
    Scheme.CHARITY_COMMISSION: ["279417", "1090095", "279417-3"],
    Scheme.SCOTTISH_CHARITIES: ["SC042386"],
    Scheme.CHARITY_COMMISSION_NI: ["100019"],
    Scheme.MUTUALS: ["235C", "IP031455"],
    Scheme.LOCAL_AUTHORITIES: ["WOT", "BAS", "GED", "BIR"],
    Scheme.SCHOOLS: ["125554"],
    Scheme.LEARNING_PROVIDERS: ["10000346"],
    Scheme.NHS: ["01F", "7A1A5", "RAX"],
    Scheme.HOUSING: ["LH4401", "H4244", "4793"],
    Scheme.SPORTS_CLUBS: ["df679063"],
    Scheme.PROCUREMENT: ["PNLV-9975-CQQW", "PZQH-9124-TMLN"],
    Scheme.GOVERNMENT: ["OT1211", "D1198"],
}
WRONG = {
    Scheme.COMPANIES_HOUSE: ["SC12345", "123456789", "0950623-", "A#123", "٠٩٥٠٦٢٣٢", ""],
    Scheme.CHARITY_COMMISSION: ["27941", "10900951", "279417-", "SC042386"],
    Scheme.SCOTTISH_CHARITIES: ["042386", "SC4238", "SC0423867"],
    Scheme.CHARITY_COMMISSION_NI: ["10001", "NIC100019"],
    Scheme.MUTUALS: ["IP-031455", "IP031455IP0"],
    Scheme.LOCAL_AUTHORITIES: ["BI", "B1R", "BIRM"],
    Scheme.SCHOOLS: ["12555", "1255541"],
    Scheme.LEARNING_PROVIDERS: ["20000346", "1000034"],
    Scheme.NHS: ["01", "7A1A5XY"],
    Scheme.HOUSING: ["LHA4401", "440"],
    Scheme.SPORTS_CLUBS: ["df67906", "dg679063"],
    Scheme.PROCUREMENT: ["NLVP-9975-CQQW", "PNLV9975CQQW", "PNLV-997-CQQW"],
    Scheme.GOVERNMENT: ["OT-1211"],
}


def pairs(table):
    return [(scheme, number) for scheme, numbers in table.items() for number in numbers]


def test_every_scheme_has_a_pattern_an_example_and_tests():
    for table in (identifiers.NUMBER_PATTERNS, identifiers.EXAMPLES, REAL, WRONG):
        assert set(table) == set(Scheme)


@pytest.mark.parametrize(("scheme", "number"), pairs(REAL))
def test_real_number_is_accepted_unchanged(scheme, number):
    assert identifiers.normalise_number(scheme, number) == number
    assert identifiers.number_problem(scheme, number) == ""


@pytest.mark.parametrize(("scheme", "number"), pairs(WRONG))
def test_impossible_number_is_refused_with_an_example(scheme, number):
    problem = identifiers.number_problem(scheme, identifiers.normalise_number(scheme, number))
    assert identifiers.EXAMPLES[scheme] in problem


def test_unknown_scheme_is_refused():
    assert (
        identifiers.number_problem("GB-COOP", "235C") == "We do not know this list of organisations"
    )


@pytest.mark.parametrize(
    ("scheme", "typed", "normalised"),
    [
        (Scheme.COMPANIES_HOUSE, " 644 5363 ", "06445363"),
        (Scheme.COMPANIES_HOUSE, "oc312345", "OC312345"),
        (Scheme.COMPANIES_HOUSE, "GB-COH-06445363", "06445363"),
        (Scheme.COMPANIES_HOUSE, "0644\u00a05363", "06445363"),
        (Scheme.COMPANIES_HOUSE, "０６４４５３６３", "06445363"),
        (Scheme.SPORTS_CLUBS, "DF679063", "df679063"),
        (Scheme.LOCAL_AUTHORITIES, "bir", "BIR"),
    ],
)
def test_number_is_normalised_to_its_schemes_format(scheme, typed, normalised):
    assert identifiers.normalise_number(scheme, typed) == normalised


@pytest.mark.parametrize(
    ("scheme", "number"),
    [
        (Scheme.COMPANIES_HOUSE, "QQ123456"),
        (Scheme.COMPANIES_HOUSE, "1234567A"),
        (Scheme.COMPANIES_HOUSE, "00000000"),
        (Scheme.GOVERNMENT, "OT1211"),
    ],
)
def test_unusual_number_gets_a_warning_but_is_accepted(scheme, number):
    assert identifiers.number_problem(scheme, number) == ""
    assert identifiers.number_warning(scheme, number)


def test_real_employers_numbers_are_accepted_without_a_warning():
    with EMPLOYERS.open(newline="", encoding="utf-8") as file:
        numbers = [row["CompanyNumber"] for row in csv.DictReader(file) if row["CompanyNumber"]]
    assert len(numbers) == 299
    for number in numbers:
        assert identifiers.normalise_number(Scheme.COMPANIES_HOUSE, number) == number
        assert identifiers.number_problem(Scheme.COMPANIES_HOUSE, number) == ""
        assert identifiers.number_warning(Scheme.COMPANIES_HOUSE, number) == ""
        if number.startswith("0"):
            without_zeros = number.lstrip("0")
            assert identifiers.normalise_number(Scheme.COMPANIES_HOUSE, without_zeros) == number
