"""Filters of records, declared once for pages, CSV and API."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict

from registry.log import keys
from registry.models import (
    ListedCommitment,
    ListedSignatory,
    ListedSuccess,
    Record,
    RecordQuerySet,
)
from registry.models.listing import STATE_TAGS
from registry.open_data.search import Found, search_listed, search_signatories
from registry.reference_data import places, sectors
from registry.schema import code_lists, kinds, measure_codes
from registry.schema.codes import CodeList

LONGEST_QUERY = 200
MOST_VALUES = 20
# Filters of commitments that are columns of records, too.
RECORD_COLUMNS = {*kinds.commitment_parents(), "delivery", "level_of_proof", *STATE_TAGS}


class AnyOfField(forms.MultipleChoiceField):
    """The values of a repeated parameter, of which any may match."""

    default_error_messages = {"invalid_choice": "“%(value)s” is not a value of this filter."}

    def __init__(self, *, valid: Any, **options: Any) -> None:
        super().__init__(**options)
        self.valid = valid

    def to_python(self, value: Any) -> list[str]:
        """Skip the empty value sent by a form's untouched choice."""
        return [text for text in super().to_python(value) if text]

    def valid_value(self, value: str) -> bool:
        return bool(self.valid(value))

    def validate(self, value: list[str]) -> None:
        super().validate(value)
        if len(value) > MOST_VALUES:
            raise forms.ValidationError(f"Give at most {MOST_VALUES} values.")


class AnyOfFilter(django_filters.Filter):
    """A filter that matches any of several values."""

    field_class = AnyOfField

    def filter(self, queryset: QuerySet[Any], value: list[str]) -> QuerySet[Any]:
        if self.method or not value:
            return super().filter(queryset, value)
        return queryset.filter(**{f"{self.field_name}__in": value})


class TrueOrFalseField(forms.NullBooleanField):
    """True or false, or empty; any other value is an error, not as if it were empty."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> bool | None:  # type: ignore[override]
        choices = {None: None, "": None, "true": True, "false": False}
        if value not in choices:
            raise forms.ValidationError("Enter true or false.")
        return choices[value]


class TrueOrFalseFilter(django_filters.BooleanFilter):
    """A filter by true or false."""

    field_class = TrueOrFalseField


class TagFilter(AnyOfFilter):
    """A filter of commitments by one of their tags: its own name with any of several values."""

    def filter(self, queryset: QuerySet[Any], value: list[str]) -> QuerySet[Any]:
        if not value:
            return queryset
        tags = tags_of(self.field_name, value)
        if self.field_name in STATE_TAGS:
            position = STATE_TAGS.index(self.field_name)
            return queryset.filter(**{f"day_tags__{position}__in": tags})
        return queryset.filter(tags__overlap=tags)


class TrueOrFalseTagFilter(TrueOrFalseFilter):
    """A filter of commitments by a tag with the value true or false."""

    def filter(self, queryset: QuerySet[Any], value: bool | None) -> QuerySet[Any]:
        if value is None:
            return queryset
        return queryset.filter(tags__contains=tags_of(self.field_name, value))


def tags_of(name: str, value: list[str] | bool) -> list[str]:
    """Return the tags of a filter's values: of any of several, or of true or false."""
    values = value if isinstance(value, list) else [str(value).lower()]
    return [f"{name}:{text}" for text in values]


def _is_key_of(kind: str) -> Callable[[str], bool]:
    return lambda value: keys.is_key(value) and keys.kind_of(value) == kind


def key_filter(kind: str, **options: Any) -> AnyOfFilter:
    """Return a filter by the key of a record of a kind."""
    return AnyOfFilter(valid=_is_key_of(kind), **options)


def code_filter(code_list: type[CodeList], **options: Any) -> AnyOfFilter:
    """Return a filter by codes of a code list."""
    return AnyOfFilter(**_codes_of(code_list.values), **options)


