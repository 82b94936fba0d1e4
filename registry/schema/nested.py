"""The objects inside items, such as a target or a link to evidence: their fields and help texts."""

from typing import Any

from rest_framework import serializers

from registry.schema import code_lists, measure_codes
from registry.schema.fields import (
    CodeField,
    ObjectSerializer,
    PlainDecimalField,
    Text,
    choice,
    optional,
)


class Money(serializers.Serializer[Any]):
    amount = PlainDecimalField(help_text="Amount, as text")
    currency = choice(["GBP"], help_text="Code of the currency")


class Owner(serializers.Serializer[Any]):
    name = Text(help_text="Name of the council")
    org_id = optional(Text, help_text="Identifier by org-id.guide, such as GB-LAE-BIR")


class Contact(serializers.Serializer[Any]):
    team = Text(help_text="Name of the team")
    email = serializers.EmailField(help_text="Email address of the team")
    telephone = Text(help_text="Telephone number of the team")
    postal_address = Text(help_text="Postal address of the team")


class Tier(serializers.Serializer[Any]):
    code = Text(help_text="Short name of the tier")
    title = Text(help_text="Title of the tier")
    threshold = optional(Money, help_text="Contract value from which the tier applies")


class Source(serializers.Serializer[Any]):
    note = Text(help_text="What the record restates")
    title = Text(help_text="Title of the publication")
    dated = optional(
        Text, help_text="Date of the publication, as far as known: a year, a month or a day"
    )


class Identifier(serializers.Serializer[Any]):
    scheme = Text(help_text="Prefix from org-id.guide, such as GB-COH")
    id = Text(help_text="Number in that list, as text")


class FormerName(serializers.Serializer[Any]):
    name = Text(help_text="Earlier name")
    to = serializers.DateField(help_text="Last day the name was used")


class Pause(ObjectSerializer):
    from_ = serializers.DateField(help_text="First day of the pause")
    to = optional(serializers.DateField, help_text="Last day of the pause")
    reason = Text(help_text="Reason for the pause")


class Retraction(serializers.Serializer[Any]):
    unreachable_since = serializers.DateField(help_text="Date since which the register said so")
    on = serializers.DateField(help_text="Date the council took it back")
    reason = Text(help_text="What the council did wrong")


class PlannedEvidence(serializers.Serializer[Any]):
    type = CodeField(code_lists.PlannedEvidenceType, help_text="Kind of evidence")
    text = Text(help_text="How people will know the commitment was met")


class Baseline(serializers.Serializer[Any]):
    value = PlainDecimalField(help_text="Value at the starting point")
    on = optional(serializers.DateField, help_text="Date of the starting point")


class Target(serializers.Serializer[Any]):
    value = PlainDecimalField(help_text="Value to reach")
    by = optional(serializers.DateField, help_text="Deadline for the target")


class EvidenceFile(serializers.Serializer[Any]):
    # Never in an item, so that a register can move: made from its key and the evidence's id.
    url = serializers.URLField(
        read_only=True, help_text="Web address of the file, made when the record is read"
    )
    sha256 = serializers.RegexField("^[0-9a-f]{64}$", help_text="SHA-256 hash of the file")
    bytes = serializers.IntegerField(help_text="Size of the file in bytes")
    media_type = choice(
        ["application/pdf", "image/jpeg", "image/png"], help_text="Format of the file"
    )
    pages = optional(serializers.IntegerField, help_text="Number of pages")
    width = optional(serializers.IntegerField, help_text="Width of a picture in pixels")
    height = optional(serializers.IntegerField, help_text="Height of a picture in pixels")


class Contract(serializers.Serializer[Any]):
    reference = Text(help_text="Reference in the buyer’s contract register")
    ocid = optional(Text, help_text="Open Contracting identifier")
    title = optional(Text, help_text="Title of the contract")
    department = optional(Text, help_text="Buying department")
    stage = optional(
        CodeField,
        code_lists.ContractStage,
        help_text="Stage the contract has reached",
    )
    clause = optional(Text, help_text="Clause that contains the commitment")
    value = optional(Money, help_text="Value of the contract")
    weighting = optional(
        PlainDecimalField, help_text="Weight of social value in the award, in per cent"
    )


class EvidenceLink(serializers.Serializer[Any]):
    id = serializers.UUIDField(help_text="Identifier of the evidence, unique within the record")
    type = CodeField(code_lists.EvidenceType, help_text="Kind of evidence")
    title = optional(Text, help_text="Title of the evidence")
    description = optional(Text, help_text="What the evidence shows")
    url = optional(serializers.URLField, help_text="Web address of the evidence")
    file = optional(EvidenceFile, help_text="File of the evidence")
    alt_text = optional(Text, help_text="Text alternative of a photograph")
    may_be_shown = optional(
        serializers.BooleanField,
        help_text="Whether its sender stated that nobody in it can be recognised",
    )
    page = optional(Text, help_text="Page to look at")
    quote = optional(Text, help_text="Passage to look at")
    dated_on = optional(serializers.DateField, help_text="Date of the evidence")
    last_worked_on = optional(serializers.DateField, help_text="Date a broken link last worked")
    failing_since = optional(
        serializers.DateField, help_text="Date of the first weekly check that found the link broken"
    )
    changed_on = optional(
        serializers.DateField, help_text="Date a weekly check found another document at the link"
    )
    author = optional(Text, help_text="Author of a study")
    assurance = optional(Text, help_text="Who assured a study")
    attribution = optional(
        serializers.IntegerField,
        help_text="Per cent a study attributes to the signatory; no figure is multiplied by it",
    )
    deadweight = optional(
        serializers.IntegerField,
        help_text="Per cent that would have happened anyway; no figure is multiplied by it",
    )
    visibility = CodeField(
        code_lists.EvidenceVisibility,
        help_text="Whether the evidence is public; otherwise only its kind and the reason are",
    )
    withheld_reason = optional(Text, help_text="Why the evidence is not public")


class CheckMade(serializers.Serializer[Any]):
    on = serializers.DateField(help_text="Date of the check")
    by_role = Text(help_text="Role that checked, never a person")
    result = CodeField(code_lists.CheckResult, help_text="Result of the check")
    finding = Text(help_text="What the council found")
    reply = optional(Text, help_text="Signatory’s reply to the finding")


class Confirmed(serializers.Serializer[Any]):
    on = serializers.DateField(help_text="Date of the answer")
    answer = CodeField(code_lists.ConfirmationAnswer, help_text="Answer of the beneficiary")
    body = optional(
        Text, help_text="Organisation that answered, if it agreed to be named; never a person"
    )


class Figure(serializers.Serializer[Any]):
    name = Text(help_text="Name of the figure")
    value = PlainDecimalField(help_text="Value")
    unit = CodeField(measure_codes.Unit, help_text="Unit of the figure")
    of = optional(PlainDecimalField, help_text="Total the value is part of")
