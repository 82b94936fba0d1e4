"""Forms to set up the register and admit signatories."""

from typing import Any

from django import forms
from django.utils.text import slugify

from charter import identifiers, reference
from charter.actions import second_person
from charter.forms.fields import (
    AddressField,
    DayField,
    FigureField,
    MultilineTextField,
    PlacesField,
    PlainTextField,
)
from charter.models import Charter, Organisation
from charter.roles import usual_second_person_acts
from registry.reference_data import sectors
from registry.schema.code_lists import OrganisationKind, Route, Size


class SetUpForm(forms.Form):
    """The council, its contact details, and its charter."""

    # The authority.
    name = PlainTextField(label="Name of the council", max_length=200)
    org_id = PlainTextField(
        label="Its identifier", max_length=60, required=False, help_text="Such as GB-LAE-BIR."
    )
    team = PlainTextField(label="Team that looks after the charter", max_length=200)
    contact_email = AddressField(label="Email address for the public")
    telephone = PlainTextField(label="Telephone number", max_length=40)
    postal_address = MultilineTextField(label="Postal address")
    organisation = forms.ModelChoiceField(
        label="The council’s own organisation",
        queryset=Organisation.objects.none(),
        required=False,
        empty_label="It has not signed",
        help_text="If the council signed its charter too, its staff may also be people of this "
        "organisation. They do not decide on what it sends.",
    )
    # Email.
    sender_address = AddressField(label="Email of the register comes from")
    reply_address = AddressField(
        label="Replies go to", help_text="A mailbox that a person reads every working day."
    )
    # The charter.
    title = PlainTextField(label="Name of the charter", max_length=200)
    edition = PlainTextField(label="Edition", max_length=40)
    valid_from = DayField(label="In force since")
    description = MultilineTextField(label="What signatories promise, in a few sentences")
    tiers = MultilineTextField(
        label="Tiers by the value of a contract or grant",
        required=False,
        help_text=(
            "One in a line, with the pounds from which it holds: “Standard: 200,000”. Leave it "
            "empty if value decides nothing."
        ),
    )
    final_update_days = forms.IntegerField(
        label="Days for a final update",
        min_value=1,
        max_value=180,
        help_text="Once the deadline of a commitment has passed, its final update is due after so "
        "many days.",
        error_messages={"required": "Enter a number of days, like 30"},
    )
    second_person_acts = forms.MultipleChoiceField(
        label="What needs a second person?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: [
            (name, act.title) for name, act in second_person.registered_acts().items()
        ],
        help_text="One person proposes it, and it is done when a second one agrees.",
    )
    reason = MultilineTextField(
        label="Why does this change?",
        max_length=300,
        required=False,
        help_text=(
            "Everyone can read this. Needed for anything but the two addresses of the email and "
            "the council’s own organisation."
        ),
    )

    AUTHORITY = (
        "name",
        "org_id",
        "team",
        "contact_email",
        "telephone",
        "postal_address",
        "sender_address",
        "reply_address",
        "organisation",
    )
    CHARTER = ("title", "edition", "valid_from", "description", "tiers", "final_update_days")

    def __init__(self, *args: Any, charter: Charter | None = None, **options: Any) -> None:
        super().__init__(*args, **options)
        if charter is None:
            del self.fields["reason"], self.fields["organisation"]
        else:
            own_signatories = Organisation.objects.signed_with(charter.authority)
            self.fields["organisation"].queryset = own_signatories  # type: ignore[attr-defined]

    @classmethod
    def initial_for_new(cls) -> dict[str, Any]:
        """Return initial values: Birmingham's charter, and the contacts from the settings."""
        defaults = {"second_person_acts": usual_second_person_acts()}
        return reference.authority() | reference.charter() | defaults

    @classmethod
    def initial_of(cls, charter: Charter) -> dict[str, Any]:
        authority_fields = {name: getattr(charter.authority, name) for name in cls.AUTHORITY}
        charter_fields = {name: getattr(charter, name) for name in cls.CHARTER}
        return (
            authority_fields
            | charter_fields
            | {
                "tiers": _format_tiers(charter.tiers),
                "second_person_acts": charter.second_person_acts,
            }
        )

    def clean_tiers(self) -> list[dict[str, Any]]:
        """Return the tiers in their published format."""
        return [
            _parse_tier(line.strip())
            for line in self.cleaned_data["tiers"].split("\n")
            if line.strip()
        ]

    def new_register(self) -> dict[str, Any]:
        """Return a new register with our library of measures, as arguments of the action."""
        return {
            "authority": self.authority_values(),
            "charter": reference.charter() | self.charter_values() | self.second_persons(),
            "themes": reference.themes(),
            "measures": reference.measures(),
        }

    def second_persons(self) -> dict[str, list[str]]:
        return {"second_person_acts": self.cleaned_data["second_person_acts"]}

    def authority_values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.AUTHORITY if name in self.fields}

    def charter_values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.CHARTER}


