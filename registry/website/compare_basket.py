"""Compare signatories and commitments that a reader has collected, over all measures they share."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from django.urls import reverse

from registry.log import keys
from registry.models import ListedCommitment, ListedSignatory, Record
from registry.open_data.filters import LONGEST_QUERY
from registry.open_data.search import search_listed, search_signatories
from registry.open_data.signatory_states import moved_states
from registry.website.basket import PARAMETER, Basket
from registry.website.comparison_blocks import ComparisonBlock, ComparisonRow, comparison_block
from registry.website.comparison_rows import comparison_rows, read_in_order
from registry.website.record_pages import RecordLink
from registry.website.rows import record_names
from registry.website.signatories import SignatoryRow, signatory_rows

MOST_COMMITMENTS = 100  # of each signatory, the newest
MOST_MEASURES = 20
MOST_FOUND = 10


@dataclass(frozen=True)
class Member:
    """What is compared, or could be: its name, and the address with or without it."""

    key: str
    name: str
    url: str

    @property
    def is_signatory(self) -> bool:
        return keys.kind_of(self.key) == "signatory"


@dataclass(frozen=True)
class SharedMeasure:
    measure: RecordLink
    block: ComparisonBlock


@dataclass(frozen=True)
class BasketPage:
    basket: Basket
    members: list[Member]
    text: str  # What was typed to find more.
    found: list[Member]
    signatories: list[SignatoryRow]
    shared: list[SharedMeasure]
    others: list[RecordLink]  # Measures that only one of them uses, or beyond the number shown.
    csv: str


def build_basket_page(basket: Basket, text: str, today: date) -> BasketPage:
    """Return the page of a basket with what was found to add. At most 18 queries."""
    text = text.replace("\\0", "").strip()[:LONGEST_QUERY]
    rows, records = basket_rows(basket, today)
    names = record_names([*basket.keys, *(record.measure for record in records)])
    by_measure: dict[str, list[int]] = defaultdict(list)
    for position, record in enumerate(records):
        if record.measure:
            by_measure[record.measure].append(position)
    shared = [
        measure
        for measure, positions in by_measure.items()
        if len({_member(basket, records[position]) for position in positions}) > 1
    ][:MOST_MEASURES]
    listed = ListedSignatory.objects.filter(key__in=basket.keys).order_by("place", "key")
    return BasketPage(
        basket=basket,
        members=[Member(key, names.get(key, key), basket.url_without(key)) for key in basket.keys],
        text=text,
        found=_find_more(basket, text) if text and not basket.is_full else [],
        signatories=signatory_rows(list(listed), moved_states(today)),
        shared=[
            SharedMeasure(
                RecordLink(measure, names.get(measure, measure)),
                replace(
                    comparison_block(
                        [rows[position] for position in by_measure[measure]],
                        [records[position] for position in by_measure[measure]],
                    ),
                    strip=None,  # The middle of a few chosen ones says nothing.
                ),
            )
            for measure in shared
        ],
        others=[
            RecordLink(measure, names.get(measure, measure))
            for measure in by_measure
            if measure not in shared
        ],
        csv=f"{reverse('website:compare_csv')}?{urlencode({PARAMETER: basket.text})}",
    )


def basket_rows(basket: Basket, today: date) -> tuple[list[ComparisonRow], list[Record]]:
    """Return the commitments of a basket, by measure and name of the signatory, and their records.

    Five queries, and one for each signatory.
    """
    chosen = [key for key in basket.keys if keys.kind_of(key) == "commitment"]
    listed = ListedCommitment.objects.readable()
    found = set(listed.filter(key__in=chosen).values_list("key", flat=True))
    for key in set(basket.keys) - set(chosen):
        of_signatory = listed.filter(signatory=key)
        newest = of_signatory.order_by("-first_entry").values_list("key", flat=True)
        found |= set(newest[:MOST_COMMITMENTS])
    records = read_in_order(sorted(found), today)
    measures = Record.objects.filter(key__in={row.measure for row in records if row.measure})
    order = dict(measures.values_list("key", "code"))
    rows = comparison_rows(records, today)
    pairs = sorted(
        zip(rows, records, strict=True),
        key=lambda pair: (
            order.get(pair[1].measure) or "",
            pair[0].commitment.headline.signatory.upper(),
            pair[1].first_entry,
        ),
    )
    return [row for row, _ in pairs], [record for _, record in pairs]


def _member(basket: Basket, record: Record) -> str | None:
    """Return the member of a basket to which a commitment belongs."""
    return record.key if record.key in basket.keys else record.signatory


def _find_more(basket: Basket, text: str) -> list[Member]:
    """Return the signatories and commitments that a text could mean, but for the collected ones.

    Twelve queries at most.
    """
    signatories = ListedSignatory.objects.filter(
        key__in=search_signatories(text).rows.values("key")
    )
    commitments = search_listed(ListedCommitment.objects.readable(), text).rows
    found = [
        *signatories.order_by("place", "key").values_list("key", "name")[:MOST_FOUND],
        *commitments.order_by("-first_entry").values_list("key", "name")[:MOST_FOUND],
    ]
    return [
        Member(key, name, basket.url_with(key)) for key, name in found if key not in basket.keys
    ]