def key_tag_filter(kind: str, **options: Any) -> TagFilter:
    """Return a filter of commitments by the key of a record that they belong to."""
    return TagFilter(valid=_is_key_of(kind), **options)


def code_tag_filter(code_list: type[CodeList], **options: Any) -> TagFilter:
    """Return a filter of commitments by codes of a code list."""
    return TagFilter(**_codes_of(code_list.values), **options)


def _codes_of(codes: Iterable[str]) -> dict[str, Any]:
    """Return the options of a filter by some codes, which an error names."""
    message = f"“%(value)s” is not one of {', '.join(codes)}."
    return {"valid": set(codes).__contains__, "error_messages": {"invalid_choice": message}}


# A commitment can be both: weakened by a change, and corrected downwards.
IS_WEAKENED = Q(weakenings__contains=[{"correction": None}])
IS_CORRECTED_DOWNWARDS = Q(
    *(
        Q(weakenings__contains=[{"correction": code}])
        for code in code_lists.CorrectionGround.values
    ),
    _connector=Q.OR,
)


class CommitmentFilter(django_filters.FilterSet):
    """Filters of listed commitments.

    Those by `STATE_TAGS` need a queryset from `ListedCommitmentQuerySet.on`.
    """

    are_states_stored = True  # in the rows, so that the counts kept of them hold
    found: Found | None = None  # What a search found, once it was made.

    q = django_filters.CharFilter(method="search", max_length=LONGEST_QUERY, label="Words")
    charter = key_tag_filter("charter", label="Charter")
    theme = key_tag_filter("theme", label="Theme")
    measure = key_tag_filter("measure", label="Measure")
    signatory = key_filter("signatory", label="Signatory")
    area = TagFilter(valid=places.get_place, label="Place")
    delivery = code_tag_filter(code_lists.Delivery, label="Delivery")
    reporting = code_tag_filter(code_lists.Reporting, label="Reporting")
    counted_as = TagFilter(
        **_codes_of(code_lists.COUNTED_DELIVERIES),
        label="Delivery, or after the deadline without a result its ending",
    )
    ending = code_tag_filter(code_lists.Ending, label="Ending")
    level_of_proof = code_tag_filter(code_lists.LevelOfProof, label="Level of proof")
    record_status = code_tag_filter(Record.Status, label="Status of the record")
    weakened = TrueOrFalseTagFilter(label="Weakened commitments only")
    corrected_down = TrueOrFalseTagFilter(label="Commitments corrected downwards only")
    ended_unanswered = TrueOrFalseTagFilter(label="Ended unanswered with the membership only")
    size = code_tag_filter(code_lists.Size, label="Size of the signatory")
    sector = TagFilter(
        valid=sectors.section_titles().__contains__, label="Sector: a section of SIC 2007"
    )
    route = code_tag_filter(code_lists.Route, label="How the signatory joined")
    nature = code_tag_filter(measure_codes.Nature, label="Nature of the measure")
    department = TagFilter(
        valid=lambda value: len(value) <= LONGEST_QUERY,
        label="Department that buys, as the contract has it",
    )
    due_year = TagFilter(
        valid=lambda value: value.isdecimal() and len(value) == 4, label="Year of the target"
    )

    class Meta:
        model = ListedCommitment
        fields: list[str] = []

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        self.found = search_listed(queryset, value)
        return self.found.rows


def filter_commitments(query: QueryDict, day: date) -> CommitmentFilter:
    """Return the filters in a query of the commitments, redacted ones too, as they are on a day."""
    commitments = ListedCommitment.objects.all()
    filter_set = CommitmentFilter(query, queryset=commitments)
    if set(STATE_TAGS) & set(query):
        filter_set.are_states_stored = commitments.are_of(day)
        filter_set.queryset = commitments.on(day, is_stored=filter_set.are_states_stored)
    return filter_set


