"""A badge that says promise, delivery and date in words, and turns by itself with the record."""

from datetime import date
from textwrap import wrap
from typing import Any

from registry import codelists, kinds
from registry.models import Record
from registry.website import figures, lists, words

LINE, MOST_LINES = 44, 2
# What an image can show of the tones of the website: text, ground.
COLOURS = {
    "good": ("#0f5138", "#dcefe2"),
    "calm": ("#18475c", "#dcebf0"),
    "warn": ("#6b4400", "#fbeac4"),
    "bad": ("#85190f", "#fadfd9"),
    "plain": ("#33403d", "#e9e6db"),
}


def shown(key: str, today: date) -> dict[str, Any] | None:
    """Return what the badge of a commitment says; None where it cannot be shown. Two queries."""
    record = Record.objects.of_kind("commitment").with_reporting(today).filter(pk=key).first()
    if record is None or record.item is None:
        return None
    known = lists.names([record.signatory])
    item = kinds.typed("commitment", record.item)
    figure = figures.amount(record.progress["value"], item) if record.progress else ""
    return {
        "key": key,
        "title": item["title"],
        "lines": _lines(item["title"]),
        "signatory": known.get(record.signatory, ""),
        "delivery": record.delivery,
        "reporting": record.reporting,
        "figure": figure,
        "words": _in_words(record, item, known.get(record.signatory, ""), figure, today),
    }


def _lines(title: str) -> list[str]:
    lines = wrap(title, LINE) or [title]
    if len(lines) > MOST_LINES:
        lines = [*lines[: MOST_LINES - 1], f"{lines[MOST_LINES - 1][: LINE - 1]}…"]
    return lines


def _in_words(record: Record, item: dict[str, Any], firm: str, figure: str, today: date) -> str:
    """Return the badge as a sentence, the text alternative of the image."""
    told = f", {figure}" if figure else ""
    return (
        f"{firm} promised: {item['title']}. {codelists.DELIVERY[record.delivery]}{told}. "
        f"Reporting: {codelists.REPORTING[record.reporting].lower()}. As at {words.day(today)}."
    )
