"""The public fields of each kind: the allow-list, the types and the help texts, declared once.

Validation, OpenAPI, CSV columns and the data page are all generated from it. Within version 1 of
the API, fields are only added, never renamed or given another meaning.
"""

from functools import cache
from typing import Any

from rest_framework import serializers

from registry.schema import code_lists, commitment_fields
from registry.schema.fields import Key, ObjectSerializer, PlainDecimalField, Text, choice, optional
from registry.schema.nested import (
    Baseline,
    CheckMade,
    Confirmed,
    Contact,
    Contract,
    EvidenceLink,
    Figure,
    FormerName,
    Identifier,
    Owner,
    Pause,
    PlannedEvidence,
    Source,
    Target,
    Tier,
)

LICENCE = "http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"


class InvalidItemError(ValueError):
    """An item that its kind does not allow; the message names the fields."""


class ItemSerializer(ObjectSerializer):
    """The fields common to all kinds."""

    change_reason = optional(Text, help_text="The public reason of the latest change")


class CharterItem(ItemSerializer):
    title = Text()
    description = Text()
    owner = Owner()
    contact = optional(Contact, help_text="The team that keeps the register")
    edition = Text()
    valid_from = serializers.DateField()
    valid_to = optional(serializers.DateField)
    tiers = optional(Tier, many=True)
    default_cadence = choice(code_lists.CADENCES)
    reminder_days = serializers.ListField(
        child=serializers.IntegerField(), help_text="Days relative to the due date on which we ask"
    )
    overdue_after_days = serializers.IntegerField()
    silent_after_days = serializers.IntegerField()
    document_url = optional(serializers.URLField)


class ThemeItem(ItemSerializer):
    charter = Key("charter")
    code = serializers.SlugField()
    title = Text()
    description = Text()
    position = serializers.IntegerField()
    valid_from = serializers.DateField()
    valid_to = optional(serializers.DateField)


class MeasureItem(ItemSerializer):
    theme = Key("theme")
    code = Text()
    title = Text()
    definition = Text(help_text="What to count")
    not_counted = optional(Text, help_text="What not to count")
    nature = choice(code_lists.NATURES)
    value_type = choice(["quantity", "money", "percentage", "yes_no", "narrative"])
    unit = Text(help_text="A code such as fte, hours, gbp; the noun stands in unit_label")
    unit_label = Text()
    usual_evidence = Text()
    evidence_strength = optional(
        serializers.ChoiceField, choices=list(code_lists.EVIDENCE_STRENGTHS)
    )
    direction = choice(["increase", "decrease", "maintain", "achieve"])
    counts = choice(code_lists.COUNTS, help_text="What a figure counts")
    counts_reason = Text(help_text="Why it counts this")
    may_be_negative = serializers.BooleanField(help_text="Whether a figure may be below zero")
    valid_from = serializers.DateField()
    valid_to = optional(serializers.DateField)


class SignatoryItem(ItemSerializer):
    charter = Key("charter")
    legal_name = Text()
    trading_name = optional(Text)
    former_names = optional(FormerName, many=True)
    primary_org_id = optional(Text)
    identifiers = optional(Identifier, many=True)
    org_type = optional(Text, help_text="The kind of organisation")
    social_enterprise = optional(serializers.BooleanField)
    size = optional(serializers.ChoiceField, choices=list(code_lists.SIZES))
    sector = optional(Text, help_text="Section of SIC 2007, A to U")
    covers = optional(Text, help_text="Subsidiaries or sites that the commitments cover")
    website = optional(serializers.URLField)
    area_codes = optional(serializers.ListField, child=Text())
    route = optional(serializers.ChoiceField, choices=list(code_lists.ROUTES))
    standing = optional(serializers.ChoiceField, choices=list(code_lists.STANDINGS))
    certificate_number = optional(Text)
    accredited_from = optional(serializers.DateField)
    accredited_to = optional(serializers.DateField)
    joined_on = optional(serializers.DateField)
    left_on = optional(serializers.DateField)
    successor = optional(Key, "signatory", help_text="The signatory that it became part of")
    pause = optional(Pause)
    unreachable_since = optional(serializers.DateField)
    source = optional(Source)


class CommitmentItem(ItemSerializer):
    signatory = Key("signatory")
    charter = Key("charter")
    theme = Key("theme")
    measure = optional(Key, "measure")
    # The plain fields, from their declarations. A class body may add to its own names.
    locals().update(commitment_fields.serializer_fields())
    planned_evidence = PlannedEvidence()
    value_type = choice(["quantity", "money", "percentage", "yes_no", "narrative"])
    unit = optional(Text)
    unit_label = optional(Text)
    baseline = optional(Baseline)
    target = optional(Target)
    area_codes = optional(serializers.ListField, child=Text(), help_text="GSS codes")
    contracts = optional(Contract, many=True)
    supersedes = optional(Key, "commitment")
    based_on = optional(
        Key, "commitment", help_text="The commitment that its wording was taken from"
    )
    sent_on_behalf_by = optional(Text, help_text="The support body that sent it for the signatory")
    end_reason = optional(serializers.ChoiceField, choices=list(code_lists.END_REASONS))
    source = optional(Source)


