"""Forms for redacting text and evidence that should never have been public."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django import forms

from charter.forms.fields import MultilineTextField
from registry.log import keys
from registry.schema.code_lists import RedactionReason
from registry.schema.codes import choices_of
from reporting.models import Evidence
from reporting.redaction.search import ADDRESS_FIELDS


class RecordKeyForm(forms.Form):
    key = forms.CharField(
        label="Key of the record",
        max_length=20,
        help_text="It stands at the foot of its page, such as U-7F3K2.",
        error_messages={"required": "Give the key of the record"},
    )

    def clean_key(self) -> str:
        return keys.normalise_key(self.cleaned_data["key"].strip())


class RedactForm(forms.Form):
    """Words, whole fields or evidence to remove, at least one of them, and the reason."""

    passage = MultilineTextField(
        label="The words that should never have been public",
        max_length=10_000,
        help_text="As they stand there, such as a name. They go wherever they are kept.",
        required=False,
    )
    texts = forms.MultipleChoiceField(
        label="Or the whole of", widget=forms.CheckboxSelectMultiple, required=False
    )
    evidence = forms.MultipleChoiceField(
        label="Evidence to erase", widget=forms.CheckboxSelectMultiple, required=False
    )
    reason_code = forms.ChoiceField(
        label="Why?",
        help_text="The public reads this sentence.",
        choices=choices_of(RedactionReason.manual_reasons()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the reason that the public will read"},
    )

    def __init__(
        self, data: Any, *, item: dict[str, Any] | None, evidence: Iterable[Evidence]
    ) -> None:
        super().__init__(data)
        choices = {
            "texts": [(text, f"{name}: {text}") for name, text in _text_fields(item or {})],
            "evidence": [(str(item.reference), item.title) for item in evidence],
        }
        for name, options in choices.items():
            if options:
                self.fields[name].choices = options  # type: ignore[attr-defined]
            else:
                del self.fields[name]

    def clean_passage(self) -> str:
        passage = self.cleaned_data["passage"].strip()
        if passage and not re.search(r"\w{3}", passage):
            raise forms.ValidationError("Give at least three letters or digits in a row")
        return str(passage)

    def clean(self) -> dict[str, Any]:
        if not self.errors and not self.passages_to_remove() and not self.evidence_to_erase():
            self.add_error("passage", "Say what is to be removed")
        return self.cleaned_data

    def passages_to_remove(self) -> list[str]:
        """Return the texts to remove."""
        cleaned = self.cleaned_data
        return [*filter(None, [cleaned.get("passage")]), *cleaned.get("texts", [])]

    def evidence_to_erase(self) -> list[str]:
        """Return the references of the evidence to erase."""
        return self.cleaned_data.get("evidence", [])


class QuestionForm(forms.Form):
    """What a second administrator doubts about a redaction."""

    comments = MultilineTextField(
        label="What do you question?",
        max_length=2_000,
        help_text="We email your words to all administrators. The removed text does not come back.",
        error_messages={"required": "Enter what you question"},
    )


def _text_fields(item: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the free texts of an item, each with the name of its field."""
    for name, value in item.items():
        label = f"{prefix}{name}".replace("_", " ")
        for text in value if isinstance(value, list) else [value]:
            if isinstance(text, dict):
                yield from _text_fields(text, f"{label}, ")
            elif isinstance(text, str) and " " in text and name not in ADDRESS_FIELDS:
                yield label, text
