"""What a council sets up: charters, themes and measures."""

from rest_framework import serializers

from registry.schema import code_lists, measure_codes
from registry.schema.fields import CodeField, ItemSerializer, Key, Text, optional
from registry.schema.kind_spec import KindSpec
from registry.schema.nested import Contact, Owner, Tier


class CharterItem(ItemSerializer):
    title = Text(help_text="Name of the charter")
    description = Text(help_text="What the charter asks of those who sign it")
    owner = Owner(help_text="Council that owns the charter")
    contact = optional(Contact, help_text="Team that runs the register")
    edition = Text(help_text="Edition of the charter’s text")
    valid_from = serializers.DateField(help_text="First day this edition is in force")
    valid_to = optional(serializers.DateField, help_text="Last day this edition is in force")
    tiers = optional(Tier, many=True, help_text="Contract values from which more is asked")
    default_cadence = CodeField(
        code_lists.Cadence,
        help_text="How often an update is due, unless the commitment says otherwise",
    )
    reminder_days = serializers.ListField(
        child=serializers.IntegerField(),
        help_text="Days on which reminders are sent, counted from the due date",
    )
    overdue_after_days = serializers.IntegerField(
        help_text="Days after the due date from which an update is overdue"
    )
    silent_after_days = serializers.IntegerField(
        help_text="Days after the due date from which a signatory is silent"
    )
    final_update_days = optional(
        serializers.IntegerField,
        help_text="Days after the deadline of a commitment on which its final update is due",
    )
    document_url = optional(serializers.URLField, help_text="Web address of the charter’s text")


class ThemeItem(ItemSerializer):
    charter = Key("charter", help_text="Charter the theme belongs to")
    code = serializers.SlugField(
        help_text="Short name within the charter; it stays when the title changes"
    )
    title = Text(help_text="Name of the theme")
    description = Text(help_text="What the theme covers")
    position = serializers.IntegerField(help_text="Position in the charter’s order of themes")
    valid_from = serializers.DateField(help_text="First day the theme may be used")
    valid_to = optional(serializers.DateField, help_text="Last day the theme may be used")


class MeasureItem(ItemSerializer):
    theme = Key("theme", help_text="Theme the measure belongs to")
    code = Text(help_text="Short name within the charter; it stays when the title changes")
    title = Text(help_text="Name of the measure")
    definition = Text(help_text="What to count")
    not_counted = optional(Text, help_text="What not to count")
    nature = CodeField(
        measure_codes.Nature, help_text="Whether it measures an input, output, outcome or impact"
    )
    value_type = CodeField(
        measure_codes.ValueType,
        help_text="Type of figure: quantity, money, percentage, yes or no, or words only",
    )
    unit = CodeField(measure_codes.Unit, help_text="Unit of the figures")
    unit_label = Text(help_text="What is counted, as a noun, such as people")
    usual_evidence = Text(help_text="Evidence usually provided")
    evidence_strength = optional(
        CodeField,
        measure_codes.EvidenceStrength,
        help_text="How strong this kind of evidence is",
    )
    direction = CodeField(
        measure_codes.Direction,
        help_text="Whether more, less or the same is better",
    )
    counts = CodeField(
        measure_codes.Counts,
        help_text="What a figure covers: all since the commitment began, one day or 12 months",
    )
    counts_reason = Text(help_text="Why figures cover this")
    may_be_negative = serializers.BooleanField(help_text="Whether a figure may be below zero")
    valid_from = serializers.DateField(help_text="First day the measure may be used")
    valid_to = optional(serializers.DateField, help_text="Last day the measure may be used")


CHARTER_KINDS = (
    KindSpec(
        "charter",
        "charters",
        letter="A",
        serializer=CharterItem,
        folded_fields=("overdue_after_days", "silent_after_days"),
    ),
    KindSpec(
        "theme",
        "themes",
        letter="T",
        serializer=ThemeItem,
        parent="charter",
        name_fields=("title",),
        search_fields=("description",),
        section="themes",
        folded_fields=("title",),
        can_be_followed=True,
    ),
    KindSpec(
        "measure",
        "measures",
        letter="M",
        serializer=MeasureItem,
        parent="theme",
        name_fields=("title", "code"),
        search_fields=("definition", "unit_label"),
        section="themes",
        shown_with=("theme",),
        folded_fields=("counts", "direction"),
    ),
)
