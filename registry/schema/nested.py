"""The objects inside items, such as a target or a link to evidence: their fields and help texts."""

from typing import Any

from rest_framework import serializers

from registry.schema import code_lists
from registry.schema.fields import ObjectSerializer, PlainDecimalField, Text, choice, optional


class Money(serializers.Serializer[Any]):
    amount = PlainDecimalField()
    currency = choice(["GBP"])


class Owner(serializers.Serializer[Any]):
    name = Text()
    org_id = optional(Text)


class Contact(serializers.Serializer[Any]):
    team = Text()
    email = serializers.EmailField()
    telephone = Text()
    postal_address = Text()


class Tier(serializers.Serializer[Any]):
    code = Text()
    title = Text()
    threshold = optional(Money)


class Source(serializers.Serializer[Any]):
    note = Text(help_text="What the record restates")
    title = Text(help_text="The report that is restated")
    dated = optional(Text, help_text="Its date as far as known: a year, a month or a day")


class Identifier(serializers.Serializer[Any]):
    scheme = Text(help_text="A prefix of org-id.guide, such as GB-COH")
    id = Text()


class FormerName(serializers.Serializer[Any]):
    name = Text()
    to = serializers.DateField()


class Pause(ObjectSerializer):
    from_ = serializers.DateField()
    to = optional(serializers.DateField)
    reason = Text()


class PlannedEvidence(serializers.Serializer[Any]):
    type = Text(help_text="The kind of evidence")
    text = Text(help_text="How you will know")


class Baseline(serializers.Serializer[Any]):
    value = PlainDecimalField()
    on = optional(serializers.DateField)


class Target(serializers.Serializer[Any]):
    value = PlainDecimalField()
    by = optional(serializers.DateField)


class EvidenceFile(serializers.Serializer[Any]):
    url = serializers.URLField()
    sha256 = serializers.RegexField("^[0-9a-f]{64}$")
    bytes = serializers.IntegerField()
    media_type = choice(["application/pdf", "image/jpeg", "image/png"])
    pages = optional(serializers.IntegerField)


class Contract(serializers.Serializer[Any]):
    reference = Text(help_text="As the buyer's contract register writes it")
    ocid = optional(Text, help_text="Open Contracting identifier")
    title = optional(Text)
    department = optional(Text, help_text="Who buys")
    stage = optional(serializers.ChoiceField, choices=list(code_lists.CONTRACT_STAGES))
    clause = optional(Text, help_text="The clause that the commitment stands in")
    value = optional(Money)
    weighting = optional(
        PlainDecimalField, help_text="Per cent that social value weighed in the award"
    )


class EvidenceLink(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    type = choice(code_lists.EVIDENCE_TYPES)
    title = optional(Text)
    description = optional(Text, help_text="What it shows")
    url = optional(serializers.URLField)
    file = optional(EvidenceFile)
    alt_text = optional(Text, help_text="What can be seen in a photograph")
    page = optional(Text)
    quote = optional(Text)
    dated_on = optional(serializers.DateField)
    last_worked_on = optional(
        serializers.DateField, help_text="Of a link that fails since failing_since"
    )
    failing_since = optional(
        serializers.DateField, help_text="The first weekly look at which the link did not work"
    )
    changed_on = optional(
        serializers.DateField, help_text="The weekly look found another document at the link"
    )
    author = optional(Text, help_text="Who wrote a study")
    assurance = optional(Text, help_text="Who assured a study")
    attribution = optional(
        serializers.IntegerField,
        help_text="Per cent that a study puts down to the signatory; no figure is multiplied by it",
    )
    deadweight = optional(
        serializers.IntegerField,
        help_text="Per cent that would have happened anyway; no figure is multiplied by it",
    )
    visibility = choice(["public", "council_only"])
    withheld_reason = optional(Text)


class CheckMade(serializers.Serializer[Any]):
    on = serializers.DateField()
    by_role = Text(help_text="Who checked: a role, never a person")
    result = choice(code_lists.CHECK_RESULTS)
    finding = Text()
    reply = optional(Text, help_text="What the signatory says to it")


class Confirmed(serializers.Serializer[Any]):
    on = serializers.DateField()
    answer = choice(code_lists.CONFIRMATION_ANSWERS)
    body = optional(Text, help_text="Who answered, if it agreed to be named; never a person")


class Figure(serializers.Serializer[Any]):
    name = Text()
    value = PlainDecimalField()
    unit = Text()
    of = optional(PlainDecimalField)
