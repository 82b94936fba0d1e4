"""Form fields for text, email addresses, days and figures, tolerant of people's typing."""

import unicodedata
from decimal import Decimal
from typing import Any

from django import forms

from registry.reference_data import places
from registry.schema.fields import REFUSED_CHARACTERS


class PlainTextField(forms.CharField):
    """Plain text fit for publication, without invisible characters."""

    def to_python(self, value: Any) -> str:
        text = (super().to_python(value) or "").replace("\r\n", "\n").replace("\t", " ")
        return REFUSED_CHARACTERS.sub("", unicodedata.normalize("NFC", text))


class MultilineTextField(PlainTextField):
    widget = forms.Textarea

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "rows": 5}


class AddressField(forms.EmailField):
    """An ASCII email address, without invisible characters from copying and pasting."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=254, **options)

    def to_python(self, value: Any) -> str:
        address = "".join(filter(str.isprintable, super().to_python(value) or ""))
        if not address.isascii():
            raise forms.ValidationError(
                "We can only write to addresses of the letters a to z, without accents"
            )
        return address


class DayField(forms.DateField):
    """A day, typed in common formats. A date picker is no help with a day next year."""

    widget = forms.DateInput(
        format="%-d/%-m/%Y", attrs={"class": "govuk-input--width-10", "autocomplete": "off"}
    )
    default_error_messages = {"invalid": "Enter a date, like 30/6/2027"}

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", "For example, 30/6/2027.")
        super().__init__(input_formats=["%d/%m/%Y", "%d %B %Y", "%Y-%m-%d"], **options)


class PlacesField(forms.MultipleChoiceField):
    """Places by their codes: the city and its constituencies first, then its wards, by name."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=_place_choices, **options)


class FigureField(forms.DecimalField):
    """A number as people write it: 1,250 or £30,000 or 45%, and below zero −2.3 or (2.3).

    At least zero by default. With `min_value=None`, the measure decides: `Measure.value_problem`.
    """

    widget = forms.TextInput(
        attrs={"inputmode": "decimal", "class": "govuk-input--width-10", "autocomplete": "off"}
    )
    default_error_messages = {"invalid": "Enter a number, like 20 or 1,250"}

    def __init__(self, **options: Any) -> None:
        options.setdefault("min_value", 0)
        super().__init__(max_digits=14, decimal_places=3, **options)

    def to_python(self, value: Any) -> Any:
        return super().to_python(_plain_number(value) if isinstance(value, str) else value)

    def prepare_value(self, value: Any) -> Any:
        """Show a stored number without trailing zeros, and typed text unchanged."""
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


# The true minus sign becomes the one that Decimal reads.
_PLAIN_CHARACTERS = str.maketrans("\u2212", "-", "£%, \u00a0")


class YesNoField(forms.TypedChoiceField):
    """Yes or no as the numbers 1 and 0. Spreadsheets may spell them out."""

    widget = forms.RadioSelect
    default_error_messages = {"invalid_choice": "Enter yes or no"}

    def __init__(self, **options: Any) -> None:
        choices = [("1", "Yes"), ("0", "No")]
        super().__init__(choices=choices, coerce=Decimal, empty_value=None, **options)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value)
        return {"yes": "1", "no": "0"}.get(text.casefold(), text)

    def prepare_value(self, value: Any) -> Any:
        """Select the choice of a stored number."""
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


def _plain_number(text: str) -> str:
    """Return a typed number without signs of money, and accountants' brackets as a minus."""
    plain = text.translate(_PLAIN_CHARACTERS)
    is_bracketed = plain.startswith("(") and plain.endswith(")")
    return f"-{plain[1:-1]}" if is_bracketed else plain


def _place_choices() -> list[tuple[str, str]]:
    return sorted(
        ((place.code, place.name) for place in places.all_places().values()),
        key=lambda choice: (choice[0].startswith("E05"), choice[1]),
    )
