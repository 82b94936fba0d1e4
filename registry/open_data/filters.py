"""Search and filters over records, one declaration for page, CSV and API."""

from collections.abc import Iterable
from typing import Any

import django_filters
from django import forms
from django.contrib.postgres.lookups import TrigramWordSimilar
from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Left, Upper

from registry.log import keys
from registry.models import Record
from registry.reference_data import places, sectors
from registry.schema import code_lists, kinds

LONGEST_QUERY = 200
MOST_VALUES = 20
MOST_SIGNATORIES = 200  # whose names fit the words of a search


class AnyOfField(forms.MultipleChoiceField):
    """Values of one parameter given several times; any of them fits."""

    def __init__(self, *, valid: Any, **options: Any) -> None:
        super().__init__(**options)
        self.valid = valid

    def to_python(self, value: Any) -> list[str]:
        """Leave out the empty value that an untouched choice of a form sends."""
        return [text for text in super().to_python(value) if text]

    def valid_value(self, value: str) -> bool:
        return bool(self.valid(value))

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        if len(value) > MOST_VALUES:
            raise forms.ValidationError(f"Give at most {MOST_VALUES} values.")


class AnyOfFilter(django_filters.Filter):
    """Any of several values."""

    field_class = AnyOfField

    def filter(self, queryset: QuerySet[Any], value: list[str]) -> QuerySet[Any]:
        if self.method or not value:
            return super().filter(queryset, value)
        return queryset.filter(**{f"{self.field_name}__in": value})


def key_filter(kind: str, **options: Any) -> AnyOfFilter:
    """Return a filter by the key of a record of a kind."""
    return AnyOfFilter(
        valid=lambda value: keys.is_key(value) and keys.kind_of(value) == kind, **options
    )


def code_filter(codes: Iterable[str], **options: Any) -> AnyOfFilter:
    """Return a filter by codes of a closed list."""
    return AnyOfFilter(valid=set(codes).__contains__, **options)


class CommitmentFilter(django_filters.FilterSet):
    """Filters of commitments; the queryset must carry `reporting`."""

    q = django_filters.CharFilter(method="search", max_length=LONGEST_QUERY, label="Words")
    charter = key_filter("charter", label="Charter")
    theme = key_filter("theme", label="Theme")
    measure = key_filter("measure", label="Measure")
    signatory = key_filter("signatory", label="Signatory")
    area = AnyOfFilter(valid=places.get_place, method="in_area", label="Place")
    delivery = code_filter(code_lists.DELIVERY, label="Delivery")
    reporting = code_filter(code_lists.REPORTING, label="Reporting")
    level_of_proof = code_filter(code_lists.LEVELS_OF_PROOF, label="Level of proof")
    record_status = code_filter(
        Record.Status.values, field_name="status", label="Status of the record"
    )
    weakened = django_filters.BooleanFilter(method="by_weakened", label="Weakened commitments only")
    size = code_filter(code_lists.SIZES, method="of_signatory", label="Size of the signatory")
    sector = code_filter(
        sectors.section_titles(), method="of_signatory", label="Sector: a section of SIC 2007"
    )
    route = code_filter(code_lists.ROUTES, method="of_signatory", label="How the signatory joined")
    nature = code_filter(code_lists.NATURES, method="of_nature", label="Nature of the measure")
    department = AnyOfFilter(
        valid=lambda value: len(value) <= LONGEST_QUERY,
        method="by_department",
        label="Department that buys, as the contract has it",
    )
    due_year = AnyOfFilter(
        valid=lambda value: value.isdecimal() and len(value) == 4,
        method="by_due_year",
        label="Year of the target",
    )

    class Meta:
        model = Record
        fields: list[str] = []

    def search(self, queryset: QuerySet[Record], name: str, value: str) -> QuerySet[Record]:
        return queryset.filter(search_condition(value))

    def in_area(self, queryset: QuerySet[Record], name: str, value: list[str]) -> QuerySet[Record]:
        """Keep what is promised for a place or a part of it."""
        return in_area(queryset, value)

    def of_signatory(
        self, queryset: QuerySet[Record], name: str, value: list[str]
    ) -> QuerySet[Record]:
        return filter_by_signatory(queryset, name, value)

    def of_nature(
        self, queryset: QuerySet[Record], name: str, value: list[str]
    ) -> QuerySet[Record]:
        if not value:
            return queryset
        measures = Record.objects.of_kind("measure").filter(item__nature__in=value)
        return queryset.filter(measure__in=measures.values("key"))

    def by_department(
        self, queryset: QuerySet[Record], name: str, value: list[str]
    ) -> QuerySet[Record]:
        if not value:
            return queryset
        return queryset.alias(department=department_expression()).filter(department__in=value)

    def by_due_year(
        self, queryset: QuerySet[Record], name: str, value: list[str]
    ) -> QuerySet[Record]:
        return (
            queryset.alias(due_year=due_year_expression()).filter(due_year__in=value)
            if value
            else queryset
        )

    def by_weakened(
        self, queryset: QuerySet[Record], name: str, value: bool | None
    ) -> QuerySet[Record]:
        if value is None:
            return queryset
        return queryset.exclude(weakenings=[]) if value else queryset.filter(weakenings=[])


