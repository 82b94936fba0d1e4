"""Sections and codes of the Standard Industrial Classification 2007, from a file."""

import csv
from functools import cache
from pathlib import Path


@cache
def _sic_rows() -> list[dict[str, str]]:
    with (Path(__file__).parent / "sic2007.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@cache
def section_titles() -> dict[str, str]:
    """Return the titles of the sections, by letter from A to U."""
    return {row["section"]: row["section_description"] for row in _sic_rows()}


@cache
def code_descriptions() -> dict[str, str]:
    """Return the descriptions of the five-digit codes."""
    return {row["sic_code"]: row["sic_description"] for row in _sic_rows()}


@cache
def _sections_of_codes() -> dict[str, str]:
    return {row["sic_code"]: row["section"] for row in _sic_rows()}


def section_of(code: str) -> str:
    """Return the letter of a five-digit code's section."""
    return _sections_of_codes()[code]
