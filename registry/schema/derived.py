"""Fields that no item contains: they are folded from other entries, or depend on the day."""

from typing import Any

from rest_framework import serializers

from registry.schema import code_lists, measure_codes
from registry.schema.fields import CodeField, Key, PlainDecimalField, optional
from registry.schema.nested import Baseline, Target


class Latest(serializers.Serializer[Any]):
    update = Key("update", help_text="Latest published update")  # type: ignore[assignment]  # a published name, and a method of DRF
    value = optional(PlainDecimalField, help_text="Value to date")
    on = serializers.DateField(help_text="Day the update is of, never after its report")
    reported_on = serializers.DateField(help_text="Day of the report")
    self_assessment = CodeField(
        code_lists.Delivery,
        code_lists.Delivery.self_assessments(),
        help_text="Delivery, as the signatory sees it",
    )
    level_of_proof = CodeField(
        code_lists.LevelOfProof, help_text="Level of proof: how the figure is backed"
    )
    disputed = serializers.BooleanField(
        help_text="Whether the council or a beneficiary could not confirm the update"
    )


class Progress(serializers.Serializer[Any]):
    counts = CodeField(measure_codes.Counts, help_text="What a figure of the measure counts")
    unit = optional(CodeField, measure_codes.Unit, help_text="Unit of the figures")
    start = optional(PlainDecimalField, help_text="Starting point; null if not known")
    value = optional(PlainDecimalField, help_text="Value to date")
    target = optional(PlainDecimalField, help_text="Target")
    direction = CodeField(measure_codes.Direction, help_text="Which way is better")
    promised = optional(
        PlainDecimalField,
        help_text="From start to target; above zero is better, whatever the direction",
    )
    delivered = optional(
        PlainDecimalField,
        help_text="From start to value; above zero is better, whatever the direction",
    )
    share = optional(
        PlainDecimalField, help_text="Delivered as a share of promised: 1 at the target"
    )
    is_met = optional(serializers.BooleanField, help_text="Whether the value reaches the target")
    on = optional(serializers.DateField, help_text="Day the value is of, never after its report")
    reported_on = optional(serializers.DateField, help_text="Day of the report")
    level_of_proof = optional(
        CodeField,
        code_lists.LevelOfProof,
        help_text="Level of proof: how the figure is backed",
    )
    disputed = serializers.BooleanField(
        help_text="Whether the council or a beneficiary could not confirm the figure"
    )


class Original(serializers.Serializer[Any]):
    title = serializers.CharField(help_text="First title")
    description = serializers.CharField(help_text="First description")
    baseline = optional(Baseline, help_text="First starting point")
    target = optional(Target, help_text="First target and its deadline")
    unit = optional(CodeField, measure_codes.Unit, help_text="Unit of the first figures")
    unit_label = optional(serializers.CharField, help_text="What was counted at first")
    end_on = optional(serializers.DateField, help_text="First deadline")
    promised = optional(PlainDecimalField, help_text="From the first start to the first target")


class Weakening(serializers.Serializer[Any]):
    entry = serializers.IntegerField(help_text="Number of the entry that weakened the commitment")
    on = serializers.DateField(help_text="Date the commitment was weakened")
    what = CodeField(
        code_lists.Weakening,
        help_text="Whether the target was lowered, the deadline or starting point moved, the "
        "measure changed or the commitment withdrawn",
    )
    before = optional(serializers.CharField, help_text="Earlier value")
    after = optional(serializers.CharField, help_text="Current value")
    reason = serializers.CharField(help_text="Reason given for the change")
    correction = optional(
        CodeField,
        code_lists.CorrectionGround,
        help_text="Ground on which a correction did it; null for a change",
    )
    document = optional(
        serializers.CharField, help_text="Document that the correction was checked against"
    )


class EndedUnanswered(serializers.Serializer[Any]):
    on = serializers.DateField(help_text="Day the commitment ended with the membership")
    due_on = serializers.DateField(
        help_text="Due date of the oldest update that had not come, after at least one reminder"
    )
    last_heard_on = optional(
        serializers.DateField, help_text="Day of the last update received; null if none ever was"
    )


class DerivedOfCommitment(serializers.Serializer[Any]):
    delivery = CodeField(
        code_lists.Delivery, help_text="Delivery, from the latest published update"
    )
    reporting = CodeField(
        code_lists.Reporting,
        help_text="Whether updates are received, due or late, by the published rule",
    )
    ending = CodeField(
        code_lists.Ending,
        help_text="Whether the deadline has passed, and whether a final update was sent",
    )
    latest = optional(Latest, help_text="Latest published update in short")
    progress = optional(Progress, help_text="Latest figure next to the target")
    original = optional(Original, help_text="What was first promised")
    weakenings = Weakening(
        many=True, help_text="Each time the commitment was weakened or corrected downwards"
    )
    superseded_by = optional(Key, "commitment", help_text="Commitment that replaces this one")
    ended_unanswered = optional(
        EndedUnanswered,
        help_text="The update still missing, after a reminder, when the membership ended",
    )
    signatory_standing = optional(
        CodeField, code_lists.Standing, help_text="Charter status of the signatory"
    )
    signatory_standing_since = optional(
        serializers.DateField,
        help_text="Date of the latest step of the signatory’s charter status",
    )


class DerivedOfPeriod(serializers.Serializer[Any]):
    state = CodeField(
        code_lists.PeriodState,
        allow_null=True,
        help_text="Whether the update was received, is due or is late; null once redacted",
    )
