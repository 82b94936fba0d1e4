"""Saying what should never have been public."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django import forms

from charter.forms.fields import LongWordsField
from registry import codelists, keys
from reporting.models import Evidence
from reporting.redaction import ADDRESSES

# What happens to a register after a restore is no reason that a person chooses.
REASONS = {code: words for code, words in codelists.REDACTION_REASONS.items() if code != "lost"}


class KeyForm(forms.Form):
    key = forms.CharField(
        label="Key of the record",
        max_length=20,
        help_text="It stands at the foot of its page, such as U-7F3K2.",
        error_messages={"required": "Give the key of the record"},
    )

    def clean_key(self) -> str:
        return keys.written_form(self.cleaned_data["key"].strip())


class RedactForm(forms.Form):
    """Words, whole texts of one record, evidence; at least one of them, and why."""

    words = LongWordsField(
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
        choices=list(REASONS.items()),
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the reason that the public will read"},
    )

    def __init__(
        self, data: Any, *, item: dict[str, Any] | None, given: Iterable[Evidence]
    ) -> None:
        super().__init__(data)
        choices = {
            "texts": [(text, f"{name}: {text}") for name, text in _texts(item or {})],
            "evidence": [(str(piece.reference), piece.title) for piece in given],
        }
        for name, offered in choices.items():
            if offered:
                self.fields[name].choices = offered  # type: ignore[attr-defined]
            else:
                del self.fields[name]

    def clean_words(self) -> str:
        words = self.cleaned_data["words"].strip()
        if words and not re.search(r"\w{3}", words):
            raise forms.ValidationError("Give at least three letters or digits in a row")
        return str(words)

    def clean(self) -> dict[str, Any]:
        if not self.errors and not self.passages() and not self.cleaned_data.get("evidence"):
            self.add_error("words", "Say what is to be removed")
        return self.cleaned_data

    def passages(self) -> list[str]:
        """Return the texts to be removed."""
        told = self.cleaned_data
        return [*filter(None, [told.get("words")]), *told.get("texts", [])]


def _texts(item: dict[str, Any], where: str = "") -> Iterator[tuple[str, str]]:
    """Yield what people wrote in an item, with the name of its field."""
    for name, member in item.items():
        label = f"{where}{name}".replace("_", " ")
        for part in member if isinstance(member, list) else [member]:
            if isinstance(part, dict):
                yield from _texts(part, f"{label}, ")
            elif isinstance(part, str) and " " in part and name not in ADDRESSES:
                yield label, part