class PeriodItem(ItemSerializer):
    commitment = Key("commitment")
    from_ = serializers.DateField()
    to = serializers.DateField()
    due_on = serializers.DateField()
    received_on = optional(serializers.DateField, help_text="The day the signatory sent its update")
    update = optional(Key, "update")
    excused_reason = optional(Text)
    requested_on = optional(
        serializers.ListField,
        child=serializers.DateField(),
        help_text="Days on which a request was handed over; public once one came after due_on",
    )


class UpdateItem(ItemSerializer):
    commitment = Key("commitment")
    period = optional(Key, "period")
    from_ = serializers.DateField()
    to = serializers.DateField()
    reported_on = serializers.DateField()
    sent_on_behalf_by = optional(Text, help_text="The support body that sent it for the signatory")
    period_value = optional(PlainDecimalField, help_text="What this period adds")
    cumulative_value = optional(PlainDecimalField, help_text="The value to date")
    percentage_of = optional(PlainDecimalField, help_text="What a percentage is of")
    unit = optional(Text)
    not_measured_reason = optional(Text)
    self_assessment = choice(code_lists.SELF_ASSESSMENTS)
    narrative = optional(Text)
    obstacles = optional(Text)
    lessons = optional(Text)
    nothing_changed = serializers.BooleanField()
    level_of_proof = choice(code_lists.LEVELS_OF_PROOF)
    disputed = optional(serializers.BooleanField)
    check = optional(CheckMade)
    confirmations = optional(
        Confirmed, many=True, help_text="What those who were helped say when they are asked"
    )
    evidence = optional(EvidenceLink, many=True)


class SuccessItem(ItemSerializer):
    signatory = Key("signatory")
    commitments = serializers.ListField(child=Key("commitment"))
    title = Text()
    story = Text()
    happened_from = serializers.DateField()
    happened_to = optional(serializers.DateField)
    area_codes = optional(serializers.ListField, child=Text())
    people_consent = choice(["none_identifiable", "consent_held"])
    level_of_proof = choice(code_lists.LEVELS_OF_PROOF)
    evidence = optional(EvidenceLink, many=True)


class NoticeItem(ItemSerializer):
    charter = Key("charter")
    type = choice(["letter", "featured", "figures"])
    about = optional(Text, help_text="A key")
    title = Text()
    text = Text()
    answer = optional(Text)
    figures = optional(Figure, many=True)
    from_ = optional(serializers.DateField, help_text="The first day of figures")
    to = optional(serializers.DateField, help_text="The last day of figures")
    dated_on = serializers.DateField()


KINDS: dict[str, type[ItemSerializer]] = {
    "charter": CharterItem,
    "theme": ThemeItem,
    "measure": MeasureItem,
    "signatory": SignatoryItem,
    "commitment": CommitmentItem,
    "period": PeriodItem,
    "update": UpdateItem,
    "success": SuccessItem,
    "notice": NoticeItem,
}
# The field of an item that names its parent, which must be published first.
PARENT_FIELDS = {
    "theme": "charter",
    "measure": "theme",
    "signatory": "charter",
    "commitment": "signatory",
    "period": "commitment",
    "update": "commitment",
    "success": "signatory",
    "notice": "charter",
}
PLURALS = {
    "charter": "charters",
    "theme": "themes",
    "measure": "measures",
    "signatory": "signatories",
    "commitment": "commitments",
    "period": "periods",
    "update": "updates",
    "success": "successes",
    "notice": "notices",
}


@cache
def item_serializer(kind: str) -> serializers.Serializer[Any]:
    """Return the serializer of a kind. One instance is enough: it stores no data."""
    return KINDS[kind]()


def clean_item(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """Return the content in its published form: validated, in NFC, without empty values.

    Raise InvalidItemError for unknown fields or invalid values.
    """
    content = _without_empty(content)
    serializer = item_serializer(kind)
    unknown = _unknown_fields(serializer, content)
    if unknown:
        raise InvalidItemError(f"{kind} may not publish: {', '.join(sorted(unknown))}")
    try:
        valid = serializer.run_validation(content)
    except serializers.ValidationError as error:
        raise InvalidItemError(f"{kind}: {error.detail}") from None
    return _without_empty(serializer.to_representation(valid))


def parse_item(kind: str, item: dict[str, Any]) -> dict[str, Any]:
    """Return a published item as Python values, such as dates and decimals.

    Missing fields are None; unknown fields are left out.
    """
    serializer = item_serializer(kind)
    empty: dict[str, Any] = dict.fromkeys(serializer.fields)
    return empty | serializer.to_internal_value(item)


def _unknown_fields(serializer: Any, content: Any, where: str = "") -> set[str]:
    if isinstance(serializer, serializers.ListSerializer):
        members = content if isinstance(content, list) else []
        return {
            name for member in members for name in _unknown_fields(serializer.child, member, where)
        }
    if not isinstance(serializer, serializers.Serializer) or not isinstance(content, dict):
        return set()
    unknown = {f"{where}{name}" for name in content if name not in serializer.fields}
    for name, field in serializer.fields.items():
        unknown |= _unknown_fields(field, content.get(name), f"{where}{name}.")
    return unknown


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _without_empty(member)
            for name, member in value.items()
            if member not in (None, "", [], {})
        }
    if isinstance(value, list):
        return [_without_empty(member) for member in value]
    return value