def _parse_tier(line: str) -> dict[str, Any]:
    title, separator, pounds = line.rpartition(":")
    if not separator or not title.strip():
        raise forms.ValidationError(f"Write a name, a colon and pounds in each line: “{line}”")
    amount = FigureField().clean(pounds)
    return {
        "code": slugify(title),
        "title": title.strip(),
        "threshold": {"amount": str(amount), "currency": "GBP"},
    }


def _format_tiers(tiers: list[dict[str, Any]]) -> str:
    return "\n".join(f"{tier['title']}: {tier['threshold']['amount']}" for tier in tiers)


# Not fields of a signatory: its action takes them as `identifiers`.
NUMBER_FIELDS = ("scheme", "number", "number_is_right")


class OrganisationForm(forms.Form):
    """An organisation's details when it joins the charter."""

    legal_name = PlainTextField(label="Legal name", max_length=200)
    trading_name = PlainTextField(
        label="Name it is known by", max_length=200, required=False, help_text="If it is another."
    )
    kind = forms.ChoiceField(
        label="What it is", choices=[("", "Choose a kind"), *OrganisationKind.choices]
    )
    social_enterprise = forms.BooleanField(
        label="It is a social enterprise",
        required=False,
        help_text="It trades for a social or environmental purpose and puts its profit into it.",
    )
    size = forms.ChoiceField(
        label="How many people work there",
        choices=Size.choices,
        widget=forms.RadioSelect,
    )
    sector = forms.ChoiceField(
        label="Sector",
        required=False,
        choices=lambda: [("", "Not known"), *sectors.section_titles().items()],
    )
    scheme = forms.ChoiceField(
        label="Its number is from",
        required=False,
        choices=[("", "It has no number"), *identifiers.Scheme.choices],
    )
    number = PlainTextField(
        label="Its number",
        max_length=30,
        required=False,
        help_text="An organisation without any number can sign too.",
    )
    number_is_right = forms.BooleanField(
        label="The number is right as it stands", required=False, widget=forms.HiddenInput
    )
    route = forms.ChoiceField(
        label="How it comes to sign", choices=Route.choices, widget=forms.RadioSelect
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        scheme, number = cleaned.get("scheme"), cleaned.get("number")
        if bool(scheme) != bool(number):
            self.add_error("number", "Give both the list and the number in it, or neither")
        elif scheme and number:
            cleaned["number"] = self._validate_number(
                scheme, identifiers.normalise_number(scheme, number)
            )
        return cleaned

    def _validate_number(self, scheme: str, number: str) -> str:
        """Refuse an impossible number, and ask for confirmation of an unusual one."""
        if problem := identifiers.number_problem(scheme, number):
            self.add_error("number", problem)
        elif warning := identifiers.number_warning(scheme, number):
            self.fields["number_is_right"].widget = forms.CheckboxInput()
            if not self.cleaned_data.get("number_is_right"):
                self.add_error(
                    "number_is_right", f"{warning}. Check it; if it is right, tick this box"
                )
        return number


class PublicDetailsForm(OrganisationForm):
    """An organisation's details as its public page shows them."""

    website = forms.URLField(label="Website", required=False, assume_scheme="https")
    covers = MultilineTextField(
        label="Which subsidiaries or sites do the commitments cover?",
        max_length=1_000,
        required=False,
        help_text="Such as “All five kitchens in Birmingham, not the one in Leeds”.",
    )
    area_codes = PlacesField(label="Where does it work?", required=False)


class SignatoryForm(PublicDetailsForm):
    """An organisation that joins the charter, and its contact."""

    contact_email = AddressField(
        label="Email address of the person who will speak for it",
        help_text="We send a link that works once, for 72 hours.",
    )

    def values(self) -> dict[str, Any]:
        """Return the signatory's fields, as arguments of the action."""
        values = {n: v for n, v in self.cleaned_data.items() if n not in NUMBER_FIELDS}
        scheme, number = self.cleaned_data["scheme"], self.cleaned_data["number"]
        return values | {"identifiers": [(scheme, number)] if scheme else []}


class ApplicationForm(OrganisationForm):
    """An organisation's application to join, open to anyone."""

    website = forms.URLField(
        label="Website",
        required=False,
        assume_scheme="https",
        help_text="If your email address is of the same domain, we know you sooner.",
    )
    contact_email = AddressField(
        label="Your email address",
        help_text="The council writes there. It is never published.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": "Give your email address"},
    )
    comments = MultilineTextField(
        label="Anything the council should know",
        max_length=2_000,
        required=False,
        help_text="Such as a contract or grant that asks you to sign.",
    )

    def values(self) -> dict[str, Any]:
        """Return the application's fields, as arguments of the action."""
        return {n: v for n, v in self.cleaned_data.items() if n != "number_is_right"}


class DeclineForm(forms.Form):
    """The reason for declining an application or a request."""

    comments = MultilineTextField(
        label="What should they know?",
        max_length=2_000,
        help_text="We send them your words by email.",
        error_messages={"required": "Enter a reason"},
    )


class ProposalDeclineForm(forms.Form):
    """The comments of a second person who declines a proposal."""

    comments = MultilineTextField(
        label="Why do you decline it?",
        max_length=2_000,
        help_text="We email your words to the person who proposed it.",
        error_messages={"required": "Enter a reason"},
    )
