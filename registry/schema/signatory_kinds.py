"""Who has signed a charter, and what it promised: signatories and commitments."""

from rest_framework import serializers

from registry.schema import code_lists, commitment_fields, measure_codes
from registry.schema.derived import DerivedOfCommitment
from registry.schema.fields import CodeField, ItemSerializer, Key, Text, optional
from registry.schema.kind_spec import KindSpec
from registry.schema.nested import (
    Baseline,
    Contract,
    FormerName,
    Identifier,
    Pause,
    PlannedEvidence,
    Retraction,
    Source,
    Target,
)


class SignatoryItem(ItemSerializer):
    charter = Key("charter", help_text="Charter that was signed")
    legal_name = Text(help_text="Legal name of the organisation")
    trading_name = optional(Text, help_text="Name the organisation is known by")
    former_names = optional(FormerName, many=True, help_text="Earlier names of the organisation")
    primary_org_id = optional(
        Text, help_text="Organisation identifier for joining other data, as scheme and number"
    )
    identifiers = optional(
        Identifier, many=True, help_text="Numbers in public lists, such as Companies House"
    )
    org_type = optional(CodeField, code_lists.OrganisationKind, help_text="Type of organisation")
    social_enterprise = optional(
        serializers.BooleanField, help_text="Whether the organisation is a social enterprise"
    )
    size = optional(
        CodeField,
        code_lists.Size,
        help_text="Size by number of people employed",
    )
    sector = optional(Text, help_text="Section of SIC 2007, A to U")
    covers = optional(Text, help_text="Subsidiaries or sites covered by the commitments")
    website = optional(serializers.URLField, help_text="Organisation’s own website")
    area_codes = optional(
        serializers.ListField, child=Text(), help_text="GSS codes of places where it works"
    )
    route = optional(
        CodeField,
        code_lists.Route,
        help_text="How the organisation joined",
    )
    standing = optional(CodeField, code_lists.Standing, help_text="Charter status")
    standing_since = optional(
        serializers.DateField, help_text="Date of the latest step of the charter status"
    )
    standing_reason = optional(Text, help_text="Reason given for the charter status")
    standing_plan = optional(
        Text, help_text="What has to happen before a suspended signatory is reinstated"
    )
    certificate_number = optional(Text, help_text="Number of the accreditation certificate")
    accredited_from = optional(serializers.DateField, help_text="First day of the accreditation")
    accredited_to = optional(serializers.DateField, help_text="Last day of the accreditation")
    joined_on = optional(serializers.DateField, help_text="Date the organisation signed")
    accepted_on = optional(
        serializers.DateField,
        help_text="Date one of its own people accepted the charter’s text for it",
    )
    accepted_text_sha256 = optional(
        Text, help_text="SHA-256 of the accepted words, in hexadecimal digits"
    )
    left_on = optional(serializers.DateField, help_text="Date the organisation left the charter")
    successor = optional(Key, "signatory", help_text="Signatory the organisation became part of")
    pause = optional(Pause, help_text="Pause in reporting: no updates are due")
    unreachable_since = optional(
        serializers.DateField,
        help_text="Date since which our emails to the organisation have bounced",
    )
    no_contact_since = optional(
        serializers.DateField,
        help_text="Date since which nobody at the organisation could be asked for updates",
    )
    retractions = optional(
        Retraction, many=True, help_text="Times it was wrongly published as unreachable"
    )
    source = optional(Source, help_text="Source of a record that restates another publication")


class CommitmentItem(ItemSerializer):
    signatory = Key("signatory", help_text="Signatory that made the commitment")
    charter = Key("charter", help_text="Charter the commitment was made under")
    theme = Key("theme", help_text="Theme the commitment belongs to")
    measure = optional(Key, "measure", help_text="Measure the target is counted by")
    # The plain fields, from their declarations. A class body may add to its own names.
    locals().update(commitment_fields.serializer_fields())
    planned_evidence = PlannedEvidence(help_text="Evidence the signatory plans to provide")
    value_type = CodeField(
        measure_codes.ValueType,
        help_text="Type of figure: quantity, money, percentage, yes or no, or words only",
    )
    unit = optional(CodeField, measure_codes.Unit, help_text="Unit of the figures")
    unit_label = optional(Text, help_text="What is counted, as a noun, such as people")
    baseline = optional(Baseline, help_text="Starting point")
    target = optional(Target, help_text="Target and its deadline")
    area_codes = optional(
        serializers.ListField, child=Text(), help_text="GSS codes of places the commitment names"
    )
    contracts = optional(Contract, many=True, help_text="Contracts the commitment was made in")
    supersedes = optional(Key, "commitment", help_text="Commitment this one replaces")
    based_on = optional(Key, "commitment", help_text="Commitment whose wording was used as a model")
    sent_on_behalf_by = optional(
        Text, help_text="Support body that sent it on the signatory’s behalf"
    )
    end_reason = optional(
        CodeField,
        code_lists.EndReason,
        help_text="How the commitment ended",
    )
    correction_ground = optional(
        CodeField,
        code_lists.CorrectionGround,
        help_text="Why this version may correct the commitment downwards",
    )
    correction_document = optional(
        Text, help_text="Document that the correction was checked against"
    )
    source = optional(Source, help_text="Source of a record that restates another publication")


SIGNATORY_KINDS = (
    KindSpec(
        "signatory",
        "signatories",
        letter="S",
        serializer=SignatoryItem,
        parent="charter",
        name_fields=("trading_name", "legal_name", "former_names__name"),
        search_fields=("identifiers__id", "primary_org_id", "covers"),
        compared={
            "legal_name": "Name",
            "trading_name": "Known as",
            "size": "Size",
            "standing": "Charter status",
            "standing_plan": "To be reinstated",
            "certificate_number": "Certificate",
            "area_codes": "Places",
            "covers": "What it covers",
            "website": "Website",
            "left_on": "Left on",
        },
        new_label="New signatory",
        section="signatories",
        in_timeline=True,
        folded_fields=(
            "pause",
            "unreachable_since",
            "no_contact_since",
            "standing",
            "standing_since",
        ),
        can_be_followed=True,
    ),
    KindSpec(
        "commitment",
        "commitments",
        letter="C",
        serializer=CommitmentItem,
        derived=DerivedOfCommitment,
        parent="signatory",
        name_fields=("title",),
        search_fields=("description", "planned_evidence__text"),
        new_label="New commitment",
        section="commitments",
        in_timeline=True,
        shown_with=("signatory", "theme", "measure"),
        can_be_followed=True,
    ),
)
