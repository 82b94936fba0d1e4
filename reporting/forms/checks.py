"""Forms for checking an update and replying to the check or to a letter."""

from typing import Any

from django import forms

from charter.forms.fields import MultilineTextField, PlainTextField
from charter.models import PlanNote
from registry.schema.code_lists import CheckResult


class CheckForm(forms.Form):
    result = forms.ChoiceField(
        label="What did the check find?",
        choices=CheckResult.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say what the check found"},
    )
    finding = MultilineTextField(
        label="What did you see?",
        max_length=2_000,
        help_text="The public reads it, such as: Seen 12 of the 14 contracts. Name no person.",
        error_messages={"required": "Say what you saw"},
    )
    by_role = PlainTextField(
        label="Who checked?",
        max_length=100,
        initial="The charter team",
        help_text="A role, never a person, such as: The charter team, or an assessor it names.",
        error_messages={"required": "Say in which role it was checked"},
    )


class PlanNoteForm(forms.Form):
    """A note on planned evidence, for later signatories who plan the same."""

    proved = forms.ChoiceField(
        label="Did the evidence that was planned prove useful?",
        choices=PlanNote.Usefulness.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether it proved useful"},
    )
    comments = PlainTextField(
        label="Why?",
        max_length=300,
        help_text=(
            "Anyone who promises the same measure reads it, without the name of the signatory, "
            "such as: A list of starters did not show who stayed."
        ),
        error_messages={"required": "Say why in a sentence"},
    )

    def __init__(self, data: Any = None, *, note: PlanNote | None) -> None:
        initial = {"proved": note.proved, "comments": note.comments} if note else None
        super().__init__(data, initial=initial)


class CheckReplyForm(forms.Form):
    reply = MultilineTextField(
        label="Your reply",
        max_length=2_000,
        help_text="The public reads it beside the check. There is one reply. Name no person.",
        error_messages={"required": "Write your reply, or leave this page"},
    )


class LetterAnswerForm(forms.Form):
    """The signatory's reply to a letter from the council."""

    answer = MultilineTextField(
        label="Your answer",
        max_length=2_000,
        help_text="The public reads it beside the letter. There is one answer. Name no person.",
        error_messages={"required": "Write your answer, or leave this page"},
    )
