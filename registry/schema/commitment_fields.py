"""The fields of a commitment that its signatory fills in, each declared once.

The forms, the spreadsheet, the public item with its help texts, the differences between versions
and the facts on the page are all derived from this list. A plain field needs nothing else.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from rest_framework import serializers

from registry.schema import code_lists
from registry.schema.codes import CodeList
from registry.schema.fields import CodeField, PlainDecimalField, Text

AnyCodeList = type[CodeList]


class FieldType(Enum):
    """How a field is asked, read from a spreadsheet, published and shown."""

    TEXT = auto()  # One line.
    LONG_TEXT = auto()  # Several lines in the signatory's own words, quoted on the page.
    CODE = auto()
    DAY = auto()
    NUMBER = auto()
    # These have functions of their own wherever they differ.
    MEASURE = auto()
    PLACES = auto()
    CONTRACT = auto()


PLAIN_TYPES = frozenset(
    {FieldType.TEXT, FieldType.LONG_TEXT, FieldType.CODE, FieldType.DAY, FieldType.NUMBER}
)


class Section(Enum):
    """The parts of the form, with their headings."""

    OUTCOME = "The outcome"
    EVIDENCE = "How people will know"


class Need(Enum):
    """What a measure must have for a field to be asked."""

    NUMBER = auto()
    STARTING_POINT = auto()


@dataclass(frozen=True, kw_only=True)
class CommitmentField:
    """One field of a commitment: what it is called, where it is asked, what may become of it."""

    name: str  # In the model, the forms and, unless it is `part_of` another, the public item.
    label: str  # On the page, in differences, and as heading of the spreadsheet's column.
    type: FieldType
    # How it is published.
    description: str = ""  # For the API and the data dictionary.
    code_list: AnyCodeList | None = None  # Of a CODE.
    part_of: str = ""  # The public object that contains it, such as target.
    always_published: bool = False  # False for every new field: older items lack it.
    text_if_empty: str = ""  # On the page; "" leaves the fact out.
    # How it is asked.
    question: str = ""  # The label in forms, if `label` does not do.
    hint: str = ""
    missing_message: str = ""  # The error if it is missing; "" for an optional field.
    section: Section = Section.OUTCOME
    asked_of_small: bool = False  # Otherwise optional for small organisations, under "Say more".
    needs: Need | None = None  # Left out where the measure lacks it.
    # What may become of it once it is public.
    may_change: bool = True
    may_weaken: bool = False  # A lower or later one is published as weakened (folding.py).

    @property
    def is_plain(self) -> bool:
        """Return True if the public item contains it as it is, under its own name."""
        return self.type in PLAIN_TYPES and not self.part_of


# In the order of the form, the spreadsheet and the page.
COMMITMENT_FIELDS = (
    CommitmentField(
        name="measure",
        label="Measure",
        type=FieldType.MEASURE,
        question="What will you measure?",
        missing_message="Select a measure",
        asked_of_small=True,
        may_change=False,  # Another measure would be another commitment.
    ),
    CommitmentField(
        name="title",
        label="Commitment",
        type=FieldType.TEXT,
        description="The commitment in one sentence",
        always_published=True,
        question="Your commitment in one sentence",
        hint=(
            "Say what you will do, how much, who it is for and by when. "
            "For example, “Start 20 apprenticeships for care leavers by 30 June 2027”."
        ),
        missing_message="Enter your commitment",
        asked_of_small=True,
    ),
    CommitmentField(
        name="description",
        label="Description",
        type=FieldType.LONG_TEXT,
        description="What the signatory will do, and what difference it will make",
        always_published=True,
        question="What will you do, and what difference will it make?",
        missing_message="Enter what you will do",
    ),
    CommitmentField(
        name="target_value",
        label="Target",
        type=FieldType.NUMBER,
        part_of="target",
        text_if_empty="No numerical target",
        missing_message="Enter a target",
        asked_of_small=True,
        needs=Need.NUMBER,
        may_weaken=True,
    ),
    CommitmentField(
        name="baseline_value",
        label="Starting point",
        type=FieldType.NUMBER,
        part_of="baseline",
        text_if_empty="Not given",
        hint="Enter today’s figure. Leave blank if you do not know it.",
        needs=Need.STARTING_POINT,
        may_weaken=True,
    ),
    CommitmentField(
        name="baseline_on",
        label="Starting point date",
        type=FieldType.DAY,
        part_of="baseline",
        needs=Need.STARTING_POINT,
    ),
    CommitmentField(
        name="start_on",
        label="Start date",
        type=FieldType.DAY,
        description="First day of the commitment",
    ),
    CommitmentField(
        name="end_on",
        label="Deadline",
        type=FieldType.DAY,
        description="Day by which the commitment is to be met",
        missing_message="Enter a deadline",
        asked_of_small=True,
        may_weaken=True,
    ),
    CommitmentField(
        name="area_codes",
        label="Where",
        type=FieldType.PLACES,
        question="Where will it happen?",
    ),
    CommitmentField(
        name="additionality",
        label="Core or additional",
        type=FieldType.CODE,
        description="Whether the signatory would do it anyway (core) or does it on top, if it said",
        code_list=code_lists.Additionality,
        text_if_empty="Not said",
        question="Is this core or additional?",
        missing_message="Select core or additional",
    ),
    CommitmentField(
        name="responsible_role",
        label="Responsible role",
        type=FieldType.TEXT,
        description="Role responsible for the commitment, never a person",
        hint="Enter a job title, never a name. For example, “Head of people”. This will be public.",
    ),
    CommitmentField(
        name="cadence",
        label="Update frequency",
        type=FieldType.CODE,
        description="How often an update is due",
        code_list=code_lists.Cadence,
        always_published=True,
        question="How often will you send an update?",
    ),
    CommitmentField(
        name="contracts",
        label="Contract",
        type=FieldType.CONTRACT,
    ),
    CommitmentField(
        name="evidence_kind",
        label="Kind of evidence",
        type=FieldType.CODE,
        code_list=code_lists.PlannedEvidenceType,
        part_of="planned_evidence",
        question="What evidence will you have?",
        missing_message="Select the kind of evidence you will have",
        section=Section.EVIDENCE,
        may_change=False,
    ),
    CommitmentField(
        name="evidence_text",
        label="Planned evidence",
        type=FieldType.LONG_TEXT,
        part_of="planned_evidence",
        question="How will people know?",
        hint=(
            "One sentence. For example, “Payroll records and letters from the two colleges”. "
            "You cannot change this once it is published."
        ),
        missing_message="Enter how people will know",
        section=Section.EVIDENCE,
        asked_of_small=True,
        may_change=False,
    ),
)


def serializer_fields() -> dict[str, serializers.Field[Any, Any, Any, Any]]:
    """Return the plain fields of the public item, by name."""
    return {
        declared.name: _serializer_field(declared)
        for declared in COMMITMENT_FIELDS
        if declared.is_plain
    }


def _serializer_field(declared: CommitmentField) -> serializers.Field[Any, Any, Any, Any]:
    options: dict[str, Any] = {"help_text": declared.description}
    if not declared.always_published:
        options |= {"required": False, "allow_null": True}
    match declared.type:
        case FieldType.CODE if declared.code_list:
            return CodeField(declared.code_list, **options)
        case FieldType.DAY:
            return serializers.DateField(**options)
        case FieldType.NUMBER:
            return PlainDecimalField(**options)
    return Text(**options)
