"""What a council sets up: charters, themes and measures."""

from rest_framework import serializers

from registry.schema import code_lists
from registry.schema.fields import ItemSerializer, Key, Text, choice, optional
from registry.schema.kind_spec import KindSpec
from registry.schema.nested import Contact, Owner, Tier


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


CHARTER_KINDS = (
    KindSpec(
        "charter",
        "charters",
        letter="A",
        serializer=CharterItem,
        search_fields=("title", "description"),
    ),
    KindSpec(
        "theme",
        "themes",
        letter="T",
        serializer=ThemeItem,
        parent="charter",
        search_fields=("title", "description", "code"),
        section="themes",
        can_be_followed=True,
    ),
    KindSpec(
        "measure",
        "measures",
        letter="M",
        serializer=MeasureItem,
        parent="theme",
        search_fields=("title", "code"),
        section="themes",
    ),
)
