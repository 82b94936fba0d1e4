"""Forms to sign a charter: three statements, each with a tick."""

from typing import Any

from django import forms

from charter import pledge
from charter.forms.fields import PlainTextField
from charter.models import Charter

TEXT_HAS_CHANGED = "The charter’s text has changed since you opened this page. Read it again"


class AcceptanceForm(forms.Form):
    """The statements of a person who signs exactly the words that they read (`seen_digest`)."""

    # Its page always shows the digest of the text on that page, also beside an error.
    seen_digest = forms.CharField(widget=forms.HiddenInput, required=False)
    may_sign = forms.BooleanField(
        error_messages={"required": "Select this if you may sign. If not, ask someone who may"}
    )
    licence = forms.BooleanField(
        error_messages={"required": "Select this, or your organisation cannot publish here"}
    )
    permanence = forms.BooleanField(
        error_messages={"required": "Select this if you agree that it cannot be taken back"}
    )

    def __init__(self, *args: Any, charter: Charter, organisation: object, **options: Any) -> None:
        self.digest = pledge.digest_of(pledge.text_of(charter, organisation))
        options["initial"] = {"seen_digest": self.digest}
        super().__init__(*args, **options)
        for name, statement in pledge.statements_for(organisation).items():
            self.fields[name].label = statement

    def clean(self) -> None:
        if self.cleaned_data.get("seen_digest") != self.digest:
            self.add_error(None, TEXT_HAS_CHANGED)

    def values(self) -> dict[str, str]:
        """Return the digest of the words, as an argument of the action."""
        return {"seen_digest": self.digest}


class ApplicantAcceptanceForm(AcceptanceForm):
    """The statements of an applicant, who has no account that would name them."""

    name = PlainTextField(
        label="Your name",
        max_length=200,
        help_text="The council keeps it with your signature. It is never published.",
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Give your name"},
    )

    def values(self) -> dict[str, str]:
        """Return the name and the digest of the words, as arguments of the action."""
        return {"name": self.cleaned_data["name"], **super().values()}


class ObjectionForm(forms.Form):
    """An objection to a signature in the council's files. No email scanner gives the tick."""

    objects = forms.BooleanField(
        label="This is wrong, or we do not want it to be public",
        error_messages={"required": "Select this if you object"},
    )
