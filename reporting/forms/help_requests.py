"""Forms to ask the council for help, and to answer."""

from django import forms

from charter.forms.fields import MultilineTextField


class HelpRequestForm(forms.Form):
    text = MultilineTextField(
        label="Your message to the charter team",
        max_length=5_000,
        help_text="Only the council and people of your organisation can read this.",
        error_messages={"required": "Enter your message"},
    )


class HelpAnswerForm(forms.Form):
    answer = MultilineTextField(
        label="Your answer",
        max_length=5_000,
        help_text="We will email this to the person who asked. It will not be public.",
        error_messages={"required": "Enter your answer"},
    )
