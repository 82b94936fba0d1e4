"""Sections and codes of the Standard Industrial Classification 2007. Data, not a table."""

import csv
from functools import cache
from pathlib import Path


@cache
def _sic_rows() -> list[dict[str, str]]:
    with (Path(__file__).parent / "sic2007.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def section_titles() -> dict[str, str]:
    """Return the sections, A to U, with their titles."""
    return {row["section"]: row["section_description"] for row in _sic_rows()}


@cache
def code_descriptions() -> dict[str, str]:
    """Return the five-digit codes with their descriptions."""
    return {row["sic_code"]: row["sic_description"] for row in _sic_rows()}


@cache
def _sections_of_codes() -> dict[str, str]:
    return {row["sic_code"]: row["section"] for row in _sic_rows()}


def section_of(code: str) -> str:
    """Return the section of a five-digit code."""
    return _sections_of_codes()[code]
