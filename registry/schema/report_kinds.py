"""What happens to commitments: reporting periods, updates, successes, and the council's notices."""

from rest_framework import serializers

from registry.schema import code_lists
from registry.schema.fields import ItemSerializer, Key, PlainDecimalField, Text, choice, optional
from registry.schema.kind_spec import KindSpec
from registry.schema.nested import CheckMade, Confirmed, EvidenceLink, Figure


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


REPORT_KINDS = (
    KindSpec(
        "period",
        "periods",
        letter="P",
        serializer=PeriodItem,
        parent="commitment",
        in_timeline=True,
    ),
    KindSpec(
        "update",
        "updates",
        letter="U",
        serializer=UpdateItem,
        parent="commitment",
        section="commitments",
        new_label="Update",
        in_timeline=True,
    ),
    KindSpec(
        "success",
        "successes",
        letter="W",
        serializer=SuccessItem,
        parent="signatory",
        search_fields=("title", "story"),
        section="successes",
        new_label="New success",
        in_timeline=True,
    ),
    KindSpec(
        "notice",
        "notices",
        letter="N",
        serializer=NoticeItem,
        parent="charter",
        search_fields=("title",),
        new_label="Notice",
        in_timeline=True,
    ),
)