def due_year_expression() -> Any:
    """Return the year in which a commitment is to be kept, as an expression."""
    return Left(Coalesce(KT("item__target__by"), KT("item__end_on")), 4)


def department_expression() -> Any:
    """Return the department that buys what a commitment was made with, as an expression."""
    return KT("item__contracts__0__department")


def places_condition(codes: Iterable[str]) -> Q:
    """Return the condition that an item names any of these places."""
    condition = Q()
    for code in sorted(codes):
        condition |= Q(item__contains={"area_codes": [code]})
    return condition


def search_condition(text: str) -> Q:
    """Return the condition that a record fits words: its own, its signatory's, its place, its key.

    The names of signatories are looked up first, so that the condition itself needs no other row.
    """
    if keys.is_key(keys.normalise_key(text.strip())):
        return Q(key=keys.normalise_key(text.strip()))
    own = Q(search=SearchQuery(text, config="english", search_type="websearch"))
    # Names with typing errors; in capitals, as the index has them.
    alike = TrigramWordSimilar(Upper("name"), Value(text.upper()))
    signatories = (
        Record.objects.of_kind("signatory").filter(own | Q(alike)).values_list("key", flat=True)
    )
    condition = own | Q(alike) | Q(signatory__in=list(signatories[:MOST_SIGNATORIES]))
    named = {
        place.code
        for place in places.all_places().values()
        if place.name.casefold() == text.strip().casefold()
    }
    return condition | places_condition(named) if named else condition


class RecordFilter(django_filters.FilterSet):
    """Filters of the kinds that have none of their own: whatever refers to other records."""

    charter = key_filter("charter", label="Charter")
    theme = key_filter("theme", label="Theme")
    signatory = key_filter("signatory", label="Signatory")
    commitment = key_filter("commitment", label="Commitment")
    record_status = code_filter(
        Record.Status.values, field_name="status", label="Status of the record"
    )

    class Meta:
        model = Record
        fields: list[str] = []


class SuccessFilter(RecordFilter):
    """Filters of successes, which have theme and size from their commitment and signatory."""

    q = django_filters.CharFilter(method="search", max_length=LONGEST_QUERY, label="Words")
    theme = key_filter("theme", method="of_theme", label="Theme")
    commitment = key_filter("commitment", method="of_commitment", label="Commitment")
    area = AnyOfFilter(valid=places.get_place, method="in_area", label="Place")
    size = code_filter(code_lists.SIZES, method="of_size", label="Size of the signatory")
    level_of_proof = code_filter(code_lists.LEVELS_OF_PROOF, label="Level of proof")

    def search(self, queryset: QuerySet[Record], name: str, value: str) -> QuerySet[Record]:
        return queryset.filter(search_condition(value))

    def of_theme(self, queryset: QuerySet[Record], name: str, value: list[str]) -> QuerySet[Record]:
        """Keep what came of a commitment under a theme."""
        if not value:
            return queryset
        commitments = Record.objects.of_kind("commitment").filter(theme__in=value)
        commitment_keys = list(commitments.values_list("key", flat=True))
        return queryset.filter(item__commitments__has_any_keys=commitment_keys)

    def of_commitment(
        self, queryset: QuerySet[Record], name: str, value: list[str]
    ) -> QuerySet[Record]:
        return queryset.filter(item__commitments__has_any_keys=value) if value else queryset

    def in_area(self, queryset: QuerySet[Record], name: str, value: list[str]) -> QuerySet[Record]:
        """Keep what happened in a place or a part of it."""
        return in_area(queryset, value)

    def of_size(self, queryset: QuerySet[Record], name: str, value: list[str]) -> QuerySet[Record]:
        return filter_by_signatory(queryset, "size", value)


def in_area(queryset: QuerySet[Record], value: list[str]) -> QuerySet[Record]:
    """Keep what names a place or a part of it."""
    if not value:
        return queryset
    return queryset.filter(
        places_condition({code for place in value for code in places.codes_within(place)})
    )


def filter_by_signatory(
    queryset: QuerySet[Record], field: str, value: list[str]
) -> QuerySet[Record]:
    """Keep the records whose signatory has one of some values."""
    if not value:
        return queryset
    signatories = Record.objects.of_kind("signatory").filter(**{f"item__{field}__in": value})
    return queryset.filter(signatory__in=signatories.values("key"))


# One filter set per kind serves page, CSV and API.
FILTERS: dict[str, type[django_filters.FilterSet]] = dict.fromkeys(kinds.KINDS, RecordFilter) | {
    "commitment": CommitmentFilter,
    "success": SuccessFilter,
}
