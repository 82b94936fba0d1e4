"""Build the list of successes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse

from registry.models import KindCount, ListedSuccess, Record
from registry.open_data.filters import SuccessFilter, chosen_values
from registry.reference_data import places
from registry.schema import code_lists
from registry.website import notices, parameters
from registry.website.facets import MOST_COUNTED
from registry.website.rows import ChosenFilter, FilteredList, control_values, search_note
from registry.website.success_cards import SuccessCard, success_cards
from registry.wording.formatting import count_noun

ROWS, FEATURED = 10, 3


@dataclass(frozen=True)
class SuccessList:
    """A page of the list, with its filters; addresses are "" where there is no such page."""

    sentence: str
    featured: list[SuccessCard]  # On the first page of all successes.
    search_note: str
    rows: list[SuccessCard]
    chosen: list[ChosenFilter]
    values: Mapping[str, Any]  # Of the form's controls, by their names.
    choices: Mapping[str, Any]
    first: str
    next: str


def list_successes(query: QueryDict, today: date) -> SuccessList:
    """Return the successes that match a query, newest first, below the featured ones.

    Ten queries, twelve for a search.
    """
    filters = SuccessFilter(query, queryset=ListedSuccess.objects.live())
    parameters.check_filters(filters)
    matches = filters.qs
    # A part of the successes is counted up to a limit: the log counts them all.
    most = MOST_COUNTED if chosen_values(filters) else None
    total = (
        matches[:most].count()
        if most
        else KindCount.objects.total(["success"], [f"record_status:{Record.Status.LIVE}"])
    )
    if before := parameters.entry_before(query, "before"):
        matches = matches.filter(first_entry__lt=before)
    keys = list(matches.order_by("-first_entry").values_list("key", flat=True)[: ROWS + 1])
    found = Record.objects.in_bulk(keys)
    records = [found[key] for key in keys]
    selection = {
        name: value for name, value in filters.form.cleaned_data.items() if value and name in query
    }
    themes, names = _read_names(selection.get("signatory", ()))
    is_whole_list = not chosen_values(filters) and "before" not in query
    featured = notices.featured_successes(FEATURED) if is_whole_list else []
    on_top = {record.key for record in featured}
    cards = success_cards([*featured, *records[:ROWS]], today)
    page = FilteredList(query, reverse("website:successes"), SuccessFilter)
    return SuccessList(
        sentence=_count_sentence(total, most),
        featured=cards[: len(featured)],
        rows=[card for card in cards[len(featured) :] if card.key not in on_top],
        search_note=search_note(filters.found),
        chosen=list(page.chosen_filters(selection, names)),
        values=control_values(filters, selection),
        choices={
            "theme": themes,
            "area": places.grouped_choices(),
            "size": code_lists.Size.choices,
            "level_of_proof": code_lists.LevelOfProof.choices,
        },
        first=page.list_url() if "before" in query else "",
        next=page.list_url(before=str(records[ROWS - 1].first_entry))
        if len(records) > ROWS
        else "",
    )


def _read_names(keys: Collection[str | None]) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """Return themes in the order of the charter, and names of these and other records by key.

    One query.
    """
    rows = Record.objects.readable().filter(Q(kind="theme") | Q(key__in=keys))
    found = list(rows.values_list("key", "name", "kind", "item__position"))
    themes = sorted(
        (position or 0, name, key) for key, name, kind, position in found if kind == "theme"
    )
    return [(key, name) for _, name, key in themes], {key: name for key, name, _, _ in found}


def _count_sentence(total: int, most: int | None) -> str:
    """Return how many were found; `most` is how many would be counted, None of all successes."""
    if not total:
        return "No successes yet" if most is None else "No successes found"
    text = count_noun(total, "success", "successes")
    if most is None:
        return text
    return f"At least {text} found" if total == most else f"{text} found"
