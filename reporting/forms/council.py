"""What the council writes to a signatory."""

from django import forms

from charter.forms.fields import LongWordsField


class ReturnForm(forms.Form):
    words = LongWordsField(
        label="What should be different?",
        max_length=2_000,
        help_text=(
            "The signatory reads these words in a mail and above its form. The public does not."
        ),
        error_messages={"required": "Say what should be different before you return it"},
    )
