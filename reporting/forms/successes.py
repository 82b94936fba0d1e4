"""Telling a success, with the news of a promise or by itself."""

from typing import Any

from django import forms
from django.core import signing

from charter.forms.commitments import CommitmentForm
from charter.forms.fields import DayField, LongWordsField, WordsField
from charter.models import Commitment
from registry import clock, keys
from reporting.forms.evidence import ON_PAGE, EvidenceForm
from reporting.models import Success

STORY = ["success_title", "success_story", "success_on", "success_consent"]
STORY_KEY = signing.Signer(salt="key of a new success")


class SuccessForm(EvidenceForm):
    """A short dated story, which may carry evidence."""

    success_title = WordsField(
        label="The success in one line",
        max_length=200,
        error_messages={"required": "Give the success a title"},
    )
    success_story = LongWordsField(
        label="What happened?",
        max_length=10_000,
        help_text="Do not name individuals unless they have agreed in writing.",
        error_messages={"required": "Tell what happened"},
    )
    success_on = DayField(
        label="When?",
        help_text="For example 27/3/2026.",
        error_messages={"required": "Say when it happened"},
    )
    success_consent = forms.ChoiceField(
        label="Can anybody be recognised in the story?",
        choices=Success.Consent.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Say whether anybody can be recognised"},
    )

    # The key under which it is told: sent twice, it is one, and nobody's other story is touched.
    story_key = forms.CharField(widget=forms.HiddenInput, required=False)

    @classmethod
    def initial_of(cls, success: Success | None) -> dict[str, Any]:
        """Return what the form of a story begins with."""
        if success is None:
            return {"story_key": STORY_KEY.sign(keys.new("success"))}
        return {
            "story_key": STORY_KEY.sign(success.key),
            "success_title": success.title,
            "success_story": success.story,
            "success_on": success.happened_from,
            "success_consent": success.people_consent,
        }

    def clean(self) -> dict[str, Any]:
        self.check_evidence()
        return self.cleaned_data

    def clean_story_key(self) -> str:
        signed = self.cleaned_data["story_key"]
        try:
            return STORY_KEY.unsign(signed) if signed else keys.new("success")
        except signing.BadSignature:
            raise forms.ValidationError("Open the form again: its address was altered.") from None

    def clean_success_on(self) -> Any:
        day = self.cleaned_data["success_on"]
        if day and day > clock.today():
            raise forms.ValidationError("A success has happened: its day cannot be to come.")
        return day

    def success(self) -> dict[str, Any]:
        """Return the fields of the story, as the actions take them."""
        return {
            "key": self.cleaned_data["story_key"],
            "title": self.cleaned_data["success_title"],
            "story": self.cleaned_data["success_story"],
            "happened_from": self.cleaned_data["success_on"],
            "people_consent": self.cleaned_data["success_consent"],
        }


class StoryForm(SuccessForm):
    """A success told by itself: also where, and of which other promises it came."""

    field_order = [*STORY, "also", "area_codes", *ON_PAGE]

    area_codes = CommitmentForm.base_fields["area_codes"]
    also = forms.MultipleChoiceField(
        label="Did it come of other promises too?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(
        self, *args: Any, promise: Commitment, story: Success | None, **options: Any
    ) -> None:
        super().__init__(
            *args,
            initial=self.initial_of(story),
            given=story.evidence.all() if story else (),
            **options,
        )
        if story:
            self.initial["area_codes"] = story.area_codes
            self.initial["also"] = list(story.commitments.values_list("key", flat=True))
        others = promise.signatory.commitments.public().exclude(pk=promise.pk).order_by("title")
        self.others = {other.key: other for other in others}
        if others:
            offered = [(key, other.title) for key, other in self.others.items()]
            self.fields["also"].choices = offered  # type: ignore[attr-defined]
        else:
            del self.fields["also"]

    def success(self) -> dict[str, Any]:
        told = self.cleaned_data
        return super().success() | {"area_codes": told["area_codes"]}

    def beside(self) -> list[Commitment]:
        """Return the other promises that it came of."""
        return [self.others[key] for key in self.cleaned_data.get("also", [])]
