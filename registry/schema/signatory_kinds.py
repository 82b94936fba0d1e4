"""Who has signed a charter, and what it promised: signatories and commitments."""

from rest_framework import serializers

from registry.schema import code_lists, commitment_fields
from registry.schema.fields import ItemSerializer, Key, Text, choice, optional
from registry.schema.kind_spec import KindSpec
from registry.schema.nested import (
    Baseline,
    Contract,
    FormerName,
    Identifier,
    Pause,
    PlannedEvidence,
    Source,
    Target,
)


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


SIGNATORY_KINDS = (
    KindSpec(
        "signatory",
        "signatories",
        letter="S",
        serializer=SignatoryItem,
        parent="charter",
        search_fields=("trading_name", "legal_name"),
        section="signatories",
        can_be_followed=True,
        new_label="New signatory",
        in_timeline=True,
    ),
    KindSpec(
        "commitment",
        "commitments",
        letter="C",
        serializer=CommitmentItem,
        parent="signatory",
        search_fields=("title", "description", "planned_evidence__text"),
        section="commitments",
        can_be_followed=True,
        new_label="New commitment",
        in_timeline=True,
    ),
)
