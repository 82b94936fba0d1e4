"""What may be published, per kind: the allow-list, the types, the help texts, declared once.

It is the source of validation, OpenAPI, CSV columns and the page about the data. Within version 1
of the API fields are only added, never renamed or used for something else.
"""

from functools import cache
from typing import Any

from rest_framework import serializers

from registry.schema import code_lists
from registry.schema.fields import Key, PlainDecimalField, Text, choice, optional

LICENCE = "http://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/"


class InvalidItemError(ValueError):
    """The item is not what its kind allows; the message names the fields."""


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


class Pause(serializers.Serializer[Any]):
    # The published name is a reserved word of Python.
    locals()["from"] = serializers.DateField()
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


class ItemSerializer(serializers.Serializer[Any]):
    """What all kinds have in common."""

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
    aggregation = choice(["sum", "latest", "mean", "none"])
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
    title = Text()
    description = Text(help_text="What we will do")
    planned_evidence = PlannedEvidence()
    additionality = choice(code_lists.ADDITIONALITY)
    value_type = choice(["quantity", "money", "percentage", "yes_no", "narrative"])
    unit = optional(Text)
    unit_label = optional(Text)
    baseline = optional(Baseline)
    target = optional(Target)
    start_on = optional(serializers.DateField)
    end_on = optional(serializers.DateField)
    area_codes = optional(serializers.ListField, child=Text(), help_text="GSS codes")
    contracts = optional(Contract, many=True)
    cadence = choice(code_lists.CADENCES)
    responsible_role = optional(Text)
    supersedes = optional(Key, "commitment")
    based_on = optional(
        Key, "commitment", help_text="The commitment that its wording was taken from"
    )
    sent_on_behalf_by = optional(Text, help_text="The support body that sent it for the signatory")
    end_reason = optional(serializers.ChoiceField, choices=list(code_lists.END_REASONS))
    source = optional(Source)


class PeriodItem(ItemSerializer):
    commitment = Key("commitment")
    locals()["from"] = serializers.DateField()
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
    locals()["from"] = serializers.DateField()
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
    locals()["from"] = optional(serializers.DateField, help_text="The first day of figures")
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
# Which field of an item names the record that must exist before it.
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
    """Return the declaration of a kind, made once: it keeps nothing of what it reads."""
    return KINDS[kind]()


def clean_item(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    """Return the content as it is published: validated, NFC, empty values left out; refuse unknown
    fields.
    """
    content = _without_empty(content)
    declared = item_serializer(kind)
    unknown = _unknown_fields(declared, content)
    if unknown:
        raise InvalidItemError(f"{kind} may not publish: {', '.join(sorted(unknown))}")
    try:
        valid = declared.run_validation(content)
    except serializers.ValidationError as error:
        raise InvalidItemError(f"{kind}: {error.detail}") from None
    return _without_empty(declared.to_representation(valid))


def parse_item(kind: str, item: dict[str, Any]) -> dict[str, Any]:
    """Return an item with dates and decimals as such; missing fields are None, unknown ones left
    out.
    """
    declared = item_serializer(kind)
    empty: dict[str, Any] = dict.fromkeys(declared.fields)
    return empty | declared.to_internal_value(item)


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