def filter_records(records: RecordQuerySet, filter_set: CommitmentFilter) -> RecordQuerySet:
    """Return those of some records of commitments, from `with_reporting`, that match filters.

    Where all filters are columns of records their indexes lead there without the narrow rows.
    """
    selection = chosen_values(filter_set)
    if not RECORD_COLUMNS.issuperset(selection):
        return records.filter(key__in=filter_set.qs.values("key"))
    return records.filter(**{f"{name}__in": values for name, values in selection.items()})


def chosen_values(filter_set: django_filters.FilterSet) -> dict[str, Any]:
    """Return the values of the filters in use, by their names."""
    values = filter_set.form.cleaned_data.items()
    return {name: value for name, value in values if value not in ("", None, [])}


class RecordFilter(django_filters.FilterSet):
    """Filters by parent records, for kinds without filters of their own."""

    charter = key_filter("charter", label="Charter")
    theme = key_filter("theme", label="Theme")
    signatory = key_filter("signatory", label="Signatory")
    commitment = key_filter("commitment", label="Commitment")
    record_status = code_filter(Record.Status, field_name="status", label="Status of the record")

    class Meta:
        model = Record
        fields: list[str] = []


class SuccessFilter(django_filters.FilterSet):
    """Filters of listed successes; theme and size are those of their commitments and signatory."""

    found: Found | None = None  # What a search found, once it was made.

    q = django_filters.CharFilter(method="search", max_length=LONGEST_QUERY, label="Words")
    charter = key_tag_filter("charter", label="Charter")
    theme = key_tag_filter("theme", label="Theme")
    signatory = key_filter("signatory", label="Signatory")
    commitment = key_tag_filter("commitment", label="Commitment")
    record_status = code_filter(Record.Status, field_name="status", label="Status of the record")
    area = TagFilter(valid=places.get_place, label="Place")
    size = code_tag_filter(code_lists.Size, label="Size of the signatory")
    level_of_proof = code_tag_filter(code_lists.LevelOfProof, label="Level of proof")

    class Meta:
        model = ListedSuccess
        fields: list[str] = []

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        self.found = search_listed(queryset, value)
        return self.found.rows


class SignatoryFilter(django_filters.FilterSet):
    """Filters of listed signatories.

    `moved` has the states of the signatories whose stored ones are of another day, as
    `registry.open_data.signatory_states` has them.
    """

    moved: Mapping[str, Mapping[str, int]] = {}
    found: Found | None = None  # What a search found, once it was made.

    q = django_filters.CharFilter(method="search", max_length=LONGEST_QUERY, label="Words")
    standing = code_tag_filter(code_lists.Standing, label="Charter status")
    sector = TagFilter(
        valid=sectors.section_titles().__contains__, label="Sector: a section of SIC 2007"
    )
    size = code_tag_filter(code_lists.Size, label="Size")
    reporting = AnyOfFilter(
        valid=set(code_lists.Reporting.values).__contains__,
        method="filter_reporting",
        label="Reporting of any of its commitments",
    )

    class Meta:
        model = ListedSignatory
        fields: list[str] = []

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        self.found = search_signatories(value)
        return queryset.filter(key__in=self.found.rows.values("key"))

    def filter_reporting(
        self, queryset: QuerySet[Any], name: str, value: list[str]
    ) -> QuerySet[Any]:
        tags = tags_of(name, value)
        matching = [key for key, counts in self.moved.items() if set(tags) & set(counts)]
        stored = Q(tags__overlap=tags)
        if not self.moved:
            return queryset.filter(stored)
        return queryset.filter(stored & ~Q(key__in=list(self.moved)) | Q(key__in=matching))


# One filter set per kind serves pages, CSV and API.
FILTERS: dict[str, type[django_filters.FilterSet]] = dict.fromkeys(kinds.KINDS, RecordFilter) | {
    "commitment": CommitmentFilter,
    "success": SuccessFilter,
}
