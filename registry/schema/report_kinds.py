"""What happens to commitments: reporting periods, updates, successes, and the council's notices."""

from rest_framework import serializers

from registry.schema import code_lists, measure_codes
from registry.schema.derived import DerivedOfPeriod
from registry.schema.fields import (
    CodeField,
    ItemSerializer,
    Key,
    PlainDecimalField,
    Text,
    optional,
)
from registry.schema.kind_spec import KindSpec
from registry.schema.nested import CheckMade, Confirmed, EvidenceLink, Figure


class PeriodItem(ItemSerializer):
    commitment = Key("commitment", help_text="Commitment the period belongs to")
    from_ = serializers.DateField(help_text="First day of the period")
    to = serializers.DateField(help_text="Last day of the period")
    due_on = serializers.DateField(help_text="Date the update is due")
    is_final = optional(
        serializers.BooleanField,
        help_text="Whether the period ends with the final update: it is the last before the "
        "deadline, or the signatory finished early",
    )
    received_on = optional(serializers.DateField, help_text="Date the signatory sent the update")
    update = optional(Key, "update", help_text="Published update on the period")
    excused_reason = optional(Text, help_text="Why no update is required")
    requested_on = optional(
        serializers.ListField,
        child=serializers.DateField(),
        help_text="Dates of requests; public once the update was received, or one followed the "
        "due date",
    )
    contacted_on = optional(
        serializers.ListField,
        child=serializers.DateField(),
        help_text="Those of these dates on which we wrote by post, called or visited; on the "
        "others we sent a reminder by email",
    )


class UpdateItem(ItemSerializer):
    commitment = Key("commitment", help_text="Commitment the update reports on")
    period = optional(Key, "period", help_text="Reporting period the update covers")
    from_ = serializers.DateField(help_text="First day the update covers")
    to = serializers.DateField(help_text="Last day the update covers")
    reported_on = serializers.DateField(help_text="Date the signatory sent the update")
    sent_on_behalf_by = optional(
        Text, help_text="Support body that sent it on the signatory’s behalf"
    )
    period_value = optional(PlainDecimalField, help_text="Value added in this period")
    cumulative_value = optional(PlainDecimalField, help_text="Value to date")
    percentage_of = optional(
        PlainDecimalField, help_text="Number the percentage is calculated from"
    )
    unit = optional(CodeField, measure_codes.Unit, help_text="Unit of the figures")
    not_measured_reason = optional(Text, help_text="Why there is no figure")
    self_assessment = CodeField(
        code_lists.Delivery,
        code_lists.Delivery.self_assessments(),
        help_text="Delivery, as the signatory sees it",
    )
    narrative = optional(Text, help_text="What happened, in the signatory’s words")
    obstacles = optional(Text, help_text="What made delivery harder, in the signatory’s words")
    lessons = optional(Text, help_text="What the signatory learned, in its words")
    nothing_changed = serializers.BooleanField(help_text="Whether the signatory reported no change")
    is_final = optional(
        serializers.BooleanField,
        help_text="Whether it is the final update, which says whether the commitment was met",
    )
    level_of_proof = CodeField(
        code_lists.LevelOfProof, help_text="Level of proof: how the figure is backed"
    )
    disputed = optional(
        serializers.BooleanField,
        help_text="Whether the council or a beneficiary could not confirm the update",
    )
    check = optional(CheckMade, help_text="Check of the update by the council")
    confirmations = optional(
        Confirmed, many=True, help_text="Answers of beneficiaries who were asked to confirm"
    )
    evidence = optional(EvidenceLink, many=True, help_text="Evidence for the update")


class SuccessItem(ItemSerializer):
    signatory = Key("signatory", help_text="Signatory that reported the success")
    commitments = serializers.ListField(
        child=Key("commitment"), help_text="Commitments that led to the success"
    )
    title = Text(help_text="Title of the success")
    story = Text(help_text="What happened")
    happened_from = serializers.DateField(help_text="Date it happened or began")
    happened_to = optional(
        serializers.DateField, help_text="Date it ended, if it took more than a day"
    )
    area_codes = optional(
        serializers.ListField, child=Text(), help_text="GSS codes of places where it happened"
    )
    people_consent = CodeField(
        code_lists.PeopleConsent,
        help_text="Whether no one can be identified, or their consent is held",
    )
    level_of_proof = CodeField(
        code_lists.LevelOfProof, help_text="Level of proof: how the success is backed"
    )
    evidence = optional(EvidenceLink, many=True, help_text="Evidence for the success")


class NoticeItem(ItemSerializer):
    charter = Key("charter", help_text="Charter the notice belongs to")
    type = CodeField(
        code_lists.NoticeType,
        help_text="Whether it is a letter, a reply, a featured record or council performance "
        "figures",
    )
    about = optional(
        Key,
        "signatory",
        "commitment",
        "success",
        help_text="Reference of the record the notice is about",
    )
    period = optional(
        Key, "period", help_text="Reporting period whose missing update a reply is about"
    )
    title = Text(help_text="Title of the notice")
    text = Text(help_text="Text of the notice")
    answer = optional(Text, help_text="Signatory’s reply to the letter")
    figures = optional(Figure, many=True, help_text="Council performance figures")
    from_ = optional(serializers.DateField, help_text="First day the figures cover")
    to = optional(serializers.DateField, help_text="Last day the figures cover")
    dated_on = serializers.DateField(help_text="Date of the notice")


REPORT_KINDS = (
    KindSpec(
        "period",
        "periods",
        letter="P",
        serializer=PeriodItem,
        derived=DerivedOfPeriod,
        parent="commitment",
        compared={"due_on": "Update due"},
        in_timeline=True,
        shown_with=("commitment",),
        folded_fields=("received_on", "is_final"),
    ),
    KindSpec(
        "update",
        "updates",
        letter="U",
        serializer=UpdateItem,
        parent="commitment",
        compared={
            "cumulative_value": "Value to date",
            "self_assessment": "Delivery",
            "narrative": "What happened",
            "level_of_proof": "Level of proof",
        },
        new_label="Update",
        section="commitments",
        search_fields=("narrative", "obstacles", "lessons"),
        in_timeline=True,
        shown_with=("commitment",),
    ),
    KindSpec(
        "success",
        "successes",
        letter="W",
        serializer=SuccessItem,
        parent="signatory",
        name_fields=("title",),
        search_fields=("story",),
        compared={"title": "Title", "story": "What happened", "level_of_proof": "Level of proof"},
        new_label="New success",
        section="successes",
        in_timeline=True,
        shown_with=("signatory", "commitments"),
    ),
    KindSpec(
        "notice",
        "notices",
        letter="N",
        serializer=NoticeItem,
        parent="charter",
        new_label="Notice",  # The list of changes names its type instead.
        in_timeline=True,
        shown_with=("about",),
    ),
)
